import { onAbort } from "../bytes/index.js";

/** Lets one task at a time run for each key, in the order in which they came. */
export class KeyedLock {
  readonly #last = new Map<string, Promise<unknown>>();

  /**
   * Runs the task when all earlier ones of the key have settled; gives its outcome.
   *
   * @param signal ends the waiting, with its reason, and then the task is not run; one that has begun is not troubled by it
   */
  run<T>(key: string, task: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    let unfollow = (): void => {};
    const done = before.then(() => {
      unfollow();
      signal?.throwIfAborted();
      return task();
    });
    const settled = done.then(NOTHING, NOTHING).then(() => {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    });
    this.#last.set(key, settled);
    return new Promise<T>((resolve, reject) => {
      unfollow = onAbort(signal, reject);
      done.then(resolve, reject);
    });
  }
}

const NOTHING = (): void => {};
