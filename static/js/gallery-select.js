// Selecting pictures: by click, shift, keys, day, or all that match.
import { bind, fill } from "./bind.js";
import { all, choose, chosen, clear, form, page, selecting, tick, tickAll } from "./gallery-chosen.js";
import { say } from "./toast.js";
import { pictureOf } from "./wall-blocks.js";
import { beside, reveal } from "./wall-place.js";
import { pictures, wallOf } from "./wall.js";

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
  const none = !all() && !chosen.size;
  place.textContent = none ? place.dataset.none : chosen.size === 1 && !all() ? place.dataset.one : fill(place.dataset.words, { count });
}

/** Selects, or takes from the selected, everything from where one was last to here. */
function range(to, on) {
  const wall = pictures();
  const [first, last] = [wall.indexOf(anchor), wall.indexOf(to)].sort((one, other) => one - other);
  wall.slice(first, last + 1).forEach((picture) => choose(picture, on));
}

function toggle(picture, on, { extend = false } = {}) {
  if (all()) keepShown();
  if (!selecting()) enter(true);
  if (extend && pictures().includes(anchor)) range(picture, on);
  else choose(picture, on);
  anchor = picture;
  show();
}

/** One that is taken from all leaves those that the page shows. */
function keepShown() {
  form().elements.all.checked = false;
  pictures().forEach((picture) => choose(picture, true));
}

const at = (element) => pictureOf(element.closest("[data-frame]"));

// A shift-click would select text, and a label in which text is selected does not tick its box.
page.addEventListener("mousedown", (event) => {
  shift = event.shiftKey;
  if (shift && event.target.closest(".pick")) event.preventDefault();
});

page.addEventListener("change", ({ target }) => {
  if (target.name === "ids") toggle(at(target), target.checked, { extend: shift });
  if (target.name === "all") {
    if (target.checked) tickAll();
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
  if (day) chooseDay(day);
});

/** All of a day, as the server knows it: also what was not scrolled to. */
async function chooseDay(button) {
  const answer = await fetch(button.dataset.selectSection, { headers: { Accept: "application/json" } }).catch(() => undefined);
  if (!answer?.ok) return document.dispatchEvent(new Event("htmx:sendError"));
  const { ids, note } = await answer.json();
  const on = !ids.every((id) => chosen.has(id));
  if (all()) keepShown();
  if (!selecting()) enter(true);
  for (const id of ids) {
    if (on) chosen.add(id);
    else chosen.delete(id);
  }
  wallOf(button.closest(".wall-section").querySelector(".wall")).pictures.forEach(({ node }) => tick(node));
  show();
  if (note && on) say(note);
}

document.addEventListener("keydown", (event) => {
  if (event.target.closest("details[open], input[type=search], input:not([type]), select")) return;
  const frame = event.target.closest("[data-frame]");
  if (event.key === "Escape" && selecting()) return enter(false);
  if (event.ctrlKey || event.metaKey || event.altKey) return everything(event);
  if (!frame) return;
  const picture = pictureOf(frame);
  if (event.key === "x") return toggle(picture, !chosen.has(picture.id), { extend: event.shiftKey });
  if (event.key === "Enter" && event.target.name === "ids") return frame.querySelector("a").click();
  const to = beside(picture, event.key);
  if (!to) return;
  event.preventDefault();
  go(picture, to, event.shiftKey);
});

function everything(event) {
  if (event.key !== "a" || !selecting()) return;
  event.preventDefault();
  form().elements.all.click();
}

function go(from, to, extend) {
  if (extend) {
    if (!chosen.has(from.id)) toggle(from, true);
    toggle(to, true);
  }
  const frame = reveal(to);
  frame.scrollIntoView({ block: "nearest" });
  frame.querySelector(selecting() ? "[name=ids]" : "a")?.focus({ preventScroll: true });
}

// What comes later is shown as it is selected; without the mode, boxes that a browser had kept are empty.
bind("[data-frame]", tick);
document.addEventListener("chosen", show);
if (selecting()) show();
