// Keys, swipes and zoom around one picture; going back returns to where one came from.
const body = document.body;
const link = (which) => document.querySelector(`[data-neighbour="${which}"]`);
const SWIPE = 60;

/** Neighbours replace each other in the history, so that one step back leaves the lightbox. */
function visit(anchor) {
  if (anchor) location.replace(anchor.href);
}

function leave(anchor) {
  const from = document.referrer && new URL(document.referrer);
  const within = from && from.origin === location.origin && !from.pathname.startsWith("/account");
  if (within && history.length > 1) history.back();
  else location.assign(anchor.href);
}

document.addEventListener("click", (event) => {
  const neighbour = event.target.closest("[data-neighbour]");
  const close = event.target.closest("[data-lightbox-close]");
  if (event.target.closest("[data-zoomable], [data-zoom]")) toggle("zoomed", "[data-zoom]");
  if (event.target.closest("[data-fold]")) toggle("lightbox-folded", "[data-fold]");
  if (event.metaKey || event.ctrlKey || event.shiftKey || !(neighbour || close)) return;
  event.preventDefault();
  if (neighbour) visit(neighbour);
  else leave(close);
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea")) return;
  const act = {
    ArrowLeft: () => visit(link("newer")),
    ArrowRight: () => visit(link("older")),
    Escape: () => leave(document.querySelector("[data-lightbox-close]")),
    i: () => toggle("lightbox-folded", "[data-fold]"),
    z: () => toggle("zoomed", "[data-zoom]"),
  }[event.key];
  if (!act || (event.key === "Escape" && document.querySelector("details.menu[open]"))) return;
  act();
});

function toggle(name, button) {
  const on = body.classList.toggle(name);
  document.querySelector(button)?.setAttribute("aria-pressed", String(name === "zoomed" ? on : !on));
}

let start;
const stage = document.querySelector("[data-stage]");
stage.addEventListener("touchstart", (event) => (start = event.touches.length === 1 ? event.touches[0] : undefined), { passive: true });
stage.addEventListener("touchend", (event) => {
  if (!start || body.classList.contains("zoomed")) return;
  const end = event.changedTouches[0];
  const [x, y] = [end.clientX - start.clientX, end.clientY - start.clientY];
  if (Math.abs(x) > SWIPE && Math.abs(x) > 2 * Math.abs(y)) visit(link(x > 0 ? "newer" : "older"));
  else if (y > 2 * SWIPE && y > 2 * Math.abs(x)) leave(document.querySelector("[data-lightbox-close]"));
});

addEventListener("load", () => {
  for (const neighbour of document.querySelectorAll("[data-preload]")) new Image().src = neighbour.dataset.preload;
});
