// Pictures of an album are dragged, or moved by keys, and the order is kept at once.
import { fill } from "./bind.js";

const list = document.querySelector("[data-arrange]");
const announcer = document.querySelector("[data-arranged]");
const items = () => [...list.children];
const token = () => list.querySelector("[name=csrfmiddlewaretoken]").value;
let dragged;

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

list.addEventListener("dragstart", (event) => {
  dragged = event.target.closest("[data-image]");
  event.dataTransfer.effectAllowed = "move";
  dragged.classList.add("dragged");
});

list.addEventListener("dragover", (event) => {
  const over = event.target.closest("[data-image]");
  if (!dragged) return;
  event.preventDefault();
  if (!over || over === dragged) return;
  const box = over.getBoundingClientRect();
  list.insertBefore(dragged, event.clientX < box.x + box.width / 2 ? over : over.nextElementSibling);
});

list.addEventListener("drop", (event) => event.preventDefault());

list.addEventListener("dragend", () => {
  dragged.classList.remove("dragged");
  ends();
  keep(dragged);
  dragged = undefined;
});

for (const handle of list.querySelectorAll("[data-handle]")) handle.draggable = true;
