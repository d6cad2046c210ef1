// Selecting pictures: by click, shift, keys, day, or all that match.
import { bind, fill } from "./bind.js";
import { all, choose, chosen, clear, form, frames, page, selecting, tick } from "./gallery-chosen.js";

let anchor;
let shift = false;

function enter(on) {
  page.classList.toggle("selecting", on);
  if (!on) clear();
  show();
}

function show() {
  const bar = form();
  const place = bar.querySelector("[data-count]");
  const count = all() ? bar.elements.all.dataset.all : chosen.size;
  place.textContent = count === 0 ? place.dataset.none : count === 1 ? place.dataset.one : fill(place.dataset.words, { count });
}

/** Selects, or takes from the selected, everything from where one was last to here. */
function range(to, on) {
  const wall = frames();
  const [first, last] = [wall.indexOf(anchor), wall.indexOf(to)].sort((one, other) => one - other);
  wall.slice(Math.max(first, 0), last + 1).forEach((frame) => choose(frame, on));
}

function toggle(frame, on, { extend = false } = {}) {
  if (all()) keepShown();
  if (!selecting()) enter(true);
  if (extend && anchor?.isConnected) range(frame, on);
  else choose(frame, on);
  anchor = frame;
  show();
}

/** One that is taken from all leaves those that the page shows. */
function keepShown() {
  form().elements.all.checked = false;
  frames().forEach((frame) => choose(frame, true));
}

// A shift-click would select text, and a label in which text is selected does not tick its box.
page.addEventListener("mousedown", (event) => {
  shift = event.shiftKey;
  if (shift && event.target.closest(".pick")) event.preventDefault();
});

page.addEventListener("change", ({ target }) => {
  if (target.name === "ids") toggle(target.closest("[data-frame]"), target.checked, { extend: shift });
  if (target.name === "all") {
    if (target.checked) frames().forEach(tick);
    else clear();
    show();
  }
  shift = false;
});

page.addEventListener("click", (event) => {
  const link = event.target.closest("[data-select]");
  const day = event.target.closest("[data-select-section]");
  if (link && !(event.ctrlKey || event.metaKey)) {
    event.preventDefault();
    enter(!selecting());
    if (link.classList.contains("bulk-close")) document.querySelector(".select")?.focus();
  }
  if (day) chooseDay(day.closest(".wall-section"));
});

function chooseDay(section) {
  const own = [...section.querySelectorAll("[data-frame]")];
  const on = !own.every((frame) => chosen.has(frame.dataset.frame));
  own.forEach((frame) => toggle(frame, on));
}

const STEPS = { ArrowLeft: () => -1, ArrowRight: () => 1, ArrowUp: (wall, at) => row(wall, at, -1), ArrowDown: (wall, at) => row(wall, at, 1) };

/** How many pictures on is the one right above or below. */
function row(wall, at, way) {
  const { left, top, width } = wall[at].getBoundingClientRect();
  const middle = left + width / 2;
  for (let next = at + way; wall[next]; next += way) {
    const box = wall[next].getBoundingClientRect();
    if ((box.top - top) * way > 0 && box.left <= middle + 8 && box.right >= middle - 8) return next - at;
  }
  return 0;
}

document.addEventListener("keydown", (event) => {
  if (event.target.closest("details[open], input[type=search], input:not([type]), select")) return;
  const frame = event.target.closest("[data-frame]");
  if (event.key === "Escape" && selecting()) return enter(false);
  if (event.ctrlKey || event.metaKey || event.altKey) return everything(event);
  if (!frame) return;
  if (event.key === "x") return toggle(frame, !chosen.has(frame.dataset.frame), { extend: event.shiftKey });
  if (event.key === "Enter" && event.target.name === "ids") return frame.querySelector("a").click();
  const wall = frames();
  const to = wall[wall.indexOf(frame) + (STEPS[event.key]?.(wall, wall.indexOf(frame)) ?? 0)];
  if (!to || to === frame) return;
  event.preventDefault();
  go(frame, to, event.shiftKey);
});

function everything(event) {
  if (event.key !== "a" || !selecting()) return;
  event.preventDefault();
  form().elements.all.click();
}

function go(from, to, extend) {
  if (extend) {
    if (!chosen.has(from.dataset.frame)) toggle(from, true);
    toggle(to, true);
  }
  to.scrollIntoView({ block: "nearest" });
  to.dispatchEvent(new Event("needed"));
  to.querySelector(selecting() ? "[name=ids]" : "a")?.focus({ preventScroll: true });
}

// What comes later is shown as it is selected; without the mode, boxes that a browser had kept are empty.
bind("[data-frame]", tick);
document.addEventListener("chosen", show);
if (selecting()) show();
