import { quietly } from "./abort.js";
import { ChunkReader } from "./chunk-reader.js";
import type { ReadingContext } from "./chunk-source.js";

/**
 * Iterates over the chunks of a stream, in runtimes whose streams can't be iterated over as well. Leaving the loop early
 * cancels the stream, and waits until that is done; `return` during a `next` that may never settle does so without waiting.
 *
 * @throws {TypeError} at the call, if the stream is locked
 * @throws {ReadAbortedError} from `next`, if the signal is aborted
 */
export function bytesOf(
  stream: ReadableStream<Uint8Array>,
  context: ReadingContext = {},
): AsyncIterableIterator<Uint8Array> {
  return new ChunkIteration(new ChunkReader(stream, context));
}

/** It is written out, because the `return` of an async generator waits for a `next` that is pending. */
class ChunkIteration implements AsyncIterableIterator<Uint8Array> {
  readonly #reader: ChunkReader;
  #pending = 0;

  constructor(reader: ChunkReader) {
    this.#reader = reader;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.#pending++;
    try {
      const value = await this.#reader.next();
      return value === undefined ? { done: true, value } : { done: false, value };
    } catch (error) {
      quietly(this.#reader.close(error));
      throw error;
    } finally {
      this.#pending--;
    }
  }

  async return(): Promise<IteratorResult<Uint8Array, undefined>> {
    const closing = this.#reader.close(undefined);
    if (this.#pending > 0) {
      quietly(closing);
    } else {
      await closing;
    }
    return { done: true, value: undefined };
  }
}
