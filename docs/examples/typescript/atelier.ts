// What a program needs to be good at speaking to a studio: retries, waiting, pages, what is kept, signed messages.
// Needs nothing but fetch and Web Crypto, so it runs in Node 20, in workers and, with a session token, in apps.

export interface Image {
  id: string;
  position: number;
  url: string;
  thumbnails: Record<string, string>;
  width: number;
  height: number;
  sha256: string;
  starred?: boolean;
}

export interface Generation {
  id: string;
  status: "queued" | "running" | "completed" | "failed" | "cancelled";
  price: { captured: number };
  images: Image[];
}

export interface Order {
  model: string;
  prompt: string;
  count?: number;
  seed?: number;
  quote?: string;
}

interface Page<Thing> {
  results: Thing[];
  next: string | null;
}

interface ProblemBody {
  status: number;
  code: string;
  detail: string;
  request_id: string;
  errors?: { pointer: string; code: string; detail: string }[];
}

const PASSING = new Set([429, 502, 503, 504]); // troubles that pass by themselves
const TRIES = 5;
const pause = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));

/** What the studio refused, by `code`; `errors` names each field that is wrong. */
export class Problem extends Error {
  constructor(readonly body: ProblemBody) {
    super(`${body.code}: ${body.detail}`);
  }

  get code() {
    return this.body.code;
  }

  get errors() {
    return this.body.errors ?? [];
  }
}

/** A studio, for whoever the key or the app's session token belongs to. */
export class Studio {
  readonly #root: string;
  readonly #headers: Record<string, string>;
  readonly #kept = new Map<string, { tag: string; body: unknown }>();

  constructor(address: string, credentials: { key: string } | { session: string }) {
    this.#root = `${address}/api/v1`;
    this.#headers =
      "key" in credentials
        ? { Authorization: `Bearer ${credentials.key}` }
        : { "X-Session-Token": credentials.session };
  }

  /** What is there; what has not changed since the last time is not sent again. */
  async get<Thing>(path: string): Promise<Thing> {
    const kept = this.#kept.get(path);
    const answer = await this.#send("GET", path, { headers: kept ? { "If-None-Match": kept.tag } : {} });
    if (answer.status === 304 && kept) return kept.body as Thing;
    const body = (await answer.json()) as Thing;
    this.#kept.set(path, { tag: answer.headers.get("ETag") ?? "", body });
    return body;
  }

  /** What came of it. */
  async post<Thing>(path: string, body?: unknown): Promise<Thing> {
    const answer = await this.#send("POST", path, body === undefined ? {} : { body: JSON.stringify(body) });
    return (await answer.json()) as Thing;
  }

  /** Change a thing as it was read last; when somebody else was faster, read it again and change that. */
  async change<Thing>(path: string, changes: Partial<Thing>): Promise<Thing> {
    for (;;) {
      await this.get(path);
      const headers = { "If-Match": this.#kept.get(path)?.tag ?? "*" };
      try {
        const answer = await this.#send("PATCH", path, { headers, body: JSON.stringify(changes) });
        return (await answer.json()) as Thing;
      } catch (problem) {
        if (!(problem instanceof Problem && problem.code === "changed_meanwhile")) throw problem;
      }
    }
  }

  /** Everything in a list, however long, a page at a time. */
  async *pages<Thing>(path: string): AsyncGenerator<Thing> {
    let following: string | null = path;
    while (following) {
      const page: Page<Thing> = await this.get(following);
      yield* page.results;
      following = page.next;
    }
  }

  /** Order pictures, once: the key makes one order of all tries, however often the network fails. */
  async submit(order: Order): Promise<Generation> {
    const headers = { "Idempotency-Key": crypto.randomUUID(), Prefer: "wait=30" };
    const answer = await this.#send("POST", "/generations", { headers, body: JSON.stringify(order) });
    return (await answer.json()) as Generation;
  }

  /** The generation once it has ended: told by its events, and asked for where no stream comes through. */
  async finished(generation: Generation, told: (event: GenerationEvent) => void): Promise<Generation> {
    while (generation.status === "queued" || generation.status === "running") {
      try {
        for await (const event of this.events(generation.id)) told(event);
      } catch (error) {
        if (error instanceof Problem) throw error;
        await pause(2);
      }
      generation = await this.get(`/generations/${generation.id}`);
    }
    return generation;
  }

  /** Everything that happens to it, from its first event on, until it has ended. */
  async *events(generation: string): AsyncGenerator<GenerationEvent> {
    const headers = { Accept: "text/event-stream" };
    const answer = await this.#send("GET", `/generations/${generation}/events`, { headers });
    if (!answer.body) return;
    let text = "";
    for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
      const blocks = (text + piece).split("\n\n");
      text = blocks.pop() ?? "";
      for (const block of blocks) {
        const fields = new Map(block.split("\n").map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
        if (fields.get("event") === "done") return;
        if (fields.get("event") === "generation") yield JSON.parse(fields.get("data") ?? "") as GenerationEvent;
      }
    }
  }

  /** A picture's bytes, which are what the studio says; its address needs no headers and ends after 15 minutes. */
  async picture(image: Image): Promise<Uint8Array> {
    const answer = await fetch(image.url);
    if (!answer.ok) throw new Error(`the picture answers ${answer.status}: read the image again for a fresh address`);
    const content = new Uint8Array(await answer.arrayBuffer());
    const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", content));
    const hex = Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
    if (hex !== image.sha256) throw new Error("the picture did not come through whole");
    return content;
  }

  async #send(method: string, path: string, options: Options): Promise<Response> {
    const url = path.startsWith("http") ? path : this.#root + path;
    const json = options.body === undefined ? {} : { "Content-Type": "application/json" };
    const headers = { ...this.#headers, ...json, ...options.headers };
    for (let attempt = 0; ; attempt++) {
      const last = attempt === TRIES - 1;
      try {
        const answer = await fetch(url, { method, headers, ...(options.body && { body: options.body }) });
        if (answer.ok || answer.status === 304) return answer;
        if (!PASSING.has(answer.status) || last) throw new Problem((await answer.json()) as ProblemBody);
        await pause(Number(answer.headers.get("Retry-After") ?? 2 ** attempt));
      } catch (error) {
        // What was not answered may have been done: only what the studio does once is sent again.
        const once = method !== "POST" || "Idempotency-Key" in headers;
        if (error instanceof Problem || last || !once) throw error;
        await pause(2 ** attempt + Math.random());
      }
    }
  }
}

export interface GenerationEvent {
  kind: string;
  ready: number;
  count: number;
}

interface Options {
  headers?: Record<string, string>;
  body?: string;
}

/** A webhook's message; throws for one that the studio did not send, or not now. */
export async function verified(secret: string, headers: Headers, body: string): Promise<{ type: string }> {
  const id = headers.get("webhook-id");
  const timestamp = headers.get("webhook-timestamp");
  const given = (headers.get("webhook-signature") ?? "").split(" ").map((one) => one.replace(/^v1,/, ""));
  const raw = Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (sign) => sign.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  const sent = new TextEncoder().encode(`${id}.${timestamp}.${body}`);
  const checks = given.map((one) => {
    const signature = Uint8Array.from(atob(one), (sign) => sign.charCodeAt(0));
    return crypto.subtle.verify("HMAC", key, signature, sent);
  });
  if (!(await Promise.all(checks)).includes(true)) throw new Error("signed by somebody else");
  if (Math.abs(Date.now() / 1000 - Number(timestamp)) > 300) throw new Error("too old");
  return JSON.parse(body) as { type: string };
}
