// The same as openai_calls.py, with the npm package of that name.
import { readFileSync } from "node:fs";
import OpenAI from "openai";

const asked = JSON.parse(readFileSync(0, "utf8"));
const client = new OpenAI({ baseURL: asked.base_url, apiKey: asked.key, ...asked.options });

async function fetched(url) {
  return Buffer.from(await (await fetch(url)).arrayBuffer());
}

const calls = {
  async generate(given) {
    const answer = await client.images.generate(given);
    const pictures = [];
    for (const item of answer.data) {
      pictures.push(item.b64_json ? Buffer.from(item.b64_json, "base64") : await fetched(item.url));
    }
    const heads = pictures.map((picture) => picture.subarray(0, 8).toString("hex"));
    return { heads, sizes: pictures.map((picture) => picture.length), answer };
  },
  async models() {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    return { ids };
  },
  retrieve: ({ model }) => client.models.retrieve(model),
};

const told = [];
for (const [what, given] of asked.calls) {
  try {
    told.push(await calls[what](given));
  } catch (error) {
    told.push({
      error: error.constructor.name,
      text: error.message,
      status: error.status ?? null,
      request_id: error.requestID ?? null,
    });
  }
}
console.log(JSON.stringify(told));
