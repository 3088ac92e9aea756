import { newRepository, type Repository } from "../../src/name/index.js";

/** A request as `fetch` was given it. */
export interface Call {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly init: RequestInit;
  /** Takes the body to its end. */
  body(): Promise<Uint8Array>;
}

export type Reply = (call: Call) => Response | Promise<Response>;

/** Replies to methods, those of a proper registry where a test gives none; GET is the ping. */
export type Replies = Readonly<Record<string, Reply>>;

const PROPER: Replies = {
  GET: () => new Response("{}"),
  HEAD: () => new Response(null, { status: 404 }),
  POST: () => redirectless(202, "/v2/repo/blobs/uploads/1?state=first"),
  PATCH: async (call) => {
    await call.body();
    return redirectless(202, "/v2/repo/blobs/uploads/1?state=second");
  },
  PUT: () => new Response(null, { status: 201 }),
  DELETE: () => new Response(null, { status: 204 }),
};

/** A `fetch` behind which there is only the test. */
export class FakeRegistry {
  readonly calls: Call[] = [];
  readonly repository: Repository = newRepository("registry.example/repo");
  readonly #replies: Replies;

  constructor(replies: Replies = {}) {
    this.#replies = { ...PROPER, ...replies };
  }

  /** As "METHOD url" without the host, in order. */
  get log(): string[] {
    return this.calls.map(({ method, url }) => `${method} ${url.replace("https://registry.example", "")}`);
  }

  get methods(): string[] {
    return this.calls.map(({ method }) => method);
  }

  readonly fetch: typeof fetch = async (input, init = {}) => {
    const { method = "GET", headers, body } = init;
    const call: Call = {
      method,
      url: String(input),
      headers: new Headers(headers),
      init,
      body: () => drain(body as ReadableStream<Uint8Array> | undefined),
    };
    this.calls.push(call);
    const reply = this.#replies[method];
    if (reply === undefined) {
      throw new TypeError(`nothing answers ${method}`);
    }
    return reply(call);
  };
}

export function redirectless(status: number, location: string): Response {
  return new Response(null, { status, headers: { location } });
}

export function errors(status: number, ...entries: readonly object[]): Response {
  return new Response(JSON.stringify({ errors: entries }), { status });
}

/** What undici's fetch rejects with when a connection comes to nothing. */
export function fetchFailed(code: string, message: string = code): TypeError {
  return new TypeError("fetch failed", { cause: Object.assign(new Error(message), { code }) });
}

/** Never settles, and pays no heed to signals: the least that a fetch can do. */
export function silence(): Promise<Response> {
  return new Promise(() => undefined);
}

async function drain(body: ReadableStream<Uint8Array> | undefined): Promise<Uint8Array> {
  return new Uint8Array(await new Response(body ?? null).arrayBuffer());
}
