// Which pictures are selected. Frames whose content was released are selected like any other.
export const page = document.querySelector(".gallery");
export const chosen = new Set();
export const frames = () => [...page.querySelectorAll("[data-frame]")];
export const form = () => document.getElementById("selection");
export const selecting = () => page.classList.contains("selecting");
export const all = () => form().elements.all.checked;

/** Makes a picture one of the selected, or no more. */
export function choose(frame, on) {
  if (on) chosen.add(frame.dataset.frame);
  else chosen.delete(frame.dataset.frame);
  tick(frame);
}

/** Shows of a picture whether it is selected. */
export function tick(frame) {
  const box = frame.querySelector("[name=ids]");
  if (box) box.checked = all() || chosen.has(frame.dataset.frame);
}

export function clear() {
  form().elements.all.checked = false;
  chosen.clear();
  frames().forEach(tick);
  document.dispatchEvent(new Event("chosen"));
}
