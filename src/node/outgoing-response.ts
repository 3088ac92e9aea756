import type { ServerResponse } from "node:http";

/**
 * Gives a Node response the status and the headers of a web-standard one. Nothing is sent yet.
 *
 * @throws if a header cannot be sent; the Node response is then as it was before
 */
export function setHead(response: Response, target: ServerResponse): void {
  try {
    for (const [name, value] of response.headers) target.appendHeader(name, value);
    // Node 20.0 compares the bytes of a body with the header as it stands there, and no number is the same as a text.
    const length = response.headers.get("content-length");
    if (length !== null && /^\d+$/.test(length)) target.setHeader("content-length", Number(length));
  } catch (error) {
    for (const name of target.getHeaderNames()) target.removeHeader(name);
    response.body?.cancel().catch(() => {});
    throw error;
  }
  target.statusCode = response.status;
  target.strictContentLength = true;
}

/**
 * Sends a response whose head is set. Each chunk of the body is asked for when the one before it was handed to the system, so a
 * slow client slows the body; a client that leaves cancels it.
 *
 * @param body null, or the body of a response to HEAD, of which nothing is sent but the head
 * @throws whatever the body throws, and for a body of another length than the response's Content-Length; the connection is then
 *   broken, so that the client cannot take the part for the whole
 */
export async function sendBody(
  body: ReadableStream<Uint8Array> | null,
  target: ServerResponse,
): Promise<void> {
  if (target.req.method === "HEAD") body?.cancel().catch(() => {});
  try {
    if (body !== null && target.req.method !== "HEAD") await pipe(body, target);
    if (!target.destroyed) target.end();
  } catch (error) {
    target.destroy();
    throw error;
  }
}

async function pipe(body: ReadableStream<Uint8Array>, target: ServerResponse): Promise<void> {
  const reader = body.getReader();
  const leave = (): void => {
    reader.cancel(new Error("the client closed the connection")).catch(() => {});
  };
  target.once("close", leave);
  if (target.destroyed) leave();
  try {
    for (let next = await reader.read(); !next.done; next = await reader.read()) {
      await write(target, next.value);
    }
  } finally {
    target.off("close", leave);
    reader.cancel().catch(() => {});
  }
}

/** Resolves when the bytes were handed to the system, or will not be since the connection is closed. */
function write(target: ServerResponse, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      target.off("close", done);
      resolve();
    };
    target.once("close", done);
    target.write(bytes, done);
  });
}
