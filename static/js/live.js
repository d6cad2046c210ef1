// Keeps the feed in step with what happens: one event stream, and polling whenever that is not there.
import { bind, fill } from "./bind.js";

const feed = document.querySelector("[data-events]");
const announcer = document.querySelector("[data-announcer]");
const title = document.title;
const icon = document.querySelector("link[rel=icon]");
const restful = icon?.getAttribute("href");
const POLL = 2000;
const RECHECK = 6000; // places in line move without an event, and events may be missed
const fetching = new Map();
let stream;
let streaming = false;
let unseen = 0;

function connect() {
  if (stream || !("EventSource" in window)) return;
  stream = new EventSource(feed.dataset.events);
  stream.addEventListener("hello", () => {
    streaming = true;
    refreshUnfinished();
  });
  stream.addEventListener("generation", (event) => refresh(JSON.parse(event.data).generation));
  stream.addEventListener("error", () => {
    streaming = false;
    if (stream.readyState === EventSource.CLOSED) disconnect();
  });
}

function disconnect() {
  stream?.close();
  stream = undefined;
  streaming = false;
}

/** Says what became of a generation since it was shown last, whichever way that was learnt. */
function announce(before, now) {
  const ended = now.status !== before.status && (now.status === "completed" || now.status === "failed");
  if (ended && document.hidden) tell(unseen + 1);
  if (!announcer) return;
  if (ended && now.status === "failed") announcer.textContent = announcer.dataset.failed;
  else if (ended || Number(now.ready) > Number(before.ready)) announcer.textContent = fill(announcer.dataset.words, now);
}

/** Title and icon say how many ended while nobody looked. */
function tell(count) {
  unseen = count;
  document.title = count ? `(${count}) ${title}` : title;
  icon?.setAttribute("href", count ? icon.dataset.done : restful);
}

const find = (id) => document.getElementById(`g-${id}`);
const unfinished = () => feed.querySelectorAll('[data-status="queued"], [data-status="running"]');

function refreshUnfinished() {
  for (const shown of unfinished()) refresh(shown.dataset.generation);
}

/** Fetches a card and puts it in place; asked for again meanwhile, it does so once more. */
async function refresh(id) {
  if (fetching.has(id)) return fetching.set(id, true);
  fetching.set(id, false);
  try {
    const response = await fetch(find(id)?.dataset.url ?? `/generations/${id}`, { headers: { "X-Requested-With": "fetch" } });
    if (response.redirected) return location.reload();
    if (response.ok) show(id, response, await response.text());
  } catch {
    // The next event or the next poll tries again.
  } finally {
    const again = fetching.get(id);
    fetching.delete(id);
    if (again) refresh(id);
  }
}

function show(id, response, html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  const fresh = template.content.querySelector("[data-generation]");
  const old = find(id);
  announce(old?.dataset ?? { ready: 0 }, fresh.dataset);
  const sent = document.querySelector("[data-sent]");
  if (old) replace(old, fresh);
  else if (sent) sent.replaceWith(fresh);
  else document.getElementById("today")?.prepend(fresh);
  htmx.process(find(id) ?? feed);
  const triggers = response.headers.get("HX-Trigger");
  const balance = triggers && JSON.parse(triggers).balance;
  if (balance) document.dispatchEvent(new CustomEvent("balance", { detail: balance }));
}

/** Only parts whose stamp changed are replaced: what is shown already stays as it is. */
function replace(old, fresh) {
  if (Number(fresh.dataset.ready) < Number(old.dataset.ready)) return;
  if (old.dataset.body !== fresh.dataset.body) return old.replaceWith(fresh);
  Object.assign(old.dataset, fresh.dataset);
  for (const part of fresh.querySelectorAll("[data-part]")) {
    const place = old.querySelector(`[data-part="${part.dataset.part}"]`);
    if (place && place.dataset.stamp !== part.dataset.stamp) swap(place, part);
  }
}

function swap(place, part) {
  const focused = place.contains(document.activeElement);
  place.replaceWith(part);
  if (focused) part.querySelector("button, a, summary")?.focus({ preventScroll: true });
}

// An event may be faster than the answer to the submit that caused it: the card that came first stays.
bind("[data-generation]", (card) => {
  if (feed && document.querySelectorAll(`#${card.id}`).length > 1) {
    card.remove();
    refresh(card.dataset.generation);
  }
});

if (feed) {
  connect();
  setInterval(() => {
    if (!streaming && !document.hidden) refreshUnfinished();
    if (!stream) connect();
  }, POLL);
  setInterval(() => {
    if (streaming && !document.hidden) refreshUnfinished();
  }, RECHECK);
  addEventListener("pagehide", disconnect);
  addEventListener("pageshow", (event) => {
    if (event.persisted) connect();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) return;
    tell(0);
    connect();
    refreshUnfinished();
  });
}
