import type { Run } from "./run.js";

/**
 * Shows a run as an async iterator: each `next` makes one piece and hands out a copy of it, which is the consumer's
 * own. It is written out, because the `return` of an async generator waits for a `next` that is pending, and this
 * one ends the run at once.
 */
export class ChunkIterator implements AsyncIterableIterator<Uint8Array> {
  readonly #run: Run;
  #returned = false;

  constructor(run: Run) {
    this.#run = run;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    if (this.#returned) {
      return { done: true, value: undefined };
    }
    let chunk: Uint8Array | undefined;
    try {
      await this.#run.next((view) => {
        chunk = view.slice();
      });
    } catch (error) {
      // What has been made is handed out, as checkpoints count it; the failure is told at the next demand.
      if (chunk === undefined) {
        throw error;
      }
    }
    return chunk === undefined ? { done: true, value: undefined } : { done: false, value: chunk };
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#returned = true;
    this.#run.end("the layer's iterator was closed", undefined);
    return { done: true, value: undefined };
  }
}
