// Going back to the gallery finds it as it was left, however far one had scrolled.
import { page } from "./gallery-chosen.js";
import { empty, watch } from "./gallery-release.js";

const found = document.getElementById("found");
const KEY = "gallery-place";
const address = () => location.pathname + location.search;

function save() {
  const sections = [...found.querySelectorAll(".wall-section")].map((section) => ({
    wall: section.querySelector(".wall").id,
    head: section.querySelector(".wall-day").outerHTML,
    frames: [...section.querySelectorAll("[data-frame]")].map((frame) => [
      frame.dataset.frame,
      frame.className,
      frame.style.getPropertyValue("--ratio"),
    ]),
  }));
  const more = found.querySelector(".more:not(.more-before)")?.outerHTML ?? "";
  try {
    sessionStorage.setItem(KEY, JSON.stringify({ address: address(), top: scrollY, sections, more }));
  } catch {
    sessionStorage.removeItem(KEY); // too much to keep: one begins at the top
  }
}

/** The wall as it was, of empty frames that fill when they come near; what is new since stays on top. */
function restore({ top, sections, more }) {
  history.scrollRestoration = "manual";
  for (const section of sections) {
    const missing = section.frames.filter(([id]) => !page.querySelector(`[data-frame="${CSS.escape(id)}"]`));
    if (missing.length) wallOf(section).append(...missing.map((frame) => empty(...frame)));
  }
  found.querySelector(".more:not(.more-before)")?.remove();
  document.getElementById("wall").insertAdjacentHTML("beforeend", more);
  const link = found.querySelector(".more:not(.more-before)");
  if (link) {
    htmx.process(link);
    watch(link);
  }
  scrollTo(0, top);
}

function wallOf({ wall, head }) {
  const there = document.getElementById(wall);
  if (there) return there;
  const section = document.createElement("section");
  section.className = "wall-section";
  section.innerHTML = head;
  section.append(Object.assign(document.createElement("div"), { className: "wall", id: wall }));
  document.getElementById("wall").append(section);
  return section.lastElementChild;
}

if (found) {
  const saved = JSON.parse(sessionStorage.getItem(KEY) ?? "null");
  const [navigation] = performance.getEntriesByType("navigation");
  if (navigation?.type === "back_forward" && saved?.address === address()) restore(saved);
  addEventListener("pagehide", save);
}
