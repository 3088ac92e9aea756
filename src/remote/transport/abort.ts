import { VarveError } from "../../core/error.js";
import { messageOf } from "../../core/message.js";

/** An operation was given up because its signal was aborted. `cause` is the signal's reason. Its `code` is `ERR_VARVE_ABORTED`. */
export class OperationAbortedError extends VarveError {
  override readonly name = "OperationAbortedError";

  /** @param operation what was given up, to begin the message with */
  constructor(operation: string, reason: unknown) {
    super("ERR_VARVE_ABORTED", `${operation} was aborted (${messageOf(reason)})`, { cause: reason });
  }
}

/** A controller that can be aborted on its own, and is aborted along with its parent until it is detached. */
export class ChildController {
  readonly #controller: AbortController = new AbortController();
  readonly #parent: AbortSignal | undefined;
  readonly #follow = (): void => this.#controller.abort(this.#parent?.reason);

  constructor(parent: AbortSignal | undefined) {
    this.#parent = parent;
    if (parent?.aborted === true) {
      this.#follow();
    } else {
      parent?.addEventListener("abort", this.#follow, { once: true });
    }
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  abort(reason?: unknown): void {
    this.#controller.abort(reason);
  }

  /** Leaves nothing behind on the parent, which may live much longer. */
  detach(): void {
    this.#parent?.removeEventListener("abort", this.#follow);
  }
}

/** Waits for the work, but no longer than so many milliseconds, and does not care how it ends. */
export async function atMost(milliseconds: number, work: Promise<unknown>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const deadline = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work.catch(() => undefined), deadline]);
  clearTimeout(timer);
}
