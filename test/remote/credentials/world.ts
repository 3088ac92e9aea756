import { newMemoryStorage, newRegistry, type Registry } from "../../../src/registry/index.js";
import { Secrets } from "./secrets.js";

export const REGISTRY = "https://registry.example";
export const TOKENS = "https://auth.example";
export const CDN = "https://cdn.example";
export const UPLOADS = "https://uploads.example";
/** Where nothing ever has to be asked. */
export const FOREIGN = "https://foreign.example";

/** A request as it went out. */
export interface Sent {
  readonly method: string;
  readonly url: URL;
  /** Everything that its receiver can read: the address, the headers and the body. */
  readonly text: string;
}

export type Answerer = (request: Request) => Response | Promise<Response>;

/** Stands before all hosts: answers in their place, or gives undefined to let them answer. */
export type Detour = (request: Request, world: World) => Response | undefined | Promise<Response | undefined>;

export const USER = "user-Zq7-ada";

/** How a registry lets clients in. */
export type Scheme = "basic" | "bearer";

/**
 * A registry that lets only users in, with tokens from another host, and stores beside it that take and give blobs to whoever has their
 * signed addresses. Each request is noted, whoever gets it.
 */
export class World {
  readonly sent: Sent[] = [];
  readonly secrets: Secrets = new Secrets();
  readonly password: string;
  /** Parts of addresses that are capabilities. */
  readonly uploadSignature = "uploadsig.Zq7~aa11bb22cc33";
  readonly redirectSignature = "redirectsig.Zq7~dd44ee55ff66";
  /** The same content without a guard, for what stands behind signed addresses, and for preparations. */
  readonly open: Registry;
  /** Stands in the way of requests. */
  detour: Detour = () => undefined;
  readonly #scheme: Scheme;
  readonly #guarded: Registry;

  constructor(scheme: Scheme, password: string) {
    this.#scheme = scheme;
    this.password = password;
    const storage = newMemoryStorage({ limit: 64 * 1024 * 1024 });
    const users = { [USER]: password };
    const auth =
      scheme === "basic"
        ? { scheme, users }
        : { scheme, users, realm: `${TOKENS}/token?tenant=a`, service: "registry.example" };
    this.open = newRegistry({ storage });
    this.#guarded = newRegistry({ storage, auth });
    this.secrets.add("user", USER);
    this.secrets.add("password", password);
    this.secrets.add("upload signature", this.uploadSignature);
    this.secrets.add("redirect signature", this.redirectSignature);
  }

  readonly fetch: typeof fetch = async (input, init = {}) => {
    const { body, ...rest } = init;
    const bytes = body == null ? undefined : new Uint8Array(await new Response(body).arrayBuffer());
    const request = new Request(String(input), { ...rest, ...(bytes === undefined ? {} : { body: bytes }) });
    const headers = [...request.headers].map(([name, value]) => `${name}: ${value}`);
    this.sent.push({
      method: request.method,
      url: new URL(request.url),
      text: [request.url, ...headers, new TextDecoder("latin1").decode(bytes)].join("\n"),
    });
    return (await this.detour(request.clone(), this)) ?? this.answer(request);
  };

  /** What the hosts themselves answer. */
  async answer(request: Request): Promise<Response> {
    const { origin } = new URL(request.url);
    switch (origin) {
      case REGISTRY:
        return this.signed(await this.#guarded.fetch(request));
      case TOKENS:
        return this.given(await this.#guarded.fetch(request), "token");
      case CDN:
      case UPLOADS:
        return this.signed(await this.open.fetch(request));
      default:
        throw new TypeError("fetch failed", { cause: new Error(`nothing is at ${origin}`) });
    }
  }

  /** Whether the registry would let a request pass. */
  async admits(request: Request): Promise<boolean> {
    const probe = new Request(request.url, { method: "GET", headers: request.headers });
    const base = new Request(`${REGISTRY}/v2/`, { headers: request.headers });
    const answers = [await this.#guarded.fetch(probe), await this.#guarded.fetch(base)];
    return answers.every(({ status }) => status !== 401);
  }

  /** A token for a scope, or one that stands for the credentials; one of no use where there are none. */
  async token(scope: string, refresh = false): Promise<string> {
    if (this.#scheme === "basic") return `token-Zq7-${scope.length}-${refresh}`;
    const query = `service=registry.example&scope=${scope}&offline_token=${refresh}`;
    const authorization = `Basic ${Buffer.from(`${USER}:${this.password}`).toString("base64")}`;
    const answer = await this.#guarded.fetch(
      new Request(`${TOKENS}/token?${query}`, { headers: { authorization } }),
    );
    const given = (await answer.json()) as { token: string; refresh_token: string };
    return refresh ? given.refresh_token : given.token;
  }

  /** Takes note of the tokens that an answer gives. */
  async given(answer: Response, what: string): Promise<Response> {
    const text = await answer.text();
    const { token, refresh_token: refresh } = JSON.parse(text) as Record<string, string | undefined>;
    if (token !== undefined) this.secrets.add(what, token);
    if (refresh !== undefined) this.secrets.add("refresh token", refresh);
    return new Response(text, answer);
  }

  /** An upload's address is a capability. */
  signed(answer: Response): Response {
    const location = answer.headers.get("location");
    if (location?.includes("/uploads/") !== true) return answer;
    const headers = new Headers(answer.headers);
    headers.set("location", `${location.split("?")[0]}?_state=${this.uploadSignature}`);
    return new Response(answer.body, { status: answer.status, headers });
  }

  /** The secrets that each host has seen. */
  seen(): ReadonlyMap<string, ReadonlySet<string>> {
    const seen = new Map<string, Set<string>>();
    for (const { url, text } of this.sent) {
      const known = seen.get(url.origin) ?? new Set();
      for (const secret of this.secrets.in(text)) known.add(secret);
      seen.set(url.origin, known);
    }
    return seen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.open.close(), this.#guarded.close()]);
  }
}
