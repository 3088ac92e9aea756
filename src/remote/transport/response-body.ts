/** Bytes of a response that are read at most where its content is only a message: enough for any, too few to do harm. */
export const BODY_LIMIT: number = 64 * 1024;

/** How long such a body may take, so that one that trickles cannot hold an operation up. */
const BODY_MILLISECONDS = 5000;

/** The beginning of a response's body. */
export interface BoundedBody {
  /** At most {@link BODY_LIMIT} bytes, decoded as UTF-8. */
  readonly text: string;
  /** Whether there was more than that. */
  readonly exceeded: boolean;
  /** What broke it off; undefined if nothing did. */
  readonly failure?: unknown;
}

/**
 * Reads a body up to {@link BODY_LIMIT} bytes, and for five seconds; what then remains is cancelled, so that the connection is
 * free. Never rejects: what could not be read is missing.
 *
 * @param signal cuts the reading short when it is aborted
 */
export async function readBody(response: Response, signal?: AbortSignal): Promise<BoundedBody> {
  if (response.body === null) {
    return { text: "", exceeded: false };
  }
  const reader: ReadableStreamDefaultReader<Uint8Array> = response.body.getReader();
  const stop = (): void => {
    reader.cancel().catch(() => undefined);
  };
  if (signal?.aborted === true) {
    stop();
  }
  let failure: unknown;
  const timer = setTimeout(() => {
    failure = new Error(`it was not complete after ${BODY_MILLISECONDS} milliseconds`);
    stop();
  }, BODY_MILLISECONDS);
  signal?.addEventListener("abort", stop, { once: true });

  const decoder = new TextDecoder();
  let text = "";
  let length = 0;
  try {
    for (let next = await reader.read(); !next.done && length <= BODY_LIMIT; next = await reader.read()) {
      text += decoder.decode(next.value.subarray(0, BODY_LIMIT - length), { stream: true });
      length += next.value.byteLength;
    }
  } catch (error) {
    // A connection that breaks here takes nothing away from the status, which has been seen.
    failure = error;
  }
  clearTimeout(timer);
  signal?.removeEventListener("abort", stop);
  stop();
  return {
    text: text + decoder.decode(),
    exceeded: length > BODY_LIMIT,
    ...(failure !== undefined ? { failure } : {}),
  };
}

/**
 * Rids a response of its body. A short body is read, which leaves the connection open for the next request; one that is longer
 * than {@link BODY_LIMIT} or slower than five seconds is cancelled, which closes it.
 */
export async function discardBody(response: Response, signal?: AbortSignal): Promise<void> {
  await readBody(response, signal);
}
