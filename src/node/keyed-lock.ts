/** Lets one task at a time run for each key, in the order in which they came. */
export class KeyedLock {
  readonly #last = new Map<string, Promise<unknown>>();

  /** Runs the task when all earlier ones of the key have settled; gives its outcome. */
  async run<T>(key: string, task: () => Promise<T>): Promise<T> {
    const before = this.#last.get(key) ?? Promise.resolve();
    const done = before.then(task);
    const settled = done.catch(() => {});
    this.#last.set(key, settled);
    try {
      return await done;
    } finally {
      if (this.#last.get(key) === settled) this.#last.delete(key);
    }
  }
}
