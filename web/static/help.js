// The help on keys and operators. The dialog is modal, so that the browser keeps the
// focus in it, and gives it back to where it was.

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
