// Filters that are applied as soon as they are chosen. Their button is for who has no
// script.

export function startFilters(form) {
  for (const button of form.querySelectorAll("[data-apply]")) button.hidden = true;
  for (const field of form.querySelectorAll("select")) {
    let byKeys = false;
    field.addEventListener("keydown", (event) => {
      byKeys = event.key !== "Enter";
      if (event.key === "Enter" && isChanged(field)) form.requestSubmit();
    });
    field.addEventListener("pointerdown", () => { byKeys = false; });
    // The arrow keys change a closed list with each press (WCAG 3.2.2): who uses them
    // says with Enter, or by going on, that the choice is made.
    field.addEventListener("change", () => {
      if (!byKeys) form.requestSubmit();
    });
    field.addEventListener("blur", () => {
      if (byKeys && isChanged(field)) form.requestSubmit();
    });
  }
}

function isChanged(field) {
  return [...field.options].some((option) => option.selected !== option.defaultSelected);
}
