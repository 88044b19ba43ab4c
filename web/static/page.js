// Everything that the page can do only with a script. It works without: the form is
// sent, the links lead on, and what needs a script stays hidden.

import { startThemeToggle } from "./theme_toggle.js";

const box = document.getElementById("q");

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, [contenteditable]");
  if (event.key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  box.focus();
  box.select();
});

const controls = document.querySelector("[data-controls]");
startThemeToggle(controls.querySelector("[data-theme-toggle]"));
controls.hidden = false;

const help = document.querySelector("[data-help]");
controls.querySelector("[data-help-open]").addEventListener("click", () => help.showModal());
help.querySelector("[data-help-close]").addEventListener("click", () => help.close());
