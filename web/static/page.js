// Everything that the page can do only with a script. It works without: the form is
// sent, the links lead on, and what needs a script stays hidden.

import { remember } from "./kept.js";
import { Help, startKeys, startKeySwitch } from "./keys.js";
import { startSuggestions } from "./suggestions.js";
import { startThemeToggle } from "./theme_toggle.js";

const AGAIN = 1000; // milliseconds between two looks
const LONGEST = 120; // looks; a model that takes longer is in trouble, and says so itself
const WORDS = "The search is starting; questions wait a few seconds.";

const box = document.getElementById("q");
const controls = document.querySelector("[data-controls]");
const help = new Help(
  document.querySelector("[data-help]"),
  controls.querySelector("[data-help-open]"),
);

startThemeToggle(controls.querySelector("[data-theme-toggle]"));
startKeys(box, help);
startKeySwitch(document.querySelector("[data-keys]"));
startSuggestions(box);
controls.hidden = false;

const asked = new URLSearchParams(location.search).get("q");
const isAnswered = asked && !document.body.classList.contains("problem");
if (isAnswered) remember(asked);
// A model that has answered is ready.
else watchReadiness(document.querySelector("[data-status]"));

// Says that the search is starting, for as long as its model is being loaded. A
// question that comes before is answered all the same, only later.
async function watchReadiness(place) {
  for (let look = 0; look < LONGEST && (await isStarting(place.dataset.health)); look += 1) {
    if (!place.textContent) place.textContent = WORDS;
    await new Promise((resolve) => setTimeout(resolve, AGAIN));
  }
  place.textContent = "";
}

async function isStarting(address) {
  try {
    return (await (await fetch(address)).json()).status === "starting";
  } catch {
    return false; // not reached, or no answer of ours
  }
}
