import { newBasic } from "../../../../src/authn/index.js";
import {
  type Effect,
  type Fault,
  fetchOf,
  newRegistry,
  type Registry,
  type RegistryOptions,
  withFaults,
} from "../../../../src/registry/index.js";
import type { RemoteOptions } from "../../../../src/remote/index.js";
import { Bodies } from "./bodies.js";
import { type Kind, STORE, type Step, Steps } from "./steps.js";
import { WatchedStorage } from "./watched-storage.js";

export const HOST = "registry.example";

/** Strikes a step of a flow. */
export interface Blow {
  readonly kind: Kind;
  /** The first request of the kind that is struck, counted from 1. */
  readonly nth: number;
  /** How many of that kind are struck from there on. */
  readonly times: number;
  readonly effect: Effect;
}

/** What a bench is made of. */
export interface BenchOptions {
  readonly blows?: readonly Blow[];
  readonly registry?: Omit<RegistryOptions, "auth" | "storage">;
  readonly storage?: WatchedStorage;
  /** Blobs are not given by the registry, which redirects to a store. */
  readonly redirects?: boolean;
  /** Whether the client's `fetch` pays no heed to signals. */
  readonly deaf?: boolean;
  /** Whether the registry has an API for referrers. Default: true. */
  readonly referrersAPI?: boolean;
}

/** The embedded registry, which gives tokens to one user; a client's `fetch` that reaches it; and what comes between the two. */
export class Bench {
  readonly storage: WatchedStorage;
  readonly steps: Steps = new Steps(HOST);
  readonly bodies: Bodies = new Bodies();
  /** Aborted by what makes the client wait for ever. */
  readonly controller: AbortController = new AbortController();
  readonly fetch: typeof fetch;
  readonly #registry: Registry;
  readonly #inner: typeof fetch;
  readonly #pending = new Set<Promise<unknown>>();
  readonly #taken = new WeakMap<Request, Step>();
  readonly #options: BenchOptions;

  constructor(options: BenchOptions = {}) {
    this.#options = options;
    this.storage = options.storage ?? new WatchedStorage();
    this.#registry = newRegistry({
      ...options.registry,
      auth: { scheme: "bearer", users: { user: "password" } },
      storage: this.storage,
    });
    const faulty = withFaults(
      (request) => this.#answer(request),
      (options.blows ?? []).map((blow) => this.#faultOf(blow)),
    );
    this.#inner = fetchOf((request) => {
      this.#taken.set(request, this.steps.take(request));
      const answering = faulty(request);
      this.#pending.add(answering);
      const done = (): void => void this.#pending.delete(answering);
      answering.then(done, done);
      return answering;
    });
    this.fetch = async (input, init) => {
      const { signal, stop } = followerOf(options.deaf === true ? undefined : init?.signal);
      try {
        return this.bodies.watched(await this.#inner(input, { ...init, signal }));
      } finally {
        stop();
      }
    };
  }

  /** For a client under test. */
  get client(): RemoteOptions {
    return {
      ...credentials,
      fetch: this.fetch,
      retryBackoff: { delay: 0 },
      jobs: 1,
    };
  }

  /** For a client whose requests are no part of the flow. */
  get quietClient(): RemoteOptions {
    return { ...credentials, fetch: fetchOf((request) => this.#answer(request)) };
  }

  /** Settles when no request is being answered any more. */
  async quiet(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending);
  }

  async close(): Promise<void> {
    await this.#registry.close();
  }

  #faultOf({ kind, nth, times, effect }: Blow): Fault {
    return { when: (request) => this.#taken.get(request)?.kind === kind, nth, times, effect };
  }

  async #answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    if (url.host === STORE) return this.#fromStore(request);
    if (url.host !== HOST) throw Object.assign(new TypeError("fetch failed"), { cause: notFound(url.host) });
    const response = await this.#registry.fetch(request);
    if (this.#options.referrersAPI === false && url.pathname.includes("/referrers/") && response.ok) {
      await response.body?.cancel();
      return Response.json({ errors: [{ code: "UNSUPPORTED", message: "no such page" }] }, { status: 404 });
    }
    const location = response.headers.get("location");
    if (request.method === "POST" && response.status === 202 && location !== null) {
      this.steps.opened(location);
    }
    if (this.#options.referrersAPI === false) response.headers.delete("oci-subject");
    const isBlob = request.method === "GET" && /\/blobs\/sha256:/.test(url.pathname);
    if (this.#options.redirects !== true || !isBlob || !response.ok) return response;
    await response.body?.cancel();
    const to = `https://${STORE}${url.pathname}?signature=secret`;
    return new Response(null, { status: 307, headers: { location: to } });
  }

  /** The store asks for no token, and must be shown none. */
  async #fromStore(request: Request): Promise<Response> {
    if (request.headers.has("authorization")) throw new Error("the store was shown a token of the registry");
    const { pathname } = new URL(request.url);
    const [, repository = "", digest = ""] = /^\/v2\/(.+)\/blobs\/(.+)$/.exec(pathname) ?? [];
    const open = newRegistry({ storage: this.storage });
    return open.fetch(
      new Request(`https://${HOST}/v2/${repository}/blobs/${digest}`, { headers: request.headers }),
    );
  }
}

const credentials = { auth: newBasic("user", "password") };

/** A signal that follows another until it is stopped: what a `Request` leaves on a signal stays there. */
function followerOf(signal: AbortSignal | null | undefined): { signal: AbortSignal; stop: () => void } {
  const controller = new AbortController();
  const follow = (): void => controller.abort(signal?.reason);
  if (signal?.aborted === true) follow();
  signal?.addEventListener("abort", follow);
  return { signal: controller.signal, stop: () => signal?.removeEventListener("abort", follow) };
}

function notFound(host: string): Error {
  return Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: "ENOTFOUND" });
}
