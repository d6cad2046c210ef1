// Pictures of an album are dragged, or moved by keys, and the order is kept at once.
import { fill } from "./bind.js";

const list = document.querySelector("[data-arrange]");
const announcer = document.querySelector("[data-arranged]");
const items = () => [...list.children];
const token = () => list.querySelector("[name=csrfmiddlewaretoken]").value;

async function keep(item) {
  const after = item.previousElementSibling?.dataset.image ?? list.dataset.before;
  const body = new FormData();
  body.set("image", item.dataset.image);
  body.set("after", after);
  const headers = { "X-CSRFToken": token(), "X-Requested-With": "fetch" };
  const response = await fetch(list.dataset.arrange, { method: "POST", body, headers }).catch(() => undefined);
  if (!response?.ok) return location.reload();
  const all = items();
  announcer.textContent = fill(announcer.dataset.arranged, { place: all.indexOf(item) + 1, count: all.length });
}

function moveTo(item, place) {
  const others = items().filter((one) => one !== item);
  const wanted = Math.max(0, Math.min(place, others.length));
  if (wanted === items().indexOf(item)) return;
  const focused = item.contains(document.activeElement) ? document.activeElement : undefined;
  list.insertBefore(item, others[wanted] ?? null);
  ends();
  (focused?.disabled ? item.querySelector("[data-handle]") : focused)?.focus();
  keep(item);
}

/** The first goes no further forward, the last no further back. */
function ends() {
  for (const item of items()) {
    item.querySelector('[data-move="-1"]').disabled = !item.previousElementSibling;
    item.querySelector('[data-move="1"]').disabled = !item.nextElementSibling;
  }
}

list.addEventListener("click", (event) => {
  const button = event.target.closest("[data-move]");
  if (!button) return;
  event.preventDefault();
  const item = button.closest("[data-image]");
  moveTo(item, items().indexOf(item) + Number(button.dataset.move));
});

list.addEventListener("keydown", (event) => {
  const item = event.target.closest("[data-handle]")?.parentElement;
  if (!item) return;
  const here = items().indexOf(item);
  const place = { ArrowLeft: here - 1, ArrowRight: here + 1, Home: 0, End: items().length }[event.key];
  if (place === undefined) return;
  event.preventDefault();
  moveTo(item, place);
});

const HOLD = 300; // ms until a finger lifts a picture instead of scrolling the page
const SLACK = 8; // px that a pointer may stray meanwhile
const EDGE = 90; // px from the window's edges within which the page scrolls under what is carried
let drag;

list.addEventListener("pointerdown", (event) => {
  const handle = event.target.closest("[data-handle]");
  if (!handle || event.button || drag) return;
  drag = { item: handle.parentElement, at: event, pointer: event.pointerId, lifted: false };
  if (event.pointerType !== "mouse") drag.timer = setTimeout(lift, HOLD);
});

document.addEventListener("pointermove", (event) => {
  if (event.pointerId !== drag?.pointer) return;
  if (!drag.lifted) {
    if (Math.hypot(event.clientX - drag.at.clientX, event.clientY - drag.at.clientY) < SLACK) return;
    if (event.pointerType !== "mouse") return drop(false);
    lift();
  }
  drag.at = event;
  place();
});

document.addEventListener("pointerup", (event) => event.pointerId === drag?.pointer && drop(true));
document.addEventListener("pointercancel", (event) => event.pointerId === drag?.pointer && drop(false));
document.addEventListener("keydown", (event) => event.key === "Escape" && drag && drop(false));
list.addEventListener("contextmenu", (event) => drag && event.preventDefault());
list.addEventListener("touchmove", (event) => drag?.lifted && event.preventDefault(), { passive: false });

function lift() {
  drag.lifted = true;
  drag.next = drag.item.nextElementSibling;
  drag.item.classList.add("dragged");
  requestAnimationFrame(creep);
}

function creep() {
  if (!drag?.lifted) return;
  const { clientY } = drag.at;
  if (clientY < EDGE) scrollBy(0, -EDGE / 8);
  if (clientY > innerHeight - EDGE) scrollBy(0, EDGE / 8);
  if (clientY < EDGE || clientY > innerHeight - EDGE) place();
  requestAnimationFrame(creep);
}

function place() {
  const { item, at } = drag;
  const over = document.elementFromPoint(at.clientX, at.clientY)?.closest("[data-image]");
  if (!over || over === item || !list.contains(over)) return;
  const box = over.getBoundingClientRect();
  list.insertBefore(item, at.clientX < box.x + box.width / 2 ? over : over.nextElementSibling);
}

/** Where it is now, or back where it was. */
function drop(here) {
  const { item, lifted, next, timer } = drag;
  clearTimeout(timer);
  drag = undefined;
  if (!lifted) return;
  item.classList.remove("dragged");
  if (!here) list.insertBefore(item, next);
  ends();
  if (item.nextElementSibling !== next) keep(item);
}
