// Credits and counts, wherever the page shows them, follow the server's `balance` events.
import { written } from "./bind.js";

const show = (selector, value) => {
  for (const place of document.querySelectorAll(selector)) place.textContent = written(value);
};

document.addEventListener("balance", ({ detail }) => {
  show("[data-spendable]", detail.spendable);
  show("[data-held]", detail.held);
  show("[data-in-progress]", detail.inProgress);
  for (const line of document.querySelectorAll("[data-progress-line]")) line.hidden = !detail.inProgress;
  const composer = document.querySelector("[data-composer]");
  if (composer) {
    composer.dataset.spendableNow = detail.spendable;
    composer.dispatchEvent(new Event("input", { bubbles: true }));
  }
});
