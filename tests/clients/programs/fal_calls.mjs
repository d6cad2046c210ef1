// The same as fal_calls.py, with the npm package @fal-ai/client. `proxy` sends everything through the studio's proxy,
// as whoever has the cookie if there is one.
import { readFileSync } from "node:fs";
import { createFalClient } from "@fal-ai/client";

const asked = JSON.parse(readFileSync(0, "utf8"));
const base = asked.base_url;
const redirected = {
  requestMiddleware: async (request) => ({
    ...request,
    url: request.url
      .replace("https://queue.fal.run", `${base}/fal/queue`)
      .replace("https://fal.run", `${base}/fal/run`),
    headers: { ...request.headers, ...asked.headers },
  }),
};
const proxied = { proxyUrl: { url: `${base}/fal/proxy`, when: "always" } };
const page = {
  ...proxied,
  fetch: (url, init) => fetch(url, { ...init, headers: { ...init.headers, cookie: asked.cookie, origin: base } }),
};
const fal = createFalClient(
  asked.cookie ? page : { credentials: process.env.FAL_KEY, ...(asked.proxy ? proxied : redirected) },
);

const requests = (id) => fetch(`${base}/fal/queue/x/requests/${id}/status`, { headers: { authorization: `Key ${process.env.FAL_KEY}` } });
let updates = [];

const calls = {
  run: ([id, options]) => fal.run(id, options),
  subscribe: ([id, options]) => fal.subscribe(id, { ...options, onQueueUpdate: (update) => updates.push(update) }),
  submit: ([id, options]) => fal.queue.submit(id, options),
  status: ([id, options]) => fal.queue.status(id, options),
  result: ([id, options]) => fal.queue.result(id, options),
  async follow([id, options]) {
    await fal.queue.subscribeToStatus(id, options);
    return fal.queue.result(id, options);
  },
  async stream([id, options]) {
    const { request_id: requestId } = await fal.queue.submit(id, options);
    const stream = await fal.queue.streamStatus(id, { requestId, logs: true });
    for await (const update of stream) updates.push(update);
    return fal.queue.result(id, { requestId });
  },
  async cancel([id, options]) {
    const { request_id: requestId } = await fal.queue.submit(id, options);
    updates.push(await fal.queue.status(id, { requestId }));
    await fal.queue.cancel(id, { requestId });
    updates.push(await fal.queue.status(id, { requestId, logs: true }));
    await fal.queue.cancel(id, { requestId });
  },
  async timeout([id, options]) {
    let requestId;
    try {
      await fal.subscribe(id, { ...options, onEnqueue: (number) => { requestId = number; } });
    } finally {
      let found;
      do found = await (await requests(requestId)).json(); while (found.status !== "COMPLETED");
      updates.push(found);
    }
  },
};

const told = [];
for (const [what, given] of asked.calls) {
  updates = [];
  let answer;
  try {
    answer = await calls[what](given);
  } catch (error) {
    answer = {
      error: error.name,
      text: error.message,
      status: error.status ?? null,
      body: error.body ?? null,
      fields: error.fieldErrors ?? null,
      request_id: error.requestId ?? null,
    };
  }
  const heads = [];
  for (const image of answer?.data?.images ?? []) {
    heads.push(Buffer.from(await (await fetch(image.url)).arrayBuffer()).subarray(0, 8).toString("hex"));
  }
  told.push({ answer: answer ?? null, heads, updates });
}
console.log(JSON.stringify(told));
