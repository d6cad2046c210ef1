// The details: a panel that folds away and, on phones, a sheet of three heights.
const body = document.body;
const grabber = document.querySelector("[data-grabber]");
const facts = document.querySelector("[data-facts]");
const HEIGHTS = ["title", "half", "full"];
let start;

export function fold() {
  const folded = body.classList.toggle("lightbox-folded");
  document.querySelector("[data-fold]").setAttribute("aria-pressed", String(!folded));
}

/** One height up, from the lowest or the middle. */
export function lift() {
  show(HEIGHTS[Math.min(2, HEIGHTS.indexOf(now()) + 1)]);
}

const now = () => body.dataset.sheet ?? "half";

function show(height) {
  body.dataset.sheet = height;
  facts.scrollTop = 0;
  grabber.setAttribute("aria-expanded", String(height !== "title"));
}

function nearest(pixels) {
  const room = innerHeight;
  const heights = { title: 132, half: room * 0.46, full: room - 116 };
  return HEIGHTS.reduce((best, one) =>
    Math.abs(heights[one] - pixels) < Math.abs(heights[best] - pixels) ? one : best,
  );
}

grabber.addEventListener("pointerdown", (event) => {
  start = { y: event.clientY, height: facts.offsetHeight, moved: false };
  grabber.setPointerCapture(event.pointerId);
});

grabber.addEventListener("pointermove", (event) => {
  if (!start) return;
  start.moved ||= Math.abs(event.clientY - start.y) > 8;
  if (!start.moved) return;
  body.classList.add("dragging");
  facts.style.setProperty("height", `${start.height + start.y - event.clientY}px`);
});

for (const kind of ["pointerup", "pointercancel"]) {
  grabber.addEventListener(kind, () => {
    if (start?.moved) show(nearest(facts.offsetHeight));
    facts.style.removeProperty("height");
    body.classList.remove("dragging");
  });
}

grabber.addEventListener("click", () => {
  if (!start?.moved) show(HEIGHTS[(HEIGHTS.indexOf(now()) + 1) % HEIGHTS.length]);
  start = undefined;
});

grabber.addEventListener("keydown", (event) => {
  const step = { ArrowUp: 1, ArrowDown: -1 }[event.key];
  if (!step) return;
  event.preventDefault();
  show(HEIGHTS[Math.max(0, Math.min(2, HEIGHTS.indexOf(now()) + step))]);
});
