import { jsonResponse } from "../json-response.js";
import type { ProtocolCode } from "../refusal.js";
import type { Effect } from "./fault.js";
import { drain, passing, withBody } from "./passing-body.js";

/** What an answer of {@link status} has beside its status. */
export interface StatusOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, word for word. Default: for 400 and above, an error of the protocol's form; otherwise none. */
  readonly body?: string;
  /** The code and message of that error. Default: what fits the status. */
  readonly code?: string;
  readonly message?: string;
  /** How many bytes of the request's body are taken before the answer, at least. Default: none; `Infinity` for all. */
  readonly afterBytes?: number;
}

const CODES: Readonly<Record<number, ProtocolCode>> = {
  400: "UNSUPPORTED",
  401: "UNAUTHORIZED",
  403: "DENIED",
  404: "NAME_UNKNOWN",
  405: "UNSUPPORTED",
  413: "SIZE_INVALID",
  416: "BLOB_UPLOAD_INVALID",
  429: "TOOMANYREQUESTS",
};

/** The registry never sees the request, which is answered with this status: a refusal, a failure, a redirect, a proxy's word. */
export function status(code: number, options: StatusOptions = {}): Effect {
  return async (request) => {
    const { afterBytes = 0 } = options;
    if (afterBytes > 0) await drain(request.body, afterBytes);
    return statusResponse(request, code, options);
  };
}

/**
 * Bodies of more than so many bytes are refused, as those of chunks are by a registry or a proxy with a limit: by their
 * `Content-Length` before anything is read, otherwise when one byte too many has come; the registry then has those before it. Default:
 * status 413.
 */
export function cap(bytes: number, code = 413, options: StatusOptions = {}): Effect {
  const tooLong = { message: `a request's body may have ${bytes} bytes`, ...options };
  return async (request, next) => {
    const { body } = request;
    if (Number(request.headers.get("Content-Length") ?? 0) > bytes)
      return statusResponse(request, code, tooLong);
    if (body === null) return next(request);
    let left = bytes;
    let isTooLong = false;
    const counted = passing(body, (chunk) => {
      if (chunk.length > left) {
        isTooLong = true;
        return { last: chunk.subarray(0, left), failure: new Error("the body is too long") };
      }
      left -= chunk.length;
      return chunk;
    });
    const response = await next(withBody(request, counted));
    if (!isTooLong) return response;
    response.body?.cancel().catch(() => {});
    return statusResponse(request, code, tooLong);
  };
}

/** The registry's answer has these headers set; null removes one. */
export function headers(changes: Readonly<Record<string, string | null>>): Effect {
  return async (request, next) => {
    const response = await next(request);
    const changed = new Headers(response.headers);
    for (const [name, value] of Object.entries(changes)) {
      if (value === null) changed.delete(name);
      else changed.set(name, value);
    }
    return new Response(response.body, { status: response.status, headers: changed });
  };
}

/** One bit of one byte of the answer's body is wrong. @param at which byte, counted from 0 */
export function corruptAnswer(at = 0): Effect {
  return async (request, next) => {
    const response = await next(request);
    if (response.body === null) return response;
    let position = 0;
    const wrong = passing(response.body, (chunk) => {
      const index = at - position;
      position += chunk.length;
      if (index < 0 || index >= chunk.length) return chunk;
      const copy = chunk.slice();
      copy[index] = (copy[index] as number) ^ 1;
      return copy;
    });
    return new Response(wrong, { status: response.status, headers: response.headers });
  };
}

function statusResponse(request: Request, status: number, options: StatusOptions): Response {
  const { headers = {}, body, code = CODES[status] ?? "UNKNOWN", message = "a fault" } = options;
  const isBodiless = request.method === "HEAD" || [204, 205, 304].includes(status);
  if (isBodiless || (body === undefined && status < 400)) return new Response(null, { status, headers });
  if (body !== undefined) return new Response(body, { status, headers });
  return jsonResponse({ errors: [{ code, message }] }, headers, status);
}
