/**
 * Work that several callers want and that is done once: those who come while it is under way wait for it. It is given up when
 * the last of them has given up. Neither success nor failure is remembered.
 */
export class SharedWork<T> {
  #running: Running<T> | undefined;

  /**
   * Joins the work, or begins it.
   *
   * @param work done with a signal of its own, so that one caller's abortion does not fail the others; settles soon when that is aborted
   * @throws the reason of this caller's signal: at once if others still wait, else when the work has ended, which may have to clean up
   */
  async run(signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    this.#running ??= this.#begin(work);
    const running = this.#running;
    let leave!: () => void;
    const left = new Promise<void>((resolve) => {
      leave = resolve;
    });
    running.waiting += 1;
    signal?.addEventListener("abort", leave, { once: true });
    try {
      await Promise.race([running.settled, left]);
      if (signal?.aborted === true && running.waiting > 1) {
        throw signal.reason;
      }
      if (signal?.aborted === true) {
        this.#forget(running);
        running.controller.abort(signal.reason);
      }
      return await running.result;
    } finally {
      signal?.removeEventListener("abort", leave);
      running.waiting -= 1;
    }
  }

  #begin(work: (signal: AbortSignal) => Promise<T>): Running<T> {
    const controller = new AbortController();
    const result = work(controller.signal);
    const running: Running<T> = {
      controller,
      result,
      settled: result.then(
        () => this.#forget(running),
        () => this.#forget(running),
      ),
      waiting: 0,
    };
    return running;
  }

  #forget(running: Running<T>): void {
    if (this.#running === running) {
      this.#running = undefined;
    }
  }
}

interface Running<T> {
  readonly controller: AbortController;
  readonly result: Promise<T>;
  /** Resolves when the result is there, whatever it is. */
  readonly settled: Promise<void>;
  waiting: number;
}
