// Single keys for who reads with the keyboard. They may be switched off in the help, as
// WCAG 2.1.4 asks; none works while something is typed, or beside Ctrl, Alt and Meta.

import { read, remove, write } from "./storage.js";

const TYPING = "input, select, textarea, [contenteditable]";

export function startKeys(box, help) {
  const keys = {
    "/": () => {
      box.focus();
      box.select();
    },
    "?": () => help.open(),
    j: () => step(1),
    k: () => step(-1),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.defaultPrevented || help.isOpen || event.target.closest(TYPING)) return;
    if (!Object.hasOwn(keys, event.key) || read("keys") === "off") return;
    event.preventDefault();
    keys[event.key]();
  });
}

export function startKeySwitch(field) {
  field.checked = read("keys") !== "off";
  field.addEventListener("change", () => {
    if (field.checked) remove("keys");
    else write("keys", "off");
  });
}

// Moves the focus to the title of the next or previous result; at the ends it stays.
function step(by) {
  const titles = [...document.querySelectorAll("main article h2 a")].filter((link) => link.checkVisibility());
  const here = document.activeElement.closest("article");
  const from = titles.findIndex((link) => here?.contains(link));
  const next = titles[Math.max(0, Math.min(from + by, titles.length - 1))];
  if (!next) return;
  next.focus({ preventScroll: true });
  next.closest("article").scrollIntoView({ block: "nearest" });
  next.scrollIntoView({ block: "nearest" });
}
