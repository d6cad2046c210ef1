// The details: a panel that folds away and, on phones and upright tablets, a sheet of three heights.
import { bind } from "./bind.js";

const body = document.body;
const facts = () => document.querySelector("[data-facts]");
const HEIGHTS = ["title", "half", "full"];
let start;

export function fold() {
  body.classList.toggle("lightbox-folded");
  document.querySelectorAll("[data-fold]").forEach(press);
}

const press = (button) => button.setAttribute("aria-pressed", String(!body.classList.contains("lightbox-folded")));

/** One height up, from the lowest or the middle. */
export function lift() {
  show(HEIGHTS[Math.min(2, HEIGHTS.indexOf(now()) + 1)]);
}

const now = () => body.dataset.sheet ?? "half";

function show(height) {
  body.dataset.sheet = height;
  facts().scrollTop = 0;
  document.querySelectorAll("[data-grabber]").forEach(expand);
}

const expand = (grabber) => grabber.setAttribute("aria-expanded", String(now() !== "title"));

function nearest(pixels) {
  const room = innerHeight;
  const heights = { title: 132, half: room * 0.46, full: room - 116 };
  return HEIGHTS.reduce((best, one) =>
    Math.abs(heights[one] - pixels) < Math.abs(heights[best] - pixels) ? one : best,
  );
}

bind("[data-fold]", press);

bind("[data-grabber]", (grabber) => {
  expand(grabber);
  grabber.addEventListener("pointerdown", hold);
  grabber.addEventListener("pointermove", move);
  grabber.addEventListener("pointerup", release);
  grabber.addEventListener("pointercancel", release);
  grabber.addEventListener("click", step);
  grabber.addEventListener("keydown", key);
});

function hold(event) {
  start = { y: event.clientY, height: facts().offsetHeight, moved: false };
  event.currentTarget.setPointerCapture(event.pointerId);
}

function move(event) {
  if (!start) return;
  start.moved ||= Math.abs(event.clientY - start.y) > 8;
  if (!start.moved) return;
  body.classList.add("dragging");
  facts().style.setProperty("height", `${start.height + start.y - event.clientY}px`);
}

function release() {
  if (start?.moved) show(nearest(facts().offsetHeight));
  facts().style.removeProperty("height");
  body.classList.remove("dragging");
}

function step() {
  if (!start?.moved) show(HEIGHTS[(HEIGHTS.indexOf(now()) + 1) % HEIGHTS.length]);
  start = undefined;
}

function key(event) {
  const way = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (!way) return;
  event.preventDefault();
  show(HEIGHTS[Math.max(0, Math.min(2, HEIGHTS.indexOf(now()) + way))]);
}
