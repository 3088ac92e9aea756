/** Settles as the work does, or rejects with the signal's reason as soon as that is aborted, even if the work never settles. */
export function unlessAborted<T>(signal: AbortSignal | undefined, work: () => T | Promise<T>): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    signal?.throwIfAborted();
    const abort = (): void => reject(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    const settle = (): void => signal?.removeEventListener("abort", abort);
    const outcome = (async () => work())();
    outcome.then(settle, settle);
    outcome.then(resolve, reject);
  });
}
