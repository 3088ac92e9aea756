import type { SessionRequest } from "./session.js";

/** What Cloudflare Workers have for a body whose length is known; a `Content-Length` that is set by hand is ignored there. */
interface Workerd {
  readonly FixedLengthStream?: new (length: number) => TransformStream<Uint8Array, Uint8Array>;
}

/**
 * How a stream is sent as the body of a request: with `Content-Length` where its length is known and the runtime has a way to say it, else in
 * chunks (RFC 9112, section 7.1). Some registries take no body of which they don't know the length beforehand.
 */
export function bodyOf(
  stream: ReadableStream<Uint8Array>,
  length: number | undefined,
): Pick<SessionRequest, "headers" | "body"> {
  const headers = { "content-type": "application/octet-stream" };
  if (length === undefined) {
    return { headers, body: stream };
  }
  const { FixedLengthStream } = globalThis as Workerd;
  return FixedLengthStream === undefined
    ? { headers: { ...headers, "content-length": String(length) }, body: stream }
    : { headers, body: stream.pipeThrough(new FixedLengthStream(length)) };
}
