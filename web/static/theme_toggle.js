// The button that goes through the themes: as the system says, light, dark.
// theme.js has set the theme already when this runs.

import { read, remove, write } from "./kept.js";

const THEMES = ["auto", "light", "dark"];

export function startThemeToggle(button) {
  const schemes = document.querySelectorAll("meta[name='theme-color'][media]");
  const own = [...schemes].map((meta) => meta.content);

  const show = (theme) => {
    button.textContent = `Theme: ${theme}`;
    if (theme === "auto") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    // The browser's own bar follows: both schemes get the colour of the chosen one.
    schemes.forEach((meta, index) => {
      const chosen = [...schemes].findIndex((one) => one.media.includes(theme));
      meta.content = own[chosen < 0 ? index : chosen];
    });
  };

  let theme = THEMES.includes(read("theme")) ? read("theme") : "auto";
  show(theme);
  button.addEventListener("click", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length];
    if (theme === "auto") remove("theme");
    else write("theme", theme);
    show(theme);
  });
}
