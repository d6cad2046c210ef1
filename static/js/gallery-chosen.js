// Which pictures are selected, by name: those that are far from the window, or not there yet, like any other.
import { pictures } from "./wall.js";

export const page = document.querySelector(".gallery");
export const chosen = new Set();
export const form = () => document.getElementById("selection");
export const selecting = () => page.classList.contains("selecting");
export const all = () => form().elements.all.checked;

/** Makes a picture one of the selected, or no more. */
export function choose(picture, on) {
  if (on) chosen.add(picture.id);
  else chosen.delete(picture.id);
  tick(picture.node);
}

/** Shows of a picture's element whether it is selected. */
export function tick(frame) {
  const box = frame?.querySelector("[name=ids]");
  if (!box) return;
  box.checked = all() || chosen.has(frame.dataset.frame);
  frame.classList.toggle("chosen", box.checked);
}

export function tickAll() {
  for (const { node } of pictures()) tick(node);
}

export function clear() {
  form().elements.all.checked = false;
  chosen.clear();
  tickAll();
  document.dispatchEvent(new Event("chosen"));
}
