/**
 * A body that is passed on as it is pulled, and looked at on its way.
 *
 * @param look given each chunk; gives what is passed on, or throws what the body then fails with. It may also give the last
 *   bytes together with such a failure.
 */
export function passing(
  body: ReadableStream<Uint8Array>,
  look: (chunk: Uint8Array) => Uint8Array | { readonly last: Uint8Array; readonly failure: unknown },
): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let failure: { readonly reason: unknown } | undefined;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        if (failure !== undefined) throw failure.reason;
        const { done, value } = await reader.read();
        if (done) {
          controller.close();
          return;
        }
        const passed = look(value);
        if (passed instanceof Uint8Array) {
          controller.enqueue(passed);
          return;
        }
        failure = { reason: passed.failure };
        reader.cancel(passed.failure).catch(() => {});
        if (passed.last.length === 0) throw passed.failure;
        controller.enqueue(passed.last);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** A body that gives this many bytes and then fails. One that is shorter ends as it does. */
export function cut(
  body: ReadableStream<Uint8Array>,
  afterBytes: number,
  failure: unknown,
): ReadableStream<Uint8Array> {
  let left = afterBytes;
  return passing(body, (chunk) => {
    if (chunk.length < left) {
      left -= chunk.length;
      return chunk;
    }
    return { last: chunk.subarray(0, left), failure };
  });
}

/** The request with another body. */
export function withBody(request: Request, body: ReadableStream<Uint8Array>): Request {
  const { url, method, headers, signal } = request;
  const init: RequestInit & { duplex: "half" } = {
    method,
    headers,
    signal,
    body: body as BodyInit,
    duplex: "half",
  };
  return new Request(url, init);
}

/** Takes a body to its end, or to this many bytes of it, and drops what came. */
export async function drain(
  body: ReadableStream<Uint8Array> | null,
  most: number = Number.POSITIVE_INFINITY,
): Promise<void> {
  const reader = body?.getReader();
  let taken = 0;
  while (reader !== undefined && taken < most) {
    const { done, value } = await reader.read();
    if (done) return;
    taken += value.length;
  }
  reader?.cancel().catch(() => {});
}
