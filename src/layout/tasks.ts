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
  const queue = items.values();
  const underWay = new Set<AbortController>();
  let failure: { readonly error: unknown } | undefined;
  const stop = (reason: unknown): void => {
    for (const each of underWay) each.abort(reason);
  };
  const unfollow = onAbort(signal, stop);
  const run = async (): Promise<void> => {
    for (const item of queue) {
      if (failure !== undefined) return;
      // Each has a signal of its own: runtimes warn of a leak where many listen to one.
      const controller = new AbortController();
      underWay.add(controller);
      try {
        signal?.throwIfAborted();
        await work(item, controller.signal);
      } catch (error) {
        failure ??= { error };
        stop(error);
      }
      underWay.delete(controller);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, items.length) }, run));
  unfollow();
  if (failure !== undefined) throw failure.error;
}
