import { SourceError } from "../errors.js";
import { chunkOf, describe } from "./chunk.js";
import type { SourceReader } from "./source.js";

/** Reads an iterable of chunks, such as an array. What is at hand is given without a promise. */
export class IterableReader implements SourceReader {
  readonly #iteration: Iteration<Iterator<unknown>>;
  #running = false;

  constructor(iterable: Iterable<unknown>) {
    this.#iteration = new Iteration(() => iterable[Symbol.iterator]());
  }

  read(): Uint8Array | undefined {
    let result: unknown;
    this.#running = true;
    try {
      result = this.#iteration.iterator.next();
    } catch (error) {
      this.#iteration.finished = true;
      throw error;
    } finally {
      this.#running = false;
    }
    return this.#iteration.chunk(result);
  }

  async close(): Promise<void> {
    if (this.#running) {
      // The source itself has ended the layer from inside its next(), and a generator cannot be closed while it
      // runs.
      await undefined;
    }
    await this.#iteration.close();
  }
}

/** Reads an async iterable of chunks, such as an async generator. */
export class AsyncIterableReader implements SourceReader {
  readonly #iteration: Iteration<AsyncIterator<unknown>>;

  constructor(iterable: AsyncIterable<unknown>) {
    this.#iteration = new Iteration(() => iterable[Symbol.asyncIterator]());
  }

  async read(): Promise<Uint8Array | undefined> {
    let result: unknown;
    try {
      result = await this.#iteration.iterator.next();
    } catch (error) {
      this.#iteration.finished = true;
      throw error;
    }
    return this.#iteration.chunk(result);
  }

  close(): Promise<void> {
    return this.#iteration.close();
  }
}

/** The part of the iteration protocol (ECMA-262, 27.1) that is the same for both kinds. */
class Iteration<I extends Iterator<unknown> | AsyncIterator<unknown>> {
  /** Whether the iterator has said that it is done, or has thrown: either way it has closed itself. */
  finished = false;
  readonly #open: () => I;
  #iterator: I | undefined;

  constructor(open: () => I) {
    this.#open = open;
  }

  get iterator(): I {
    this.#iterator ??= this.#open();
    return this.#iterator;
  }

  chunk(result: unknown): Uint8Array | undefined {
    if (typeof result !== "object" || result === null) {
      throw new SourceError(
        `the source's iterator gave ${describe(result)} from next(), where { done, value } is expected`,
      );
    }
    const { done, value } = result as IteratorResult<unknown>;
    if (done) {
      this.finished = true;
      return undefined;
    }
    return chunkOf(value);
  }

  /**
   * An iterator that was never opened is opened here to be closed, so that whoever writes to it learns that nobody
   * will read.
   */
  async close(): Promise<void> {
    if (!this.finished) {
      await this.iterator.return?.();
    }
  }
}
