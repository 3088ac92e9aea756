import { SharedWork } from "../transport/shared-work.js";

/** What has been done, and is being done, by key: each thing is done once, and who wants it meanwhile waits. A failure is forgotten. */
export class OnceTable<K, T> {
  readonly #done: Map<K, T> = new Map();
  readonly #running: Map<K, SharedWork<T>> = new Map();

  /** What was done under that key; undefined if it was not, or is not yet. */
  get(key: K): T | undefined {
    return this.#done.get(key);
  }

  /** Notes that something has been done by other means. */
  set(key: K, value: T): void {
    this.#done.set(key, value);
  }

  /**
   * Does the work, unless it has been done or is under way.
   *
   * @param work as that of `SharedWork.run`
   */
  async run(key: K, signal: AbortSignal | undefined, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const done = this.#done.get(key);
    if (done !== undefined) {
      return done;
    }
    const running = this.#running.get(key) ?? new SharedWork<T>();
    this.#running.set(key, running);
    const value = await running.run(signal, work);
    this.#done.set(key, value);
    this.#running.delete(key);
    return value;
  }
}
