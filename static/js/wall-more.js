// The next part of a wall is fetched long before the end of this one is seen.
import { enter, extend } from "./wall.js";

const asked = new WeakSet();

const ahead = new IntersectionObserver(
  (entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting) follow(target);
  },
  { rootMargin: "200% 0px" },
);

/** Watches the way on. */
export function watch(part) {
  part.querySelectorAll("[data-more]").forEach((link) => ahead.observe(link));
}

async function follow(link) {
  if (asked.has(link)) return;
  asked.add(link);
  const part = await fetched(link.href);
  if (part) arrive(link.closest(".more"), part);
  else asked.delete(link);
}

async function fetched(address) {
  const response = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => undefined);
  if (response?.headers.has("HX-Redirect")) location.assign(response.headers.get("HX-Redirect"));
  else if (response?.ok) return new DOMParser().parseFromString(await response.text(), "text/html").body;
  else document.dispatchEvent(new Event(response ? "htmx:responseError" : "htmx:sendError"));
  return undefined;
}

/** Pictures of a day that goes on come behind those it has, whole days in the place of the way to them. */
function arrive(place, part) {
  if (!place?.isConnected) return;
  const more = [...part.querySelectorAll("[data-goes-on]")].map((rest) => [document.getElementById(rest.dataset.goesOn), taken(rest)]);
  const begun = [...part.querySelectorAll(".wall")].map((wall) => [wall, taken(wall)]);
  place.replaceWith(...part.querySelectorAll(".wall-section, .more"));
  extend([...more, ...begun]);
  watch(document);
}

/** Pictures that a part brought: they come into the page when they come near, none before it has its place. */
function taken(wall) {
  const pictures = [...wall.children].map(enter);
  wall.replaceChildren();
  return pictures;
}

document.addEventListener("click", (event) => {
  const link = event.target.closest("[data-more]");
  if (!link || event.metaKey || event.ctrlKey || event.shiftKey) return;
  event.preventDefault();
  follow(link);
});

document.addEventListener("htmx:load", (event) => watch(event.detail.elt));
