import { type ProtocolCode, RefusalError } from "./refusal.js";

/**
 * A request's body, chunk by chunk, pulled only when the consumer asks. When the signal aborts, a pending read is given up
 * and the iteration throws the signal's reason; a consumer that stops early cancels the body.
 *
 * @param body null for a request without one
 */
export async function* chunksOf(
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (body === null) return;
  const reader = body.getReader();
  const giveUp = (): void => {
    reader.cancel(signal.reason).catch(() => {});
  };
  signal.addEventListener("abort", giveUp);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      signal.throwIfAborted();
      if (done) return;
      if (!(value instanceof Uint8Array)) throw new TypeError("the body's chunks are not Uint8Arrays");
      if (value.length > 0) yield value;
    }
  } finally {
    signal.removeEventListener("abort", giveUp);
    reader.cancel().catch(() => {});
  }
}

/** What a body is, for messages, and the code of what is said of a broken one. */
export interface BodyKind {
  readonly name: string;
  readonly code: ProtocolCode;
}

/**
 * Reads a body whole.
 *
 * @param limit most bytes that are accepted
 * @throws {RefusalError} 413 SIZE_INVALID for a longer one, of which no more is read; 400 with the kind's code if it breaks off
 */
export async function wholeBody(
  request: Request,
  limit: number,
  kind: BodyKind,
): Promise<Uint8Array<ArrayBuffer>> {
  const tooLong = (): RefusalError =>
    new RefusalError(
      413,
      "SIZE_INVALID",
      `the ${kind.name} is longer than this registry's limit of ${limit} bytes`,
      { detail: { limit } },
    );
  if (Number(request.headers.get("Content-Length") ?? 0) > limit) throw tooLong();

  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of chunksOf(request.body, request.signal)) {
      size += chunk.length;
      if (size > limit) throw tooLong();
      chunks.push(chunk);
    }
  } catch (cause) {
    if (cause instanceof RefusalError) throw cause;
    throw new RefusalError(400, kind.code, `the ${kind.name} broke off after ${size} bytes; send it again`, {
      cause,
    });
  }
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}
