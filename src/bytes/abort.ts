/**
 * Calls the listener when the signal is aborted, at once if it is already, and never twice.
 *
 * @returns what stops the listening, so that a signal that lives long keeps nothing alive
 */
export function onAbort(signal: AbortSignal | undefined, listener: (reason: unknown) => void): () => void {
  if (signal === undefined) {
    return () => undefined;
  }
  const abort = (): void => listener(signal.reason);
  if (signal.aborted) {
    abort();
    return () => undefined;
  }
  signal.addEventListener("abort", abort, { once: true });
  return () => signal.removeEventListener("abort", abort);
}

/**
 * Settles as the work does, or rejects with the signal's reason as soon as that is aborted, even if the work never settles.
 *
 * @param late given what the work came to after all, when nobody waits for it any more
 */
export function unlessAborted<T>(
  signal: AbortSignal | undefined,
  work: Promise<T>,
  late: (value: T) => void = () => undefined,
): Promise<T> {
  if (signal === undefined) {
    return work;
  }
  return new Promise<T>((resolve, reject) => {
    const abort = (): void => {
      reject(signal.reason);
      work.then(late).catch(() => undefined);
    };
    if (signal.aborted) {
      abort();
      return;
    }
    signal.addEventListener("abort", abort, { once: true });
    const settle = (): void => signal.removeEventListener("abort", abort);
    work.then(settle, settle);
    work.then(resolve, reject);
  });
}

/**
 * A stream that is being opened, unless the signal is aborted before it is there; what opens nevertheless is cancelled.
 *
 * @throws the signal's reason, and what the opening fails with
 */
export function opened(
  opening: Promise<ReadableStream<Uint8Array>>,
  { signal }: { readonly signal?: AbortSignal | undefined } = {},
): Promise<ReadableStream<Uint8Array>> {
  return unlessAborted(signal, opening, (late) => quietly(late.cancel(signal?.reason)));
}

/** Lets a promise settle as it may: nobody waits for it, and its failure is of no interest beside what is known already. */
export function quietly(promise: Promise<unknown>): void {
  promise.catch(() => undefined);
}
