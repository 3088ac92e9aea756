import { VarveError } from "../../core/error.js";
import { concealFailure } from "./conceal.js";
import { printable } from "./printable.js";
import { redactURL, redactURLsIn } from "./redact.js";
import type { Answer } from "./transport.js";

/** What may be known of a network failure besides its message. */
export interface NetworkErrorOptions {
  readonly host: string;
  readonly cause: unknown;
  /** Whether the connection broke; by default that is told by the cause. */
  readonly broken?: boolean;
}

/**
 * A request got no answer: the registry could not be reached, its certificate was not accepted, or the connection broke.
 * `cause` is what `fetch` gave, or, if that tells a credential or another part of a URL's query, a copy that does not. Its `code` is `ERR_VARVE_NETWORK`.
 *
 * It is `retryable` unless a certificate was refused; that speaks of the network alone: a streaming layer that had been read
 * from must be made anew before another try.
 */
export class NetworkError extends VarveError {
  override readonly name = "NetworkError";
  /** The host, and the port if it is not the scheme's own, that the request went to. */
  readonly host: string;
  /** The runtime's code for what happened, such as `ECONNREFUSED`; undefined where it gives none. */
  readonly causeCode: string | undefined;
  /**
   * Whether there had been a connection, or there will be one in a moment: worth another try. A host that is not there, or refuses, is
   * not tried again.
   */
  readonly broken: boolean;

  constructor(message: string, { host, cause, broken }: NetworkErrorOptions) {
    const causeCode = codeOf(cause);
    super("ERR_VARVE_NETWORK", message, { cause, retryable: !isCertificateCode(causeCode) });
    this.host = host;
    this.causeCode = causeCode;
    this.broken = broken ?? isBroken(causeCode, cause);
  }
}

/**
 * The error for an answer whose body broke off: a `NetworkError` that is `broken`, whatever the runtime calls it. What has a type already
 * keeps it.
 */
export function brokenBody(failure: unknown, { method, url, conceal }: Answer): unknown {
  if (failure instanceof VarveError) {
    return failure;
  }
  const cause = concealFailure(failure, conceal);
  return new NetworkError(`${method} ${redactURL(url)}: the answer broke off: ${explain(cause)}`, {
    host: url.host,
    cause,
    broken: true,
  });
}

/**
 * What a failure of `fetch` means, with the runtime's code for it. Its own message is mostly "fetch failed", and what happened
 * stands in the cause, or in the cause's cause.
 */
export function explain(failure: unknown): string {
  const code = codeOf(failure);
  const meaning = MEANINGS.get(code ?? "");
  if (meaning !== undefined) {
    return `${meaning} (${code})`;
  }
  if (isCertificateCode(code)) {
    return `its certificate was not accepted: ${innermostMessage(failure)} (${code})`;
  }
  const message = innermostMessage(failure);
  return code === undefined || message.includes(code) ? message : `${message} (${code})`;
}

const REFUSED = "the connection was refused";
const NOT_FOUND = "the host name was not found";
const BROKEN = "the connection broke";
const UNREACHABLE = "there is no route to the host";
const NOT_CONNECTED = "the connection took too long to open";
const NOT_ANSWERED = "the answer took too long";

/** Codes of Node's system errors (libuv), of undici, which is Node's fetch, and of Bun. */
const MEANINGS: ReadonlyMap<string, string> = new Map([
  ["ECONNREFUSED", REFUSED],
  ["ConnectionRefused", REFUSED],
  ["ENOTFOUND", NOT_FOUND],
  ["EAI_AGAIN", "the host name could not be looked up for now"],
  ["ECONNRESET", BROKEN],
  ["EPIPE", BROKEN],
  ["UND_ERR_SOCKET", BROKEN],
  ["ConnectionClosed", BROKEN],
  ["EHOSTUNREACH", UNREACHABLE],
  ["ENETUNREACH", UNREACHABLE],
  ["ETIMEDOUT", NOT_CONNECTED],
  ["UND_ERR_CONNECT_TIMEOUT", NOT_CONNECTED],
  ["UND_ERR_HEADERS_TIMEOUT", NOT_ANSWERED],
  ["UND_ERR_BODY_TIMEOUT", NOT_ANSWERED],
]);

/** Codes after which it is worth another try. */
const PASSING: ReadonlySet<string> = new Set([
  "EAI_AGAIN",
  "ECONNRESET",
  "EPIPE",
  "UND_ERR_SOCKET",
  "ConnectionClosed",
  "ECONNABORTED",
]);

/** How runtimes whose failures have no codes speak of a broken connection: Deno, Cloudflare Workers, browsers. */
const BROKEN_WORDS =
  /connection (?:was )?(?:lost|reset|closed|aborted)|broken pipe|unexpected e(?:of|nd of file)|socket hang up/i;

function isBroken(code: string | undefined, cause: unknown): boolean {
  return code === undefined
    ? chainOf(cause).some(({ message }) => BROKEN_WORDS.test(String(message)))
    : PASSING.has(code);
}

/** OpenSSL's names for what is wrong with a certificate, and Node's own for a wrong host name. */
function isCertificateCode(code: string | undefined): boolean {
  return code !== undefined && /CERT|UNABLE_TO_VERIFY/.test(code);
}

/** The code of the innermost cause that has one from the runtime. */
function codeOf(failure: unknown): string | undefined {
  return chainOf(failure)
    .flatMap(({ code }) => (typeof code === "string" ? [code] : []))
    .findLast((code) => code !== "" && !code.startsWith("ERR_VARVE_"));
}

function innermostMessage(failure: unknown): string {
  const message = chainOf(failure)
    .map((error) => error.message)
    .findLast((text) => typeof text === "string" && text !== "");
  return printable(redactURLsIn(String(message ?? failure)), 256);
}

/** Whether a request failed because it was redirected and said that it must not be; runtimes tell only in their own words. */
export function speaksOfRedirect(failure: unknown): boolean {
  return chainOf(failure).some(({ message, code }) => /redirect/i.test(`${message} ${code}`));
}

interface Failure {
  readonly message?: unknown;
  readonly code?: unknown;
  readonly cause?: unknown;
  readonly errors?: unknown;
}

/** The failure, its cause, and so on; for one that sums up several, such as one for each address of a host, the first of them. */
function chainOf(failure: unknown): readonly Failure[] {
  const chain: Failure[] = [];
  let next: unknown = failure;
  while (typeof next === "object" && next !== null && chain.length < 8) {
    const current: Failure = next;
    chain.push(current);
    next = current.cause ?? (Array.isArray(current.errors) ? current.errors[0] : undefined);
  }
  return chain;
}
