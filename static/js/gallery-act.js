// Doing something to the selected pictures without leaving the page, and taking it back.
import { all, chosen, clear, form, tick } from "./gallery-chosen.js";
import { say } from "./toast.js";
import { renew, take } from "./wall-change.js";
import { reveal } from "./wall-place.js";
import { pictures } from "./wall.js";

const GONE = ["trash", "restore", "delete", "remove_from_album"];
const POLL = 1000;
const REFUSED = 422;
let putBack;
let taken = [];

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
  } else if (putBack && event.target.closest("[data-toasts]")) {
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
  const { most, tooMany } = form().querySelector("[data-count]").dataset;
  if (!everything && ids.size > most) return say(tooMany, { error: true });
  data.set("ids", everything ? "" : [...ids].join(","));
  const response = await send(form().getAttribute("action"), data);
  if (!response?.ok) return;
  form().querySelectorAll("details[open]").forEach((menu) => (menu.open = false));
  if (button.value === "download") return follow(response);
  if (everything && GONE.includes(button.value)) return location.assign(location.pathname + location.search);
  const acted = pictures().filter(({ id }) => everything || ids.has(id));
  if (["star", "unstar"].includes(button.value)) markAll(acted, button.value === "star");
  if (GONE.includes(button.value)) remove(acted);
  clear();
}

function markAll(acted, on) {
  for (const { node } of acted) if (node?.firstElementChild) mark(node, on);
  renew(new Set(acted.map(({ id }) => id)));
}

function remove(acted) {
  taken = acted;
  putBack = take(acted.map(({ id }) => id));
}

async function undo(asked) {
  const response = await send(asked.action, new FormData(asked));
  if (!response?.ok) return;
  putBack();
  putBack = undefined;
  taken.forEach(({ node }) => tick(node));
  if (taken.length) reveal(taken[0])?.querySelector("a")?.focus({ preventScroll: true });
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
