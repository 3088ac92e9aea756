import { VarveError } from "../core/index.js";
import { ExitCode } from "./exit-code.js";

const SIGNALS = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** A signal asked the command to end before it was done. Its `code` is `ERR_VARVE_INTERRUPTED`. */
export class InterruptedError extends VarveError {
  override readonly name = "InterruptedError";
  readonly signal: NodeJS.Signals;

  /** @param consequence what became of the work, to end the message with */
  constructor(signal: NodeJS.Signals, consequence: string, cause?: unknown) {
    super("ERR_VARVE_INTERRUPTED", `interrupted by ${signal}; ${consequence}`, { cause });
    this.signal = signal;
  }
}

/**
 * Does some work that SIGINT, SIGTERM and SIGHUP end in an orderly way: the first of them aborts the work's signal, whose reason
 * is the name of the signal that came, and the work cleans up and fails. A second one ends the process on the spot, with only its
 * `exit` listeners.
 *
 * @param consequence what an interruption means for the result, such as `"the push was not confirmed"`
 * @throws {InterruptedError} if the work failed after a signal had come
 */
export async function interruptible<T>(
  consequence: string,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  let came: NodeJS.Signals | undefined;
  const listener = (signal: NodeJS.Signals): void => {
    if (came !== undefined) {
      process.exit(ExitCode.interrupted);
    }
    came = signal;
    controller.abort(signal);
  };
  for (const signal of SIGNALS) {
    process.on(signal, listener);
  }
  try {
    return await work(controller.signal);
  } catch (error) {
    throw came === undefined ? error : new InterruptedError(came, consequence, error);
  } finally {
    for (const signal of SIGNALS) {
      process.removeListener(signal, listener);
    }
  }
}
