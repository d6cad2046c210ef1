// From one picture to its neighbour without another page: what it needs is fetched before it is asked for.
import { forget, look } from "./gone.js";

const LEAF = ["#content", "[data-facts]"];
let ready = new Map();
let wanted;

/** Shows a neighbour. It replaces this picture in the history, so that one step back leaves the lightbox. */
export async function turn(address) {
  wanted = address;
  const leaf = await (ready.get(address) ?? fetched(address));
  if (wanted !== address) return;
  wanted = undefined; // who pressed twice turns once
  if (!leaf) return location.replace(address);
  const focus = focused();
  for (const part of LEAF) document.querySelector(part).replaceWith(document.adoptNode(leaf.querySelector(part)));
  for (const part of LEAF) htmx.process(document.querySelector(part));
  document.title = leaf.title;
  history.replaceState(history.state, "", address);
  const next = focus && (document.querySelector(focus) ?? document.querySelector("[data-neighbour]"));
  next?.focus({ preventScroll: true });
  document.querySelector("[data-looked-at]").textContent = document.querySelector("[data-stage] img").alt;
  prepare();
}

async function fetched(address) {
  const response = await fetch(address, { headers: { "HX-Request": "true" } }).catch(() => undefined);
  if (!response?.ok || response.headers.has("HX-Redirect")) return undefined;
  return new DOMParser().parseFromString(await response.text(), "text/html");
}

/** What is found again in the neighbour's place. */
function focused() {
  const { id, dataset } = document.activeElement;
  if (dataset.neighbour) return `[data-neighbour="${dataset.neighbour}"]`;
  return id ? `#${CSS.escape(id)}` : undefined;
}

/** Notes what is looked at, and fetches its neighbours. */
function prepare() {
  const picture = location.pathname.split("/").pop();
  forget(picture); // it has come back, or else it says that it is in the trash
  look(picture);
  const links = [...document.querySelectorAll("[data-neighbour]")];
  ready = new Map(links.map(({ href }) => [href, fetched(href)]));
  for (const { dataset } of links) new Image().src = dataset.preload;
}

if (document.readyState === "complete") prepare();
else addEventListener("load", prepare);
