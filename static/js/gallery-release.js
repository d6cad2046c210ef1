// Pictures far from the window give up everything but their place; coming near, they get it back.
import { bind } from "./bind.js";
import { tick } from "./gallery-chosen.js";

const NEAR = "150% 0px";
const MOST = 60; // pictures that are asked for at once
const TOGETHER = 50; // ms in which they gather
const kept = new WeakMap();
const wanted = new Set();

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
  wanted.delete(frame);
  if (kept.has(frame) || !frame.firstElementChild || !frame.isConnected || frame.contains(document.activeElement)) return;
  for (const image of frame.querySelectorAll("img")) image.classList.remove("arriving", "arrived");
  kept.set(frame, frame.innerHTML);
  frame.replaceChildren();
}

function restore(frame) {
  if (kept.has(frame)) fill(frame, kept.get(frame));
  else if (!frame.firstElementChild) ask(frame);
}

function fill(frame, html) {
  frame.innerHTML = html;
  kept.delete(frame);
  tick(frame);
}

/** A frame that never had its content, in a wall that one came back to. */
export function empty(id, name, ratio) {
  const frame = document.createElement("div");
  frame.dataset.frame = id;
  frame.className = name;
  if (ratio) frame.style.setProperty("--ratio", ratio);
  return frame;
}

function ask(frame) {
  wanted.add(frame);
  if (wanted.size === 1) setTimeout(fetchWanted, TOGETHER);
}

/** Fills those that were asked for; a picture that is gone by now has no frame any more. */
async function fetchWanted() {
  const asked = [...wanted].slice(0, MOST);
  asked.forEach((frame) => wanted.delete(frame));
  if (wanted.size) setTimeout(fetchWanted, TOGETHER);
  const ids = asked.map((frame) => frame.dataset.frame).join(",");
  const response = await fetch(`${document.getElementById("found").dataset.frames}?ids=${ids}`).catch(() => undefined);
  if (!response?.ok) return;
  const came = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const frame of asked) {
    const fresh = came.querySelector(`[data-frame="${CSS.escape(frame.dataset.frame)}"]`);
    if (fresh) fill(frame, fresh.innerHTML);
    else frame.remove();
  }
}

bind("[data-frame]", (frame) => {
  watcher.observe(frame);
  frame.addEventListener("needed", () => restore(frame));
});

// The next part of the wall is fetched long before its end is seen: what is appended moves nothing in the window.
const ahead = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting) htmx.trigger(target, "near");
  },
  { rootMargin: "200% 0px" },
);

/** Watches the way on, once htmx knows it. */
export function watch(part) {
  part.querySelectorAll("[data-more]").forEach((link) => ahead.observe(link));
}

document.addEventListener("htmx:load", (event) => watch(event.detail.elt));
