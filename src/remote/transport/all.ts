import { ChildController } from "./abort.js";

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
  const controller = new ChildController(signal);
  let first: { readonly failure: unknown } | undefined;
  const settled = works.map(async (work) => {
    try {
      return { value: await work(controller.signal) };
    } catch (failure) {
      first ??= { failure };
      controller.abort(failure);
      return undefined;
    }
  });
  const results = await Promise.all(settled);
  controller.detach();
  if (first !== undefined) {
    throw first.failure;
  }
  return results.flatMap((result) => (result === undefined ? [] : [result.value]));
}
