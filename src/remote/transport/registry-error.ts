import { type ErrorCode, VarveError } from "../../core/error.js";
import { concealIn } from "./conceal.js";
import { printable } from "./printable.js";
import { redactURL, redactURLsIn } from "./redact.js";
import { BODY_LIMIT, type BoundedBody, readBody } from "./response-body.js";
import { retryAfterOf } from "./retry-after.js";
import type { Answer } from "./transport.js";

/** One entry of the `errors` that a registry answers with (OCI distribution-spec, "Error Codes"). */
export interface Diagnostic {
  /** Such as `NAME_INVALID`. */
  readonly code: string;
  /** For people; empty if the registry gave none. */
  readonly message: string;
  /** Whatever the registry adds, of any shape; absent if it adds nothing. */
  readonly detail?: unknown;
}

/** Answers that, without a code that says otherwise, may be different next time. */
const TEMPORARY_STATUSES: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);

/** Codes that blame the moment and not the request. */
const TEMPORARY_CODES: ReadonlySet<string> = new Set([
  "BLOB_UPLOAD_INVALID",
  "TOOMANYREQUESTS",
  "UNKNOWN",
  "UNAVAILABLE",
]);

const CODES: ReadonlyMap<number, ErrorCode> = new Map([
  [401, "ERR_VARVE_UNAUTHORIZED"],
  [403, "ERR_VARVE_DENIED"],
  [404, "ERR_VARVE_NOT_FOUND"],
]);

/**
 * A registry answered with a status that the request did not allow for. Its `code` is `ERR_VARVE_UNAUTHORIZED` for 401,
 * `ERR_VARVE_DENIED` for 403, `ERR_VARVE_NOT_FOUND` for 404, and `ERR_VARVE_REGISTRY` otherwise.
 *
 * `retryable` tells whether the answer is one that passes: the registry gave codes, and all of them are BLOB_UPLOAD_INVALID,
 * TOOMANYREQUESTS, UNKNOWN or UNAVAILABLE, or it gave none, and the status is 408, 429, 500, 502, 503 or 504. It speaks of the
 * registry alone: a streaming layer that had been read from must be made anew before another try.
 */
export class RegistryError extends VarveError {
  override readonly name = "RegistryError";
  readonly method: string;
  /** The URL that answered, after redirects; values in the query that may be secret read `REDACTED`. */
  readonly url: string;
  readonly status: number;
  /** What the registry said, parsed; empty if its body was not of that form. What it repeats of credentials reads `REDACTED`. */
  readonly errors: readonly Diagnostic[];
  /** The answer's body, at most 64 KiB; as it came, unless it repeats credentials, which read `REDACTED`. */
  readonly body: string;
  /** Milliseconds after which the registry would be asked again (`Retry-After`); undefined if it doesn't say. */
  readonly retryAfter: number | undefined;

  constructor(answer: Answer, body: BoundedBody) {
    const { method, response, conceal } = answer;
    const url = redactURL(answer.url);
    const parsed = parse(body.text);
    const told = concealIn(parsed, conceal);
    const errors = diagnosticsIn(told);
    const text = told === parsed ? conceal(body.text) : JSON.stringify(told);
    super(
      CODES.get(response.status) ?? "ERR_VARVE_REGISTRY",
      `${method} ${url}: ${describe(answer, { ...body, text }, errors)}${adviceFor(answer)}`,
      { retryable: isTemporary(response.status, diagnosticsIn(parsed)) },
    );
    this.method = method;
    this.url = url;
    this.status = response.status;
    this.errors = errors;
    this.body = text;
    this.retryAfter = retryAfterOf(response);
  }
}

/**
 * Takes an answer whose body does not matter: rids it of that, or of the error that it is.
 *
 * @param accepted the statuses that the request allows for
 * @throws {RegistryError} if the status is none of them
 */
export async function settle(
  answer: Answer,
  accepted: readonly number[],
  signal?: AbortSignal,
): Promise<void> {
  const body = await readBody(answer.response, signal);
  if (!accepted.includes(answer.response.status)) {
    throw new RegistryError(answer, body);
  }
}

function describe(
  { method, response, conceal }: Answer,
  body: BoundedBody,
  errors: readonly Diagnostic[],
): string {
  if (errors.length === 1) {
    return errors.map(describeOne).join();
  }
  if (errors.length > 1) {
    return `multiple errors returned: ${errors.map(describeOne).join("; ")}`;
  }
  const status =
    `unexpected status code ${response.status} ${told(conceal(response.statusText), 64)}`.trimEnd();
  if (body.exceeded) {
    return `${status} (the body exceeds ${BODY_LIMIT} bytes)`;
  }
  if (body.text.trim() !== "") {
    return `${status}: ${told(body.text)}`;
  }
  return method === "HEAD" ? `${status} (HEAD responses have no body, use GET for details)` : status;
}

function describeOne({ code, message, detail }: Diagnostic): string {
  const text = `${code}: ${message}`;
  if (detail === undefined) {
    return told(text);
  }
  return told(`${text}; ${typeof detail === "string" ? detail : JSON.stringify(detail)}`);
}

function told(text: string, longest?: number): string {
  return printable(redactURLsIn(text), longest);
}

function adviceFor({ response, authorized }: Answer): string {
  if (response.status !== 401) {
    return "";
  }
  return authorized
    ? " (the registry does not accept these credentials, or they do not reach as far as this)"
    : " (the registry wants credentials, and none were given)";
}

function isTemporary(status: number, errors: readonly Diagnostic[]): boolean {
  return errors.length > 0
    ? errors.every(({ code }) => TEMPORARY_CODES.has(code))
    : TEMPORARY_STATUSES.has(status);
}

/** What a text is in JSON; undefined if it is not. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Reads `{"errors": [{code, message, detail}]}`; entries without a code, and bodies of any other form, give nothing. */
function diagnosticsIn(parsed: unknown): readonly Diagnostic[] {
  const entries = field(parsed, "errors");
  return Array.isArray(entries) ? entries.flatMap(parseOne) : [];
}

function parseOne(entry: unknown): Diagnostic[] {
  const code = field(entry, "code");
  if (typeof code !== "string" || code === "") {
    return [];
  }
  const message = field(entry, "message");
  const detail = field(entry, "detail") ?? undefined;
  return [
    {
      code,
      message: typeof message === "string" ? message : "",
      ...(detail !== undefined ? { detail } : {}),
    },
  ];
}

function field(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
}
