// Around one picture: keys, the way to its neighbours, and the way back to where one came from.
import { drag, isZoomed, pan, press, zoom } from "./lightbox-zoom.js";
import { remember } from "./gone.js";
import { fold, lift } from "./lightbox-sheet.js";
import { turn } from "./lightbox-turn.js";

const STEP = 80;

function visit(which) {
  const anchor = document.querySelector(`[data-neighbour="${which}"]`);
  if (anchor) turn(anchor.href);
  return Boolean(anchor);
}

function leave() {
  const from = document.referrer && new URL(document.referrer);
  const within = from && from.origin === location.origin && !from.pathname.startsWith("/account");
  if (within && history.length > 1) history.back();
  else location.assign(document.querySelector("[data-lightbox-close]").href);
}

document.addEventListener("click", (event) => {
  const neighbour = event.target.closest("[data-neighbour]");
  if (event.target.closest("[data-zoom]")) press();
  if (event.target.closest("[data-fold]")) fold();
  if (event.metaKey || event.ctrlKey || event.shiftKey) return;
  if (!neighbour && !event.target.closest("[data-lightbox-close]")) return;
  event.preventDefault();
  if (neighbour) visit(neighbour.dataset.neighbour);
  else leave();
});

const KEYS = {
  ArrowLeft: () => (isZoomed() ? pan(STEP, 0) : visit("newer")),
  ArrowRight: () => (isZoomed() ? pan(-STEP, 0) : visit("older")),
  ArrowUp: () => pan(0, STEP),
  ArrowDown: () => pan(0, -STEP),
  Escape: () => (isZoomed() ? press() : leave()),
  "+": () => zoom(1.5),
  "=": () => zoom(1.5),
  "-": () => zoom(1 / 1.5),
  0: () => isZoomed() && press(),
  i: fold,
  z: press,
  s: () => document.getElementById("tool-star")?.click(),
  Delete: () => document.getElementById("tool-trash")?.click(),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (event.target.closest("input, textarea, select, [data-grabber]")) return;
  if (document.querySelector("dialog[open], details.menu[open]")) return;
  const act = KEYS[event.key];
  if (!act || (event.key.startsWith("Arrow") && event.target.closest(".facts"))) return;
  if (event.key.startsWith("Arrow") && isZoomed()) event.preventDefault();
  act();
});

drag({
  left: () => visit("older"),
  right: () => visit("newer"),
  up: lift,
  down: leave,
});

// What threw the picture away, or published it, says which page comes next.
document.addEventListener("replace", (event) => {
  if (event.detail.gone) remember(event.detail.gone);
  location.replace(event.detail.address);
});
