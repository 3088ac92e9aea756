import { StorageFullError } from "./storage.js";

/** Counts the bytes that a memory store holds, and refuses those beyond its limit. */
export class MemoryBudget {
  readonly #limit: number;
  #used = 0;

  /** @param limit most bytes held at a time */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes that are taken. */
  get used(): number {
    return this.#used;
  }

  /** Bytes that can still be taken. */
  get left(): number {
    return this.#limit - this.#used;
  }

  /** @throws {StorageFullError} if fewer bytes are left; nothing is taken then */
  take(bytes: number): void {
    if (bytes > this.left) {
      throw new StorageFullError(
        `the registry's memory store is full: its limit is ${this.#limit} bytes; delete something, raise the limit or use a store on disk`,
      );
    }
    this.#used += bytes;
  }

  /** Gives back bytes that were taken. */
  give(bytes: number): void {
    this.#used -= bytes;
  }
}
