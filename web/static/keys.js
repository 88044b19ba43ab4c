// Single keys for who reads with the keyboard, and the help that names them. They may
// be switched off there, as WCAG 2.1.4 asks; none works while something is typed, or
// beside Ctrl, Alt and Meta.

import { read, remove, write } from "./kept.js";

const TYPING = "input, select, textarea, [contenteditable]";

// The dialog is modal: the browser keeps the focus in it, and gives it back to where it
// was.
export class Help {
  #dialog;

  constructor(dialog, opener) {
    this.#dialog = dialog;
    opener.addEventListener("click", () => this.open());
    dialog.querySelector("[data-help-close]").addEventListener("click", () => dialog.close());
    // A press beside it: only its backdrop is the dialog itself.
    dialog.addEventListener("click", (event) => {
      if (event.target === dialog) dialog.close();
    });
  }

  get isOpen() {
    return this.#dialog.open;
  }

  open() {
    if (!this.#dialog.open) this.#dialog.showModal();
  }
}

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

// Results may be folded.
function isShown(link) {
  return link.checkVisibility?.() ?? true; // browsers before 2023
}

// Moves the focus to the title of the next or previous result; at the ends it stays.
function step(by) {
  const titles = [...document.querySelectorAll("[data-results] h2 a")].filter(isShown);
  const here = document.activeElement.closest("article");
  const from = titles.findIndex((link) => here?.contains(link));
  const next = titles[Math.max(0, Math.min(from + by, titles.length - 1))];
  if (!next) return;
  next.focus({ preventScroll: true });
  next.closest("article").scrollIntoView({ block: "nearest" });
  next.scrollIntoView({ block: "nearest" });
}
