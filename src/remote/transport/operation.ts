import { ReadAbortedError } from "../../v1/index.js";
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
    const { reason } = signal ?? {};
    const aborted = failure === reason || (failure instanceof ReadAbortedError && failure.cause === reason);
    if (signal?.aborted === true && aborted) {
      throw new OperationAbortedError(name, reason);
    }
    throw failure;
  }
}
