// A text field with a list of options under it, as the ARIA Authoring Practices have it
// ("list autocomplete with manual selection"): the focus stays in the field, and the
// option that the arrow keys have reached is named by aria-activedescendant.
// https://www.w3.org/WAI/ARIA/apg/patterns/combobox/
//
// An option is {node, choose(event), forget?()}. Where they come from is not known here.

// Milliseconds. A count that is said at once would be lost among the letters typed.
const SAY_AFTER = 600;

export class Combobox {
  #box;
  #list;
  #said;
  #cancel;
  #options = [];
  #active = -1;
  #saying = 0;

  // `ask` is called for options where the arrow keys open a closed list, `cancel` where
  // a key closes it or empties the field: nothing more is wanted then.
  constructor(box, { ask, cancel }) {
    this.#box = box;
    this.#cancel = cancel;
    this.#list = document.createElement("ul");
    this.#list.id = "suggestions";
    this.#list.className = "suggestions";
    this.#list.setAttribute("role", "listbox");
    this.#list.setAttribute("aria-label", "Suggestions");
    this.#list.hidden = true;
    this.#said = document.createElement("div");
    this.#said.className = "unseen";
    this.#said.setAttribute("aria-live", "polite");
    box.parentElement.classList.add("combobox");
    box.parentElement.append(this.#list, this.#said);

    box.setAttribute("role", "combobox");
    box.setAttribute("aria-autocomplete", "list");
    box.setAttribute("aria-expanded", "false");
    box.setAttribute("aria-controls", this.#list.id);
    box.addEventListener("keydown", (event) => this.#key(event, ask));
    box.addEventListener("blur", () => this.close());
    // The field keeps the focus while an option is pressed.
    this.#list.addEventListener("mousedown", (event) => event.preventDefault());
    this.#list.addEventListener("click", (event) => this.#click(event));
    this.#list.addEventListener("auxclick", (event) => this.#click(event));
  }

  get isOpen() {
    return !this.#list.hidden;
  }

  // Shows these options, none of them chosen; an empty list closes.
  show(options, label) {
    this.#options = options;
    this.#list.setAttribute("aria-label", label);
    this.#list.replaceChildren(...options.map((option) => option.node));
    options.forEach(({ node }, index) => {
      node.id = `suggestion-${index}`;
      node.setAttribute("role", "option");
    });
    this.#list.scrollTop = 0;
    this.#activate(-1);
    this.#open(options.length > 0);
    const count = options.filter((option) => option.counts !== false).length;
    if (count) this.#say(count === 1 ? "1 suggestion" : `${count} suggestions`);
    else this.#say("");
  }

  close() {
    this.#activate(-1);
    this.#open(false);
    this.#say("");
  }

  // Says that the options shown are of an older text, or no longer.
  set isBusy(busy) {
    if (busy) this.#list.setAttribute("aria-busy", "true");
    else this.#list.removeAttribute("aria-busy");
  }

  #open(isOpen) {
    this.#list.hidden = !isOpen;
    this.#box.setAttribute("aria-expanded", String(isOpen));
    this.isBusy = false;
  }

  #say(words) {
    clearTimeout(this.#saying);
    this.#saying = setTimeout(() => { this.#said.textContent = words; }, SAY_AFTER);
  }

  #activate(index) {
    this.#active = index;
    this.#options.forEach(({ node }, at) => node.setAttribute("aria-selected", String(at === index)));
    const node = this.#options[index]?.node;
    if (!node) return this.#box.removeAttribute("aria-activedescendant");
    this.#box.setAttribute("aria-activedescendant", node.id);
    node.scrollIntoView({ block: "nearest" });
  }

  #step(by) {
    const count = this.#options.length;
    // From the field itself, down leads to the first option and up to the last.
    const from = this.#active < 0 && by < 0 ? count : this.#active;
    this.#activate((from + by + count) % count);
  }

  #key(event, ask) {
    // While an input method composes, every key is its own.
    if (event.isComposing || event.keyCode === 229) return;
    if (event.key === "Tab") return this.close();
    if (event.key === "ArrowDown" || event.key === "ArrowUp") return this.#arrow(event, ask);
    if (event.key === "Escape") return this.#escape(event);
    if (event.key === "Enter") this.#cancel();
    if (!this.isOpen) return;
    const option = this.#options[this.#active];
    if (event.key === "Enter" && option) {
      event.preventDefault();
      this.close();
      option.choose(event);
    } else if (event.key === "Enter") {
      this.close();
    } else if (event.key === "Delete" && option?.forget) {
      event.preventDefault();
      option.forget();
    } else if (["Home", "End", "ArrowLeft", "ArrowRight"].includes(event.key)) {
      this.#activate(-1); // the key itself moves the cursor in the field
    }
  }

  #arrow(event, ask) {
    if (event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    if (!this.isOpen) {
      ask();
      if (!this.isOpen || event.altKey) return;
    } else if (event.altKey) {
      if (event.key === "ArrowUp") this.close();
      return;
    }
    this.#step(event.key === "ArrowDown" ? 1 : -1);
  }

  #escape(event) {
    if (!this.isOpen && !this.#box.value) return;
    event.preventDefault();
    this.#cancel();
    if (this.isOpen) this.close();
    else this.#box.value = "";
  }

  #click(event) {
    const node = event.target.closest("[role=option]");
    const option = this.#options.find((one) => one.node === node);
    if (!option || event.button > 1) return;
    event.preventDefault();
    if (option.forget && event.target.closest("[data-forget]")) return option.forget();
    this.close();
    option.choose(event);
  }
}
