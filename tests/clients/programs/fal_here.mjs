// Loaded before a program that knows no other host than fal's: what it fetches from there, it fetches from us.
const base = process.env.ATELIER_URL;
const fetched = globalThis.fetch;
globalThis.fetch = (url, init) =>
  fetched(
    String(url).replace("https://queue.fal.run", `${base}/fal/queue`).replace("https://fal.run", `${base}/fal/run`),
    init,
  );
