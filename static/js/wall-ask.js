// Fetches the content of pictures that the page knows by name alone.
const MOST = 60; // that are asked for at once
const TOGETHER = 50; // ms in which they gather
const wanted = new Map();

/** Whether this page has somewhere to ask. */
export const canAsk = () => Boolean(source());
const source = () => document.querySelector("[data-frames]")?.dataset.frames;

/** Tells `arrive` the picture and its HTML, none if the picture is gone. Without an answer it is not told. */
export function ask(picture, arrive) {
  if (!wanted.size) setTimeout(fetchWanted, TOGETHER);
  wanted.set(picture, arrive);
}

const named = (id) => `[data-frame="${CSS.escape(id)}"], [data-image="${CSS.escape(id)}"]`;

async function fetchWanted() {
  const near = [...wanted].filter(([picture]) => picture.node);
  const asked = near.slice(0, MOST);
  wanted.clear();
  near.slice(MOST).forEach(([picture, arrive]) => ask(picture, arrive));
  if (!asked.length) return;
  const ids = asked.map(([{ id }]) => id).join(",");
  const response = await fetch(`${source()}?ids=${ids}`).catch(() => undefined);
  if (!response?.ok) return;
  const came = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const [picture, arrive] of asked) {
    arrive(picture, came.querySelector(named(picture.id))?.outerHTML);
  }
}
