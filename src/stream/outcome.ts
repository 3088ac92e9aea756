import { NotComputedError } from "../v1/index.js";
import type { LayerResult } from "./result.js";

/** What a pass failed with, seen from its two sides. */
export interface Failure {
  /** What the reader of the stream gets: the source's own error, if it was the source that failed. */
  readonly error: unknown;
  /** What whoever asks for the values gets. */
  readonly shown: Error;
}

/** How a layer's one pass ended, if it has: with values that are true, or with an error, and never with both. */
export class Outcome {
  /** Settles with the pass. It may be left alone: its rejection counts as handled. */
  readonly result: Promise<LayerResult>;
  #ending: { readonly value: LayerResult } | Failure | undefined;
  #resolve!: (value: LayerResult) => void;
  #reject!: (error: Error) => void;

  constructor() {
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    this.result.catch(() => {});
  }

  get settled(): boolean {
    return this.#ending !== undefined;
  }

  get completed(): boolean {
    return this.#ending !== undefined && "value" in this.#ending;
  }

  complete(value: LayerResult): void {
    if (this.#ending === undefined) {
      this.#ending = { value };
      this.#resolve(value);
    }
  }

  fail(failure: Failure): void {
    if (this.#ending === undefined) {
      this.#ending = failure;
      this.#reject(failure.shown);
    }
  }

  /** What the pass failed with; undefined if it has not. */
  get failure(): Failure | undefined {
    return this.#ending !== undefined && "error" in this.#ending ? this.#ending : undefined;
  }

  /** Throws what the reader of the stream is to get, if the pass has failed. */
  throwIfFailed(): void {
    if (this.failure !== undefined) {
      throw this.failure.error;
    }
  }

  /**
   * Gives the values, or throws why there are none.
   *
   * @param what the value that is asked for, to begin a message with
   */
  values(what: string): LayerResult {
    if (this.#ending === undefined) {
      throw new NotComputedError(what);
    }
    if ("error" in this.#ending) {
      throw this.#ending.shown;
    }
    return this.#ending.value;
  }
}
