/** What a request of a flow is for, told by the request alone, and by what its upload was opened for. */
export const KINDS = [
  "ping",
  "token",
  "HEAD manifest",
  "GET manifest",
  "PUT manifest",
  "DELETE manifest",
  "GET referrers",
  "GET referrers tag",
  "PUT referrers tag",
  "HEAD blob",
  "GET blob",
  "GET blob rest",
  "GET store",
  "GET store rest",
  "POST mount",
  "POST upload",
  "PATCH stream",
  "PATCH known",
  "PATCH chunk of stream",
  "PATCH chunk of known",
  "GET upload",
  "PUT commit of stream",
  "PUT commit of known",
  "PUT whole",
  "DELETE upload",
  "GET tags",
  "GET catalog",
  "elsewhere",
] as const;

export type Kind = (typeof KINDS)[number];

/** One request of a flow: the nth of its kind. */
export interface Step {
  readonly kind: Kind;
  readonly nth: number;
}

/** The host that the registry redirects to for what it has in store. */
export const STORE = "store.example";

/** What an upload is for: a layer that is read once, or one that knows its digest. */
type Purpose = "stream" | "known";

/** Tells the requests of a flow apart, in the order in which they come. */
export class Steps {
  readonly taken: Step[] = [];
  readonly #host: string;
  readonly #counts = new Map<Kind, number>();
  readonly #purposes = new Map<string, Purpose>();
  #last: Kind | undefined;
  #opening: Purpose = "stream";

  constructor(host: string) {
    this.#host = host;
  }

  take(request: Request): Step {
    const kind = this.#kindOf(request);
    const nth = (this.#counts.get(kind) ?? 0) + 1;
    this.#counts.set(kind, nth);
    if (kind !== "token") this.#last = kind;
    const step = { kind, nth };
    this.taken.push(step);
    return step;
  }

  /** The registry has opened an upload. */
  opened(location: string): void {
    this.#purposes.set(idOf(location), this.#opening);
  }

  #kindOf({ method, url, headers }: Request): Kind {
    const { pathname, host, searchParams } = new URL(url);
    const rest = headers.has("range") ? " rest" : "";
    if (host === STORE) return `GET store${rest}`;
    if (host !== this.#host) return "elsewhere";
    if (pathname === "/v2/") return "ping";
    if (pathname === "/token") return "token";
    if (pathname === "/v2/_catalog") return "GET catalog";
    if (pathname.endsWith("/tags/list")) return "GET tags";
    if (pathname.includes("/referrers/")) return "GET referrers";
    if (pathname.includes("/manifests/sha256-")) return `${method} referrers tag` as Kind;
    if (pathname.includes("/manifests/")) return `${method} manifest` as Kind;
    if (!pathname.includes("/blobs/")) return "elsewhere";
    if (!pathname.includes("/uploads/")) return method === "HEAD" ? "HEAD blob" : `GET blob${rest}`;
    return this.#uploadKindOf(method, pathname, headers, searchParams);
  }

  #uploadKindOf(method: string, path: string, headers: Headers, query: URLSearchParams): Kind {
    if (method === "POST") {
      if (this.#last === "HEAD blob" || this.#last === "POST mount") this.#opening = "known";
      else if (this.#last !== "POST upload") this.#opening = "stream";
      return query.has("mount") ? "POST mount" : "POST upload";
    }
    const purpose = this.#purposes.get(idOf(path)) ?? "stream";
    if (method === "PATCH") {
      return headers.has("content-range") ? `PATCH chunk of ${purpose}` : `PATCH ${purpose}`;
    }
    if (method === "PUT") {
      return headers.has("content-type") ? "PUT whole" : `PUT commit of ${purpose}`;
    }
    return `${method} upload` as Kind;
  }
}

function idOf(location: string): string {
  return /([^/?]+)(?:\?.*)?$/.exec(location)?.[1] ?? "";
}
