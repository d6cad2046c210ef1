// Magnifies the picture and moves it: by wheel, pinch, drag, double click and keys; unmagnified, a drag is a swipe.
import { bind } from "./bind.js";

const MOST = 8;
const LEAST_PRESSED = 2; // what a double click magnifies to, where the pixels are fewer
const SWIPE = 60;
const TWICE = 320; // ms between two taps
const pointers = new Map();
let [scale, x, y] = [1, 0, 0];
let stage;
let picture;
let sides = {};
let start;
let tapped = 0;

export const isZoomed = () => scale > 1;

/** Between the whole picture and its own pixels, around a point of the window or the middle. */
export function press(point) {
  const own = Number(picture.dataset.width) / picture.offsetWidth;
  to(isZoomed() ? 1 : Math.min(MOST, Math.max(LEAST_PRESSED, own)), point);
}

/** So many times larger than now. */
export function zoom(factor, point) {
  to(Math.min(MOST, Math.max(1, scale * factor)), point);
}

export function pan(dx, dy) {
  place(scale, x + dx, y + dy);
}

/** Calls what a swipe to that side means. */
export function drag(meant) {
  sides = meant;
}

bind("[data-stage]", (element) => {
  stage = element;
  picture = stage.querySelector("[data-zoomable]");
  pointers.clear();
  [scale, x, y, start] = [1, 0, 0, undefined];
  document.body.classList.remove("zoomed");
  stage.addEventListener("pointerdown", hold);
  stage.addEventListener("pointermove", move);
  stage.addEventListener("pointerup", (event) => release(event, sides));
  stage.addEventListener("pointercancel", (event) => release(event, {}));
  stage.addEventListener("wheel", wheel, { passive: false });
});

function to(wanted, point) {
  const box = stage.getBoundingClientRect();
  const middle = picture.getBoundingClientRect();
  const [px, py] = point ? [point.clientX, point.clientY] : [box.x + box.width / 2, box.y + box.height / 2];
  const by = wanted / scale - 1;
  const dx = px - (middle.x + middle.width / 2);
  const dy = py - (middle.y + middle.height / 2);
  place(wanted, x - dx * by, y - dy * by);
}

/** The picture's edges do not come further in than the stage's. */
function place(wanted, nextX, nextY) {
  scale = wanted;
  x = within(nextX, picture.offsetWidth * scale - stage.clientWidth);
  y = within(nextY, picture.offsetHeight * scale - stage.clientHeight);
  draw(x, y);
  document.body.classList.toggle("zoomed", isZoomed());
  document.querySelector("[data-zoom]").setAttribute("aria-pressed", String(isZoomed()));
}

function within(value, beyond) {
  const most = Math.max(0, beyond / 2);
  return Math.max(-most, Math.min(most, value));
}

function draw(left, top) {
  picture.style.setProperty("--x", `${left}px`);
  picture.style.setProperty("--y", `${top}px`);
  picture.style.setProperty("--zoom", scale);
}

function hold(event) {
  if (event.button) return;
  if (event.target.closest("a, button")) return;
  stage.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, event);
  picture.classList.add("held");
  start = pointers.size === 1 ? event : undefined;
}

function move(event) {
  const before = pointers.get(event.pointerId);
  if (!before) return;
  const [dx, dy] = [event.clientX - before.clientX, event.clientY - before.clientY];
  if (pointers.size === 2) pinch(before, event);
  else if (isZoomed()) pan(dx, dy);
  else if (start && event.pointerType === "touch") draw(event.clientX - start.clientX, Math.max(0, event.clientY - start.clientY));
  pointers.set(event.pointerId, event);
}

function pinch(before, now) {
  const [other] = [...pointers.values()].filter((one) => one.pointerId !== now.pointerId);
  const apart = (one) => Math.hypot(one.clientX - other.clientX, one.clientY - other.clientY) || 1;
  const middle = { clientX: (now.clientX + other.clientX) / 2, clientY: (now.clientY + other.clientY) / 2 };
  zoom(apart(now) / apart(before), middle);
}

function release(event, meant) {
  if (!pointers.delete(event.pointerId)) return;
  picture.classList.remove("held");
  const from = start;
  start = undefined;
  if (!from) return;
  const [dx, dy] = [event.clientX - from.clientX, event.clientY - from.clientY];
  if (Math.hypot(dx, dy) < 8) return tap(event);
  if (isZoomed()) return;
  const side = event.pointerType === "touch" && swiped(dx, dy);
  if (!side || meant[side]?.() !== true) draw(0, 0);
}

function swiped(dx, dy) {
  if (Math.abs(dx) > SWIPE && Math.abs(dx) > 2 * Math.abs(dy)) return dx > 0 ? "right" : "left";
  if (Math.abs(dy) > SWIPE && Math.abs(dy) > 2 * Math.abs(dx)) return dy > 0 ? "down" : "up";
  return undefined;
}

function tap(event) {
  const twice = event.timeStamp - tapped < TWICE;
  tapped = twice ? 0 : event.timeStamp;
  if (twice) press(event);
}

function wheel(event) {
  event.preventDefault();
  zoom(Math.exp(-event.deltaY / 400), event);
}

addEventListener("resize", () => place(scale, x, y));
