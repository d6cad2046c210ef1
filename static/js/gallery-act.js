// Doing something to the selected pictures without leaving the page, and taking it back.
import { all, chosen, clear, form, frames, page } from "./gallery-chosen.js";

const GONE = ["trash", "restore", "delete", "remove_from_album"];
const POLL = 1000;
const REFUSED = 422;
let gone = [];

async function send(action, data) {
  try {
    const response = await fetch(action, { method: "POST", body: data, headers: { "HX-Request": "true" } });
    if (response.headers.has("HX-Redirect")) location.assign(response.headers.get("HX-Redirect"));
    if (!response.ok && response.status !== REFUSED) throw new Error(response.statusText);
    if (response.status !== 204) tell(await response.text());
    return response;
  } catch {
    document.dispatchEvent(new Event("htmx:sendError"));
    return undefined;
  }
}

/** Puts what the server says into the place that is read out. */
function tell(html) {
  const told = new DOMParser().parseFromString(html, "text/html").querySelector("[data-toasts]");
  document.querySelector("[data-toasts]").replaceChildren(...told.children);
}

document.addEventListener("submit", (event) => {
  const button = event.submitter;
  if (event.target === form()) {
    event.preventDefault();
    if (button?.classList.contains("star")) star(button);
    else if (!button?.dataset.confirm || confirm(button.dataset.confirm)) act(button);
  } else if (gone.length && event.target.closest("[data-toasts]")) {
    event.preventDefault();
    undo(event.target);
  }
});

async function star(button) {
  const on = button.name === "star";
  mark(button.closest("[data-frame]"), on);
  const response = await send(form().getAttribute("action"), new FormData(form(), button));
  if (!response?.ok) mark(button.closest("[data-frame]"), !on);
}

function mark(frame, on) {
  frame.classList.toggle("starred", on);
  const button = frame.querySelector(".star");
  button?.setAttribute("aria-pressed", String(on));
  if (button) button.name = on ? "unstar" : "star";
}

async function act(button) {
  const data = new FormData(form(), button);
  const ids = new Set(chosen);
  const everything = all();
  data.set("ids", [...ids].join(","));
  const response = await send(form().getAttribute("action"), data);
  if (!response?.ok) return;
  form().querySelectorAll("details[open]").forEach((menu) => (menu.open = false));
  if (button.value === "download") return follow(response);
  if (everything && GONE.includes(button.value)) return location.reload();
  const acted = frames().filter((frame) => everything || ids.has(frame.dataset.frame));
  if (button.value === "star" || button.value === "unstar") acted.forEach((frame) => mark(frame, button.value === "star"));
  if (GONE.includes(button.value)) remove(acted);
  clear();
}

/** Takes pictures out of the wall; where each was is kept, so that it can go back there. */
function remove(frames) {
  gone = frames.map((frame) => ({ frame, wall: frame.parentElement, next: frame.nextElementSibling }));
  frames.forEach((frame) => frame.remove());
  page.querySelectorAll(".wall-section").forEach((section) => (section.hidden = !section.querySelector("[data-frame]")));
}

async function undo(asked) {
  const response = await send(asked.action, new FormData(asked));
  if (!response?.ok) return;
  for (const { frame, wall, next } of gone.reverse()) {
    wall.insertBefore(frame, next);
    wall.closest(".wall-section").hidden = false;
  }
  gone[0]?.frame.querySelector("a")?.focus({ preventScroll: true });
  gone = [];
}

/** Shows how far the archive is, then fetches it. */
async function follow(response) {
  const { address } = JSON.parse(response.headers.get("HX-Trigger")).export;
  const label = form().querySelector("[data-progress-label]");
  const words = label.textContent;
  const look = async () => {
    const answer = await fetch(address).catch(() => undefined);
    const made = answer?.ok ? await answer.json() : { status: answer ? "failed" : "running" };
    if (made.status === "queued" || made.status === "running") {
      if (made.total) label.textContent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" }).format(made.done / made.total);
      return setTimeout(look, POLL);
    }
    label.textContent = words;
    if (made.url) location.assign(made.url);
    else document.dispatchEvent(new Event("htmx:responseError"));
  };
  clear();
  look();
}
