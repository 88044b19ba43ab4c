// Sets the colours that were chosen before anything is painted. A script of its own in
// <head>, and not a module: the page's policy lets nothing inline run, and what is
// deferred comes after the first paint.
"use strict";

(() => {
  let theme = null;
  try {
    theme = JSON.parse(localStorage.getItem("blogsearch.theme"));
  } catch {
    // Nothing is kept, or storage is forbidden: the colours are the system's.
  }
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
})();
