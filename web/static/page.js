// Everything that the page can do only with a script. It works without: the form is
// sent, the links lead on, and what needs a script stays hidden.

import { startFilters } from "./filters.js";
import { Help } from "./help.js";
import { startKeys, startKeySwitch } from "./keys.js";
import { watchReadiness } from "./readiness.js";
import { remember } from "./recent.js";
import { startSuggestions } from "./suggestions.js";
import { startThemeToggle } from "./theme_toggle.js";

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
startFilters(box.form);
controls.hidden = false;

const asked = new URLSearchParams(location.search).get("q");
const isAnswered = asked && !document.body.classList.contains("problem");
if (isAnswered) remember(asked);
// A model that has answered is ready.
else watchReadiness(document.querySelector("[data-status]"));
