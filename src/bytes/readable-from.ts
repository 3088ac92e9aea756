import type { ChunkSource, ReadingContext } from "./chunk-source.js";
import { readableOf } from "./readable.js";

/**
 * Shows an iterable of chunks, such as an async generator, as a stream that is driven by its reader's pulls. The iterator is
 * made by the first pull; ending the stream early calls its `return`, once. A generator hears that only when it has settled
 * what it waits for, so one that waits for something that may never come should follow the signal as well.
 */
export function readableFrom(
  iterable: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  context: ReadingContext = {},
): ReadableStream<Uint8Array> {
  return readableOf(new IteratedSource(iterable), context);
}

class IteratedSource implements ChunkSource {
  readonly #iterable: AsyncIterable<Uint8Array> | Iterable<Uint8Array>;
  #iterator: AsyncIterator<Uint8Array> | Iterator<Uint8Array> | undefined;
  /** Whether the iterator has said that it is done, or has thrown: either way it has closed itself. */
  #finished = false;

  constructor(iterable: AsyncIterable<Uint8Array> | Iterable<Uint8Array>) {
    this.#iterable = iterable;
  }

  async next(): Promise<Uint8Array | undefined> {
    try {
      this.#iterator ??= iteratorOf(this.#iterable);
      const { done, value } = await this.#iterator.next();
      this.#finished = done === true;
      return done ? undefined : value;
    } catch (error) {
      this.#finished = true;
      throw error;
    }
  }

  /** What was never read has not been opened, and is not opened to be closed. */
  async close(): Promise<void> {
    if (!this.#finished) {
      await this.#iterator?.return?.();
    }
  }
}

function iteratorOf(
  iterable: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncIterator<Uint8Array> | Iterator<Uint8Array> {
  return Symbol.asyncIterator in iterable ? iterable[Symbol.asyncIterator]() : iterable[Symbol.iterator]();
}
