import { unlessAborted } from "../../bytes/index.js";
import { VarveError } from "../../core/error.js";
import { isBrowser } from "./browser.js";
import { type Conceal, concealFailure } from "./conceal.js";
import { locationOf } from "./location.js";
import { explain, NetworkError, speaksOfRedirect } from "./network-error.js";
import { oneShot } from "./one-shot.js";
import { ProtocolError, UnsafeLocationError } from "./protocol-error.js";
import { redactURL } from "./redact.js";
import { discardBody } from "./response-body.js";
import { ShownSecrets } from "./shown-secrets.js";
import { userAgentHeader } from "./user-agent.js";

/** How requests reach a registry. */
export interface TransportOptions {
  /** Makes the requests. Default: the runtime's own `fetch`. */
  readonly fetch?: typeof fetch | undefined;
  /** The name and version of the calling program, such as `"builder/2.1"`; stands before varve's own in `User-Agent`. */
  readonly userAgent?: string | undefined;
}

/** One request, before redirects. */
export interface RegistryRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PATCH" | "PUT" | "DELETE";
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  /** A stream can be sent once; bytes and blobs as often as it takes. */
  readonly body?: RequestBody;
  /** What of the body only the host of `url` may see. */
  readonly confidentialBody?: string;
  /** Shown to the host of `url`, and to none that it redirects to. */
  readonly authorization?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** What a request may carry. */
export type RequestBody = ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | Blob;

/** What came of a request. Whoever holds one sees to it that the response's body is read or cancelled. */
export interface Answer {
  readonly method: string;
  /** What answered, after redirects. */
  readonly url: URL;
  readonly response: Response;
  /** Whether who answered had been shown an `Authorization`. */
  readonly authorized: boolean;
  /** To be applied to whatever of the answer is told to anybody: it may repeat what it was shown. */
  readonly conceal: Conceal;
}

/** The redirects that are followed at most, as by Go's client; more are taken for a circle. */
const MOST_REDIRECTS = 10;

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/** The one place where requests leave for a registry. */
export class Transport {
  readonly #fetch: typeof fetch;
  readonly #userAgent: string | undefined;
  readonly #secrets: ShownSecrets = new ShownSecrets();

  constructor(options: TransportOptions = {}) {
    const { fetch: given = globalThis.fetch } = options;
    // Called on its own: a fetch that is called as some object's method is refused in browsers and Workers.
    this.#fetch = (input, init) => given(input, init);
    this.#userAgent = userAgentHeader(options.userAgent);
  }

  /** Takes out of a text whatever secrets this client has shown to anybody. */
  get conceal(): Conceal {
    return this.#secrets.conceal;
  }

  /**
   * Sends a request and follows redirects, at most ten, each by the rules of {@link locationOf}. A request that changes something is
   * sent on only where the status says that its method stays (307 and 308); other redirects of it are given back as they are. Once a
   * redirect has led to another host, `Authorization` is left out for good. A browser follows the redirects of a read on its own.
   *
   * @throws {NetworkError} if there is no answer; what `fetch` itself has a type for stays as it is, for a request without a body
   * @throws {ProtocolError} if a request with a body that can be sent once is redirected, or there is no end to redirects
   * @throws {UnsafeLocationError} if a redirect leads where it must not; or to another host, with a confidential body
   * @throws the signal's reason, at once, when it is aborted
   */
  async send(request: RegistryRequest): Promise<Answer> {
    let { url, authorization } = request;
    for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
      const answer = await this.#sendOnce({ ...request, url, authorization });
      const { response } = answer;
      if (response.type === "opaqueredirect") {
        throw new ProtocolError(
          `${describe(request, url)}: the registry redirects, and a browser does not let a page see where to; name the registry by the host that it redirects to`,
        );
      }
      if (!REDIRECTS.has(response.status) || !mayFollow(request, response.status)) {
        return answer;
      }
      await discardBody(response, request.signal);
      const next = locationOf(answer);
      if (request.body instanceof ReadableStream) {
        throw new ProtocolError(
          `${describe(request, url)}: the registry redirected the upload to ${next.host} with status ${response.status} after its data had begun to flow, and a stream cannot be sent twice; push to that host directly`,
        );
      }
      if (request.confidentialBody !== undefined && next.host !== url.host) {
        throw new UnsafeLocationError(
          `${describe(request, url)}: refused to follow the redirect to ${next.host}: the request carries a credential, which no other host may see`,
        );
      }
      authorization = next.host === url.host ? authorization : undefined;
      url = next;
    }
    throw new ProtocolError(
      `${describe(request, request.url)}: more than ${MOST_REDIRECTS} redirects, the last to ${redactURL(url)}; the registry or a proxy before it sends requests in a circle`,
    );
  }

  async #sendOnce(request: RegistryRequest): Promise<Answer> {
    const { method, url, body, authorization, signal } = request;
    signal?.throwIfAborted();
    this.#secrets.note(request);
    const headers = new Headers(request.headers);
    if (authorization !== undefined) {
      headers.set("authorization", authorization);
    }
    if (this.#userAgent !== undefined) {
      headers.set("user-agent", this.#userAgent);
    }
    const once = body instanceof ReadableStream;
    const init: RequestInit & { duplex?: "half" } = {
      method,
      headers,
      redirect: "manual",
      ...(body !== undefined ? { body } : {}),
      ...(once ? { ...oneShot(), duplex: "half" } : {}),
      ...(isBrowser() ? ofBrowser(method) : {}),
      ...(signal !== undefined ? { signal } : {}),
    };
    try {
      const response = await unlessAborted(signal, this.#fetch(url.href, init), discard);
      const authorized = authorization !== undefined;
      return { method, url: urlOf(response, url), response, authorized, conceal: this.conceal };
    } catch (thrown) {
      signal?.throwIfAborted();
      if (body === undefined && thrown instanceof VarveError) {
        throw thrown;
      }
      const failure = concealFailure(thrown, this.conceal);
      if (once && speaksOfRedirect(failure)) {
        throw new ProtocolError(
          `${describe(request, url)}: the registry redirected the upload after its data had begun to flow, and a stream cannot be sent twice; push to the host that it redirects to directly`,
          { cause: failure },
        );
      }
      const lost = !once
        ? ""
        : "; a registry or proxy that refuses an upload in the middle may close the connection so fast that its answer is lost: its log tells the reason";
      throw new NetworkError(
        `${describe(request, url)}: no answer from ${url.host}: ${explain(failure)}${lost}`,
        { host: url.host, cause: failure },
      );
    }
  }
}

function describe({ method }: RegistryRequest, url: URL): string {
  return `${method} ${redactURL(url)}`;
}

/** Whether a redirect is to be looked at: a `fetch` that did it would make a GET of a POST at 301, 302 and 303. */
function mayFollow({ method, body }: RegistryRequest, status: number): boolean {
  return method === "GET" || method === "HEAD" || body !== undefined || status >= 307;
}

/**
 * What a browser is told beside. Registries take no cookies, and some fail on those of their own sessions; and the redirects of a read, to
 * the store that has the bytes, are the browser's to follow, as a page cannot see where they lead.
 */
function ofBrowser(method: string): RequestInit {
  return { credentials: "omit", ...(method === "GET" || method === "HEAD" ? { redirect: "follow" } : {}) };
}

/** What answered, if the runtime followed redirects on its own. */
function urlOf(response: Response, asked: URL): URL {
  return response.redirected && response.url !== "" ? new URL(response.url) : asked;
}

function discard(response: Response): void {
  response.body?.cancel().catch(() => undefined);
}
