// Where pictures are: at the top of the window, and beside each other.
import { fill } from "./wall-blocks.js";
import { pictures, walls } from "./wall.js";

export const find = (id) => pictures().find((picture) => picture.id === id);

/** A picture's element, also of one that was far. */
export function reveal(picture) {
  if (picture.place) fill(picture.place.block);
  return picture.node;
}

/** The picture at the top of the window, and how far it is below the edge. */
export function topmost() {
  for (const { blocks } of walls()) {
    for (const { element, pictures } of blocks) {
      const { top, bottom } = element.getBoundingClientRect();
      if (bottom <= 0) continue;
      const { id, place } = pictures.find((one) => top + one.place.within + one.place.height > 0) ?? pictures[0];
      return { id, top: top + place.within };
    }
  }
  return undefined;
}

/** Scrolls until a picture is as far below the window's edge as it was. */
export function settle({ id, top }) {
  const place = find(id)?.place;
  if (!place) return;
  scrollBy({ top: place.block.element.getBoundingClientRect().top + place.within - top, behavior: "instant" });
}

/** Does what moves rows, and leaves in its place what is looked at. */
export function steady(change) {
  const place = scrollY > 0 && topmost();
  change();
  if (place) settle(place);
}

const STEPS = { ArrowUp: -1, ArrowDown: 1, ArrowLeft: -1, ArrowRight: 1 };

/** The picture to which an arrow leads: the next one, or the nearest of the next row. */
export function beside(picture, key) {
  const step = STEPS[key];
  if (!step) return undefined;
  const all = pictures().filter((one) => one.place);
  const at = all.indexOf(picture);
  if (key === "ArrowLeft" || key === "ArrowRight") return all[at + step];
  const isBeside = (one, other) => one.place.block === other.place.block && one.place.within === other.place.within;
  const middle = ({ place }) => place.left + place.width / 2;
  let next = at + step;
  while (all[next] && isBeside(all[next], picture)) next += step;
  let best = all[next];
  for (; all[next] && isBeside(all[next], best); next += step) {
    if (Math.abs(middle(all[next]) - middle(picture)) < Math.abs(middle(best) - middle(picture))) best = all[next];
  }
  return best;
}
