import { RegistryOptionsError } from "./options-error.js";

/** Response headers of the protocol that a page gets to read, beside those that it always may. */
const EXPOSED = [
  "Accept-Ranges",
  "Content-Range",
  "Docker-Content-Digest",
  "Docker-Distribution-API-Version",
  "Docker-Upload-UUID",
  "Link",
  "Location",
  "OCI-Chunk-Min-Length",
  "OCI-Filters-Applied",
  "OCI-Subject",
  "OCI-Tag",
  "Range",
  "Retry-After",
  "Warning",
  "WWW-Authenticate",
].join(", ");

const METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE";

/** How long a browser may remember the answer to a preflight, in seconds; Chromium remembers none longer. */
const MAX_AGE = "7200";

/** A list of header names, as a browser sends it. */
const HEADER_NAMES = /^[\w!#$%&'*+.^`|~-]+(?: *, *[\w!#$%&'*+.^`|~-]+)*$/u;

/**
 * Lets pages of other origins use a registry (the fetch standard, "CORS protocol"). Pages send credentials themselves, in
 * `Authorization`; those that the browser keeps are not asked for.
 */
export class Cors {
  readonly #origins: "*" | ReadonlySet<string>;

  /**
   * @param origins all of them, or a list such as `https://example.com`, `http://localhost:8080`
   * @throws {RegistryOptionsError} if one is no origin
   */
  constructor(origins: "*" | readonly string[]) {
    if (origins !== "*") {
      for (const origin of origins) {
        if (isOrigin(origin)) continue;
        throw new RegistryOptionsError(
          `cors has ${JSON.stringify(origin)}, which is no origin: expected a scheme, a host and perhaps a port, such as https://example.com`,
        );
      }
    }
    this.#origins = origins === "*" ? "*" : new Set(origins);
  }

  /** The answer to a preflight, which comes without credentials and gets no further; undefined if the request is none. */
  preflight(request: Request): Response | undefined {
    const asked = request.headers.get("Access-Control-Request-Method");
    if (request.method !== "OPTIONS" || asked === null) return undefined;
    const headers = new Headers({
      "Access-Control-Allow-Methods": METHODS,
      "Access-Control-Max-Age": MAX_AGE,
    });
    const names = request.headers.get("Access-Control-Request-Headers");
    if (names !== null && HEADER_NAMES.test(names)) headers.set("Access-Control-Allow-Headers", names);
    return new Response(null, { status: 204, headers });
  }

  /** Says in a response's headers who may read it. */
  allow(request: Request, headers: Headers): void {
    if (this.#origins !== "*") headers.append("Vary", "Origin");
    const origin = request.headers.get("Origin");
    if (origin === null || !(this.#origins === "*" || this.#origins.has(origin))) return;
    headers.set("Access-Control-Allow-Origin", this.#origins === "*" ? "*" : origin);
    headers.set("Access-Control-Expose-Headers", EXPOSED);
  }
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { origin, protocol, host } = new URL(text);
  // Schemes of apps and extensions have an opaque origin by the URL standard, and send scheme and host all the same.
  return text === (origin === "null" ? `${protocol}//${host}` : origin);
}
