import { onAbort } from "../../bytes/index.js";

/**
 * Does several things at a time. When one fails the others are given up, and what that leaves to be cleaned up is waited for.
 *
 * @param works each is given a signal that is aborted when one of them fails, or along with the caller's
 * @throws the failure that came first
 */
export async function all<T>(
  signal: AbortSignal | undefined,
  works: readonly ((signal: AbortSignal) => Promise<T>)[],
): Promise<T[]> {
  // Each has a signal of its own: runtimes warn of a leak where many listen to one.
  const given = works.map((work) => ({ work, controller: new AbortController() }));
  const abort = (reason: unknown): void => {
    for (const { controller } of given) {
      controller.abort(reason);
    }
  };
  const unfollow = onAbort(signal, abort);
  let first: { readonly failure: unknown } | undefined;
  const settled = given.map(async ({ work, controller }) => {
    try {
      return { value: await work(controller.signal) };
    } catch (failure) {
      first ??= { failure };
      abort(failure);
      return undefined;
    }
  });
  const results = await Promise.all(settled);
  unfollow();
  if (first !== undefined) {
    throw first.failure;
  }
  return results.flatMap((result) => (result === undefined ? [] : [result.value]));
}
