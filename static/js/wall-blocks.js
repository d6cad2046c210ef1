// A few rows of a wall, which give up everything but their place while they are far from the window.
import { ask, canAsk } from "./wall-ask.js";

const [ABOVE, BELOW] = [0.5, 1]; // windows
const PATIENCE = 60_000; // ms until a picture that cannot be shown is asked for again
const KEPT = 3000; // pictures whose HTML is kept where it could be asked for again
const blocks = new WeakMap();
const owners = new WeakMap();
const kept = new Set();
let forsake = () => {};

/** The picture that an element shows. */
export const pictureOf = (node) => owners.get(node);

export function own(picture, node) {
  picture.node = node;
  owners.set(node, picture);
}

/** Calls this with a picture that turns out to be gone. */
export function onGone(call) {
  forsake = call;
}

/** A block of pictures that have their places, to stand `top` below the window's upper edge. */
export function build(pictures, { height, top }) {
  const element = Object.assign(document.createElement("div"), { className: "wall-block" });
  const block = { element, pictures, full: false };
  for (const picture of pictures) picture.place.block = block;
  element.style.height = `${height}px`;
  blocks.set(element, block);
  watcher.observe(element);
  if (top < innerHeight * (1 + BELOW) && top + height > -innerHeight * ABOVE) fill(block);
  return block;
}

export function remove(block) {
  watcher.unobserve(block.element);
  block.element.remove();
}

const watcher = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) fill(blocks.get(target));
      else empty(blocks.get(target));
    }
  },
  { rootMargin: `${ABOVE * 100}% 0px ${BELOW * 100}%` },
);

export function fill(block) {
  if (block.full) return;
  block.full = true;
  block.element.replaceChildren(...block.pictures.map(show));
}

function show(picture) {
  if (!picture.node) own(picture, picture.html ? parsed(picture.html) : vacant(picture));
  picture.node.querySelector("img")?.removeAttribute("loading"); // it is wanted now, seen or not
  const { left, within, width, height } = picture.place;
  const colour = picture.node.querySelector("rect")?.getAttribute("fill") ?? "var(--sunken)";
  picture.node.style.cssText = `--colour: ${colour}; inset-inline-start: ${left}px; top: ${within}px; width: ${width}px; height: ${height}px`;
  return picture.node;
}

function parsed(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content.firstElementChild;
}

function vacant(picture) {
  const frame = Object.assign(document.createElement("div"), { className: "frame" });
  frame.dataset.frame = picture.id;
  ask(picture, arrive);
  return frame;
}

function arrive(picture, html) {
  if (!html) return forsake(picture);
  picture.html = html;
  const waiting = picture.node;
  if (!waiting || waiting.firstElementChild) return;
  picture.node = undefined;
  waiting.replaceWith(show(picture));
}

// An address may have ended while the page stood open: the picture is asked for once more.
document.addEventListener("error", ({ target }) => broken(owners.get(target.closest?.(".wall-block > *"))), true);

function broken(picture) {
  if (!picture || !canAsk() || Date.now() - (picture.renewed ?? 0) < PATIENCE) return;
  picture.renewed = Date.now();
  ask(picture, (_, html) => {
    if (!html) return forsake(picture);
    const { node } = picture;
    Object.assign(picture, { html, node: undefined });
    if (node?.isConnected) node.replaceWith(show(picture));
  });
}

/** Only HTML is kept of what is far; what the browser loaded and decoded for it is given back at once. */
function empty(block) {
  if (!block.full || block.element.contains(document.activeElement)) return;
  block.full = false;
  block.pictures.forEach(keep);
  block.element.replaceChildren();
}

function keep(picture) {
  const { node } = picture;
  picture.node = undefined;
  if (!node?.firstElementChild) return;
  unstyle(node);
  const images = node.querySelectorAll("img");
  for (const image of images) image.classList.remove("arriving", "arrived");
  node.querySelectorAll("[data-thumbhash]").forEach(unstyle);
  picture.html = node.outerHTML;
  for (const image of images) ["srcset", "src"].forEach((name) => image.removeAttribute(name));
  if (canAsk()) limit(picture);
}

/** HTML that is kept may have no styles: the page's policy forbids them. Chromium leaves an empty one if none was read. */
function unstyle(element) {
  if (element.getAttribute("style") !== null) element.removeAttribute("style");
}

function limit(picture) {
  kept.delete(picture);
  kept.add(picture);
  if (kept.size <= KEPT) return;
  const [oldest] = kept;
  kept.delete(oldest);
  oldest.html = undefined;
}
