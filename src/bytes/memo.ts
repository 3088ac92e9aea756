import { unlessAborted } from "./abort.js";

/**
 * A value that is computed when it is first asked for, once for all who ask meanwhile, and kept. A failure is not kept: who
 * waits gets it, and who asks next starts anew.
 *
 * Each asker may give up by a signal of its own. The computation goes on for the others; when the last has given up, its
 * signal is aborted.
 */
export class Memo<T> {
  readonly #compute: (signal: AbortSignal) => Promise<T>;
  #known: { readonly value: T } | undefined;
  #attempt: Attempt<T> | undefined;

  /**
   * @param compute called without a value at hand, and again only when the attempt before has ended, or was aborted: that
   *   one may still be ending then
   */
  constructor(compute: (signal: AbortSignal) => Promise<T>) {
    this.#compute = compute;
  }

  /** The value, if it is there. */
  get value(): T | undefined {
    return this.#known?.value;
  }

  /** Takes a value that was found out in another way; one that is there already stays. */
  learn(value: T): void {
    this.#known ??= { value };
  }

  /**
   * @throws the signal's reason, if it is aborted before the value is there
   * @throws what the computation fails with
   */
  async get({ signal }: { readonly signal?: AbortSignal | undefined } = {}): Promise<T> {
    if (this.#known !== undefined) {
      return this.#known.value;
    }
    signal?.throwIfAborted();
    this.#attempt ??= this.#begin();
    const attempt = this.#attempt;
    attempt.waiting++;
    try {
      return await unlessAborted(signal, attempt.value);
    } finally {
      attempt.waiting--;
      if (attempt.waiting === 0 && this.#attempt === attempt) {
        this.#attempt = undefined;
        attempt.controller.abort(signal?.reason);
      }
    }
  }

  #begin(): Attempt<T> {
    const controller = new AbortController();
    const value = (async () => this.#compute(controller.signal))();
    const attempt: Attempt<T> = { controller, value, waiting: 0 };
    const forget = (): void => {
      if (this.#attempt === attempt) this.#attempt = undefined;
    };
    value.then((known) => {
      this.#known ??= { value: known };
      forget();
    }, forget);
    return attempt;
  }
}

interface Attempt<T> {
  readonly controller: AbortController;
  readonly value: Promise<T>;
  waiting: number;
}
