// What moves the rows of a wall: pictures that go and come back, and a window of another width.
import { gone } from "./gone.js";
import { onGone } from "./wall-blocks.js";
import { canAsk } from "./wall-ask.js";
import { steady } from "./wall-place.js";
import { pictures, relay, resized, walls } from "./wall.js";

/** Takes pictures out of their walls; what it answers puts them back. */
export function take(ids) {
  const wanted = new Set(ids);
  const taken = [];
  steady(() => {
    for (const wall of walls()) {
      const before = taken.length;
      wall.pictures.forEach((picture, at) => wanted.has(picture.id) && taken.push({ wall, picture, at }));
      if (taken.length > before) relay(wall, wall.pictures.filter(({ id }) => !wanted.has(id)));
    }
  });
  return () => steady(() => putBack(taken));
}

function putBack(taken) {
  const whole = new Map();
  for (const { wall, picture, at } of taken) {
    if (!whole.has(wall)) whole.set(wall, [...wall.pictures]);
    whole.get(wall).splice(at, 0, picture);
  }
  whole.forEach((now, wall) => relay(wall, now));
}

/** Has pictures that are far asked for again, because they changed. */
export function renew(ids) {
  if (canAsk()) for (const picture of pictures()) if (ids.has(picture.id)) picture.html = undefined;
}

onGone(({ id }) => take([id]));

addEventListener("pageshow", (event) => {
  if (event.persisted) take(gone());
});

new ResizeObserver(() => {
  if (walls().length && resized()) steady(() => walls().forEach((wall) => relay(wall)));
}).observe(document.getElementById("content"));
