import { OperationAbortedError } from "./abort.js";

/**
 * Does what a public function does, and gives an abortion its type.
 *
 * @param name what is done, to begin a message with
 * @throws {OperationAbortedError} if the signal was aborted and that is why the work failed
 */
export async function operation<T>(
  name: string,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  try {
    signal?.throwIfAborted();
    return await work();
  } catch (failure) {
    if (signal?.aborted === true && failure === signal.reason) {
      throw new OperationAbortedError(name, failure);
    }
    throw failure;
  }
}
