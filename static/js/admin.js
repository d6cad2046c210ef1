// Names for what Django's own scripts build without any: the parts of its choosers, once these stand.

const nameIcons = () => {
  for (const icon of document.querySelectorAll(".search-label-icon")) icon.setAttribute("role", "img");
};

const nameChoosers = () => {
  for (const select of document.querySelectorAll("select.admin-autocomplete")) {
    const [label] = select.labels;
    const combobox = select.nextElementSibling?.querySelector('[role="combobox"]');
    if (!label || !combobox) continue;
    label.id ||= `${select.id}_label`;
    const chosen = document.getElementById(combobox.getAttribute("aria-labelledby"));
    for (const part of [combobox, chosen]) part.setAttribute("aria-labelledby", `${label.id} ${chosen.id}`);
  }
};

window.addEventListener("load", nameIcons);
window.django?.jQuery?.(nameChoosers); // behind what makes them, which waits in the same line
