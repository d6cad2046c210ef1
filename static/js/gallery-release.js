// Pictures far from the window give up everything but their place; coming near, they get it back.
import { bind } from "./bind.js";
import { tick } from "./gallery-chosen.js";

const NEAR = "150% 0px";
const kept = new WeakMap();

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) restore(target);
      else release(target);
    }
  },
  { rootMargin: NEAR },
);

function release(frame) {
  if (kept.has(frame) || !frame.isConnected || frame.contains(document.activeElement)) return;
  for (const image of frame.querySelectorAll("img")) image.classList.remove("arriving", "arrived");
  kept.set(frame, frame.innerHTML);
  frame.replaceChildren();
}

function restore(frame) {
  if (!kept.has(frame)) return;
  frame.innerHTML = kept.get(frame);
  kept.delete(frame);
  tick(frame);
}

bind("[data-frame]", (frame) => {
  watcher.observe(frame);
  frame.addEventListener("needed", () => restore(frame));
});
