import { onAbort } from "../bytes/index.js";

/**
 * Does something with each item, a few at a time. When one fails, no more are begun, those under way are aborted, and when they
 * have settled, the first failure is thrown.
 *
 * @param jobs how many at a time, at least 1
 */
export async function forEachOf<T>(
  items: readonly T[],
  jobs: number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const controller = new AbortController();
  const unfollow = onAbort(signal, (reason) => controller.abort(reason));
  const queue = items.values();
  let failure: { readonly error: unknown } | undefined;
  const run = async (): Promise<void> => {
    for (const item of queue) {
      if (failure !== undefined) return;
      try {
        controller.signal.throwIfAborted();
        await work(item, controller.signal);
      } catch (error) {
        failure ??= { error };
        controller.abort(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, run));
  unfollow();
  if (failure !== undefined) throw failure.error;
}
