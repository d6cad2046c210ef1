// From the press of the button on, the feed shows what was asked for; the server's own card takes its place.
import { bind } from "./bind.js";

const shown = () => document.querySelector("[data-sent]");

function show(form) {
  const card = document.querySelector("[data-sending]").content.firstElementChild.cloneNode(true);
  const images = Number(form.elements.count.value);
  const ratio = form.elements.aspect_ratio.value;
  const model = form.querySelector("[name=model]:checked");
  card.querySelector(".generation-prompt").textContent = form.elements.prompt.value;
  card.querySelector("[data-sent-facts]").textContent = `${model?.dataset.name ?? ""} · ${ratio}`;
  const tiles = card.querySelector(".tiles");
  tiles.classList.add(`tiles-${images}`, `r-${ratio.replace(":", "x")}`);
  for (let more = 1; more < images; more++) tiles.append(tiles.firstElementChild.cloneNode(true));
  document.getElementById("today").prepend(card);
}

bind("[data-composer]", (form) => {
  form.addEventListener("htmx:beforeRequest", (event) => {
    if (event.target === form && form.elements.prompt.value.trim()) show(form);
  });
  for (const end of ["htmx:beforeSwap", "htmx:afterRequest"]) {
    form.addEventListener(end, (event) => event.detail.elt === form && shown()?.remove());
  }
});
