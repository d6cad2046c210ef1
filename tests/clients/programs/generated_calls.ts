// Once round with the generated TypeScript client: quote, submit, wait, download, list. Prints what came of it.
import { createHash } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { client } from "./client/client.gen.js";
import { createGeneration, createQuote, getGeneration, listImages } from "./client/index.js";

const [baseUrl, key] = process.argv.slice(2);
client.setConfig({ baseUrl: baseUrl as "/", auth: () => key });
const order = { model: "sketch", prompt: "a lighthouse at dusk", count: 2, seed: 7 };

const { error: refused } = await createQuote({ body: { ...order, model: "nothing" } });
const { data: quote } = await createQuote({ body: order, throwOnError: true });

let { data: generation } = await createGeneration({
  body: { ...order, quote: quote.id },
  headers: { "Idempotency-Key": "from-typescript", Prefer: "wait=60" },
  throwOnError: true,
});
while (generation.status === "queued" || generation.status === "running") {
  await pause(1000);
  ({ data: generation } = await getGeneration({ path: { id: generation.id }, throwOnError: true }));
}

const whole = await Promise.all(
  generation.images.map(async (image) => {
    const picture = Buffer.from(await (await fetch(image.url)).arrayBuffer());
    return createHash("sha256").update(picture).digest("hex") === image.sha256;
  }),
);
const { data: page } = await listImages({ query: { limit: 1 }, throwOnError: true });
console.log(
  JSON.stringify({
    refused: [refused?.code, refused?.errors?.[0]?.pointer ?? null],
    status: generation.status,
    paid: [quote.price.total, generation.price.captured],
    whole,
    newest: page.results[0]?.generation === generation.id,
    more: page.next !== null,
  }),
);
