import { SourceError } from "../errors.js";
import { chunkOf } from "./chunk.js";
import type { SourceReader } from "./source.js";

/** Reads a Web `ReadableStream`. */
export class WebStreamReader implements SourceReader {
  readonly #stream: ReadableStream<unknown>;
  #reader: ReadableStreamDefaultReader<unknown> | undefined;
  /** Whether there is nothing left to cancel: the stream has ended, has failed, or belongs to another reader. */
  #finished = false;

  constructor(stream: ReadableStream<unknown>) {
    this.#stream = stream;
  }

  async read(): Promise<Uint8Array | undefined> {
    this.#reader ??= this.#lock();
    let result: ReadableStreamReadResult<unknown>;
    try {
      result = await this.#reader.read();
    } catch (error) {
      this.#finished = true;
      throw error;
    }
    if (result.done) {
      this.#finished = true;
      return undefined;
    }
    return chunkOf(result.value);
  }

  async close(reason: unknown): Promise<void> {
    if (this.#finished) {
      this.#reader?.releaseLock();
    } else if (this.#reader !== undefined) {
      const cancelled = this.#reader.cancel(reason);
      this.#reader.releaseLock();
      await cancelled;
    } else if (!this.#stream.locked) {
      await this.#stream.cancel(reason);
    }
  }

  #lock(): ReadableStreamDefaultReader<unknown> {
    if (this.#stream.locked) {
      this.#finished = true;
      throw new SourceError(
        "the source's stream is locked to another reader: give a stream that nobody reads, or release its lock first",
      );
    }
    return this.#stream.getReader();
  }
}
