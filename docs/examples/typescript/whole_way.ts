// The whole way from signing up to a picture on the screen, and what a program does afterwards.
//
//     npx tsc && node built/whole_way.js https://studio.example you@example.com
//
// A person signs up, the app makes a key for the server, and from there on everything is the server's.
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline/promises";
import { type Generation, type Image, Problem, Studio, verified } from "./atelier.js";

const ORDER = { model: "sketch", prompt: "a lighthouse at dusk", count: 2, seed: 7 };

/** A new account, by the flow of a native app; answers the token of its session. */
async function signUp(address: string, email: string): Promise<string> {
  let session = "";
  const send = async (path: string, body: object) => {
    const headers = { "Content-Type": "application/json", ...(session && { "X-Session-Token": session }) };
    const url = `${address}/api/auth/app/v1/auth${path}`;
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    const { meta } = (await answer.json()) as { meta: { session_token?: string } };
    session = meta.session_token ?? session;
    return answer;
  };
  await send("/signup", { email, password: crypto.randomUUID() });
  const asking = createInterface({ input: process.stdin, output: process.stdout });
  const link = await asking.question("The address in the mail: ");
  asking.close();
  const answer = await send("/email/verify", { key: link.replace(/\/$/, "").split("/").pop() });
  if (!answer.ok) throw new Error("the address in the mail was another");
  return session;
}

/** A key for the server, which may do no more than it has to. */
async function makeKey(address: string, session: string): Promise<string> {
  const scopes = ["generations", "images", "webhooks"].flatMap((kind) => [`${kind}:read`, `${kind}:write`]);
  const { key } = await new Studio(address, { session }).post<{ key: string }>("/keys", { name: "the server", scopes });
  return key;
}

/** Ask what it costs, order it at that price, and wait. */
async function order(studio: Studio): Promise<Generation> {
  const misspelt = { ...ORDER, sed: 7 };
  await studio.submit(misspelt).catch((problem: unknown) => {
    if (!(problem instanceof Problem)) throw problem;
    console.log(`refused: ${problem.errors[0]?.pointer} ${problem.errors[0]?.detail}`);
  });
  const quote = await studio.post<{ id: string; balance: number; price: { total: number } }>("/quotes", ORDER);
  console.log(`costs ${quote.price.total} of ${quote.balance} credits`);
  const generation = await studio.submit({ ...ORDER, quote: quote.id });
  return studio.finished(generation, (event) => console.log(`  ${event.kind}: ${event.ready} of ${event.count}`));
}

/** Page through what there is, star the newest, and read it again without having it sent again. */
async function lookAround(studio: Studio): Promise<void> {
  const images: Image[] = [];
  for await (const image of studio.pages<Image>("/images?limit=1")) images.push(image);
  console.log(`${images.length} pictures in the gallery`);
  const newest = `/images/${images[0]?.id}`;
  const starred = await studio.change<Image>(newest, { starred: true });
  console.log(`starred: ${starred.starred}`);
  console.log(`the same again: ${(await studio.get(newest)) === (await studio.get(newest))}`);
}

/** Be told by webhook: have a test message sent, and believe it only if its signature is right. */
async function listen(studio: Studio): Promise<void> {
  let secret = "";
  const server = createServer();
  const told = new Promise<{ type: string }>((resolve) => {
    server.on("request", async (request, response) => {
      const pieces: Buffer[] = [];
      for await (const piece of request) pieces.push(piece as Buffer);
      const headers = new Headers(request.headers as Record<string, string>);
      try {
        resolve(await verified(secret, headers, Buffer.concat(pieces).toString()));
        response.writeHead(204).end();
      } catch {
        response.writeHead(400).end();
      }
    });
  });
  await new Promise<void>((ready) => server.listen(0, "127.0.0.1", ready));
  const { port } = server.address() as AddressInfo;
  const body = { url: `http://127.0.0.1:${port}/atelier` };
  const endpoint = await studio.post<{ id: string; secret: string }>("/webhooks", body);
  secret = endpoint.secret;
  await studio.post(`/webhooks/${endpoint.id}/test`);
  console.log(`told of ${(await told).type}`);
  server.close();
}

const [address = "", email = ""] = process.argv.slice(2);
const studio = new Studio(address, { key: await makeKey(address, await signUp(address, email)) });
const generation = await order(studio);
console.log(`${generation.status}, paid ${generation.price.captured}`);
for (const image of generation.images) {
  const path = `lighthouse-${image.position}.png`;
  await writeFile(path, await studio.picture(image));
  console.log(`saved ${path}, ${image.width} × ${image.height}`);
}
await lookAround(studio);
await listen(studio);
