// Walls of pictures: rows that stay where they are once they are shown, however many come after them.
import { bind } from "./bind.js";
import { build, own, remove } from "./wall-blocks.js";
import { rows } from "./wall-rows.js";

const ROWS = 2; // of a block
const room = document.getElementById("content");
const models = new WeakMap();
const touched = new Set();
let size;
let open;

/** Every wall of the page in its order: its `element` and its `pictures`, near or far. */
export const walls = () => [...room.querySelectorAll(".wall")].map(wallOf);
export const pictures = () => walls().flatMap((wall) => wall.pictures);

export function wallOf(element) {
  if (!models.has(element)) models.set(element, { element, pictures: [], blocks: [], laid: 0 });
  return models.get(element);
}

// What the server sends is put into rows before it is painted.
bind(".wall > :is([data-frame], [data-image])", (node) => {
  if (!touched.size) queueMicrotask(arrange);
  touched.add(wallOf(node.parentElement));
});

/** Puts what has come into rows, and what was held back before it. */
export function arrange() {
  if (!touched.size) return;
  for (const wall of touched) wall.pictures.push(...[...wall.element.children].filter(nameOf).map(enter));
  layThose(touched);
  touched.clear();
}

/** Puts pictures behind the others: pairs of a wall's element and what is known of each, at least `{ id, ratio }`. */
export function extend(known) {
  const longer = new Set();
  for (const [element, more] of known) {
    wallOf(element).pictures.push(...more);
    longer.add(wallOf(element));
  }
  layThose(longer);
}

const nameOf = (node) => node.dataset.frame ?? node.dataset.image;

/** What is known of a picture that an element shows. */
export function enter(node) {
  const image = node.querySelector("img");
  const picture = { id: nameOf(node), ratio: image.getAttribute("width") / image.getAttribute("height") };
  own(picture, node);
  return picture;
}

/** The last wall is open while there is a way on: its last row is held back until it is full. */
function layThose(due) {
  const all = walls();
  const before = open;
  open = room.querySelector("[data-more]") ? all.at(-1) : undefined;
  for (const wall of all) if (due.has(wall) || wall === before) lay(wall);
}

function lay(wall) {
  size ??= measure();
  wall.element.classList.add("laid");
  const rest = wall.pictures.slice(wall.laid);
  const found = rows(
    rest.map((picture) => picture.ratio),
    size,
    wall === open,
  );
  for (const picture of rest) picture.node?.remove();
  if (!found.length) return;
  const last = wall.blocks.at(-1)?.element.getBoundingClientRect().bottom;
  let top = last === undefined ? wall.element.getBoundingClientRect().top : last + size.gap;
  for (let first = 0; first < found.length; first += ROWS) top += add(wall, rest, found.slice(first, first + ROWS), top);
  wall.laid += found.at(-1).to;
}

/** Puts a block of rows below what there is; answers how much further down the next one begins. */
function add(wall, rest, found, top) {
  const held = [];
  let within = 0;
  for (const row of found) {
    const inRow = rest.slice(row.from, row.to);
    let left = 0;
    for (const picture of inRow) {
      const width = picture.ratio * row.height;
      picture.place = { wall, left, within, width, height: row.height };
      left += width + size.gap;
    }
    held.push(...inRow);
    within += row.height + size.gap;
  }
  const block = build(held, { height: within - size.gap, top });
  wall.blocks.push(block);
  wall.element.append(block.element);
  return within;
}

/** Lays a wall anew, of these pictures. */
export function relay(wall, now = wall.pictures) {
  wall.blocks.forEach(remove);
  for (const picture of wall.pictures) picture.place = undefined;
  Object.assign(wall, { pictures: now, blocks: [], laid: 0 });
  const section = wall.element.closest(".wall-section");
  if (section) section.hidden = !now.length;
  lay(wall);
}

/** Whether the walls have another width than when they were laid. */
export function resized() {
  const before = size?.width;
  size = measure();
  return before !== undefined && before !== size.width;
}

function measure() {
  const { element } = walls().find((wall) => wall.element.clientWidth) ?? walls()[0];
  const style = getComputedStyle(element);
  const number = (name) => parseFloat(style.getPropertyValue(name));
  return { width: element.clientWidth, row: number("--row"), gap: number("--gap-wall"), tallest: number("--tallest") };
}
