// Going back to a wall, or loading it again, finds it as it was left, however far one had scrolled.
import { bind } from "./bind.js";
import { gone, looked } from "./gone.js";
import { watch } from "./wall-more.js";
import { find, reveal, settle, topmost } from "./wall-place.js";
import { arrange, extend, walls } from "./wall.js";

const found = document.querySelector("[data-frames]");
const KEY = `place ${location.pathname}`;
let sought;
const address = () => location.pathname + location.search;
const way = () => found.querySelector(".more:not(.more-before)");

function save() {
  const sections = walls().map(({ element, pictures }) => ({
    wall: element.id,
    head: element.previousElementSibling?.outerHTML,
    pictures: pictures.map(({ id, ratio }) => [id, ratio]),
  }));
  const kept = { address: address(), place: scrollY > 0 && topmost(), sections, more: way()?.outerHTML ?? "" };
  try {
    sessionStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    sessionStorage.removeItem(KEY); // too much to keep: one begins at the top
  }
}

/** The wall as it was, of places that fill when they come near; what is new since stays on top. */
function restore({ place, sections, more }) {
  history.scrollRestoration = "manual";
  arrange();
  const there = new Set([...gone(), ...walls().flatMap(({ pictures }) => pictures.map(({ id }) => id))]);
  way()?.remove();
  const longer = sections.map((section) => [wallOfDay(section), section.pictures.filter(([id]) => !there.has(id))]);
  document.getElementById("wall").insertAdjacentHTML("beforeend", more);
  extend(longer.map(([wall, missing]) => [wall, missing.map(([id, ratio]) => ({ id, ratio }))]));
  if (way()) watch(way());
  if (place) settle(place);
}

function wallOfDay({ wall, head }) {
  const there = document.getElementById(wall);
  if (there) return there;
  const section = document.createElement("section");
  section.className = "wall-section";
  section.innerHTML = head;
  section.append(Object.assign(document.createElement("div"), { className: "wall", id: wall }));
  document.getElementById("wall").append(section);
  return section.lastElementChild;
}

/** The focus goes to the picture that was looked at last; its tile may have to be asked for first. */
function focus(id) {
  const picture = find(id);
  if (!picture?.place) return;
  const { top, bottom } = reveal(picture).getBoundingClientRect();
  if (bottom < 0 || top > innerHeight) picture.node.scrollIntoView({ block: "center" });
  sought = id;
  found.querySelectorAll("a[data-image]").forEach(arrive);
}

function arrive(link) {
  if (link.dataset.image !== sought) return;
  sought = undefined;
  if (document.activeElement === document.body) link.focus({ preventScroll: true });
}

if (found) {
  bind("a[data-image]", arrive);
  const saved = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  const [{ type }] = performance.getEntriesByType("navigation");
  if (["back_forward", "reload"].includes(type) && saved?.address === address()) restore(saved);
  addEventListener("pagehide", save);
  addEventListener("pageshow", () => {
    const last = looked();
    if (last) focus(last);
  });
}
