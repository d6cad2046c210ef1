// On phones the composer is a dock that opens into a sheet; on tablets it folds once something was submitted.
import { fill } from "./bind.js";

const phone = matchMedia("(width < 768px)");
const composer = () => document.querySelector("[data-composer]");
const place = document.querySelector("[data-composer-place]");
const dock = document.querySelector("[data-dock]");
const behind = [".skip", ".bar", ".feed", ".tabs", "[data-dock]"];
let opener;

function open(from) {
  const form = composer();
  opener = from;
  form.dataset.open = "";
  place.setAttribute("role", "dialog");
  place.setAttribute("aria-modal", "true");
  place.setAttribute("aria-label", form.getAttribute("aria-label"));
  shut(true);
  form.querySelector("[data-prompt]").focus();
}

function close() {
  const form = composer();
  if (!("open" in form.dataset)) return;
  delete form.dataset.open;
  for (const name of ["role", "aria-modal", "aria-label"]) place.removeAttribute(name);
  shut(false);
  opener?.focus();
}

function shut(inert) {
  for (const part of behind) document.querySelectorAll(part).forEach((element) => (element.inert = inert));
}

function mirror({ total, tooDear, images }) {
  const form = composer();
  const prompt = form.querySelector("[data-prompt]").value.trim();
  const line = dock.querySelector("[data-dock-prompt]");
  line.textContent = prompt || line.dataset.vacant;
  line.classList.toggle("vacant", !prompt);
  dock.querySelector("[data-dock-model]").textContent = form.querySelector("[name=model]:checked")?.dataset.name ?? "";
  dock.querySelector("[data-dock-shape]").textContent = form.elements.aspect_ratio.value;
  dock.querySelector("[data-dock-count]").textContent = `× ${images}`;
  const price = dock.querySelector("[data-dock-price]");
  price.textContent = fill(total === 1 ? price.dataset.one : price.dataset.words, { total });
  price.classList.toggle("too-dear", tooDear);
  dock.querySelector("[data-dock-send]").disabled = tooDear;
}

function fold() {
  for (const part of document.querySelectorAll("[data-folds-on-phones]")) part.open = !phone.matches;
}

document.addEventListener("quoted", (event) => mirror(event.detail));
document.addEventListener("click", (event) => {
  const from = event.target.closest("[data-sheet-open]");
  if (from) open(from);
  else if (event.target.closest("[data-sheet-close]")) close();
  else if (event.target.matches(".studio:has([data-open])")) close();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") close();
});
document.addEventListener("composed", () => {
  close();
  composer().dataset.folded = "";
  scrollTo({ top: 0, behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
});
document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-prompt]")) delete composer().dataset.folded;
});
document.addEventListener("htmx:afterSwap", (event) => {
  // A refused order comes back as a new composer: the sheet opens again and shows why.
  if (event.detail.elt.id === "composer" && phone.matches) open(opener);
});
phone.addEventListener("change", () => {
  close();
  fold();
});
fold();
