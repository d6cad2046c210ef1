import { bind } from "./bind.js";

const LIFE = 6000;
const LIFE_WITH_UNDO = 10_000;

bind("[data-toast]", (toast) => {
  toast.querySelector("[data-close]")?.addEventListener("click", () => toast.remove());
  if (toast.classList.contains("toast-error")) return;
  let timer;
  const life = toast.querySelector("form") ? LIFE_WITH_UNDO : LIFE;
  const wait = () => (timer = setTimeout(() => toast.remove(), life));
  const stay = () => clearTimeout(timer);
  toast.addEventListener("pointerenter", stay);
  toast.addEventListener("focusin", stay);
  toast.addEventListener("pointerleave", wait);
  toast.addEventListener("focusout", wait);
  wait();
});

/** Says what happened; one at a time. Errors stay until they are closed. */
export function say(text, { error = false } = {}) {
  const place = document.querySelector("[data-toasts]");
  const template = document.querySelector("[data-toast-template]");
  if (!place || !template) return;
  place.querySelectorAll("[data-toast]").forEach((shown) => shown.remove());
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.classList.toggle("toast-error", error);
  toast.querySelector("span").textContent = text;
  place.append(toast);
}

document.addEventListener("toast", (event) => say(event.detail.text, { error: event.detail.error }));
