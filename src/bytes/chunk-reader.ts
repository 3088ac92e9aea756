import { checkBytes } from "../core/check-bytes.js";
import { ReadAbortedError } from "../v1/index.js";
import { onAbort, quietly } from "./abort.js";
import { type ChunkSource, NAMELESS, type ReadingContext } from "./chunk-source.js";
import { Interruption } from "./interruption.js";

/**
 * Reads a Web stream chunk by chunk. It locks the stream when it is made and reads nothing before it is asked; however the
 * reading ends, the stream is let go of once.
 */
export class ChunkReader implements ChunkSource {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #interruption: Interruption = new Interruption();
  #unfollow: () => void = () => undefined;
  #closed = false;

  /** @throws {TypeError} if the stream is locked to another reader */
  constructor(stream: ReadableStream<Uint8Array>, { signal, what = NAMELESS }: ReadingContext = {}) {
    this.#reader = stream.getReader();
    this.#unfollow = onAbort(signal, (reason) => {
      const error = new ReadAbortedError(what, reason);
      this.#interruption.interrupt(error);
      quietly(this.close(error));
    });
  }

  /**
   * Gives the next chunk, or undefined at the end, and after `close`.
   *
   * @throws {ReadAbortedError} if the signal was aborted
   * @throws {BytesTypeError} if the stream gives something else than bytes
   * @throws what the stream fails with
   */
  async next(): Promise<Uint8Array | undefined> {
    let result: ReadableStreamReadResult<Uint8Array>;
    try {
      result = await this.#interruption.wait(
        this.#closed ? Promise.resolve({ done: true, value: undefined }) : this.#reader.read(),
      );
    } catch (error) {
      this.#letGo();
      throw error;
    }
    if (result.done) {
      this.#letGo();
      return undefined;
    }
    checkBytes(result.value);
    return result.value;
  }

  /** Cancels a stream that has not ended; it may be called at any time, and again. */
  async close(reason: unknown): Promise<void> {
    if (this.#closed) {
      return;
    }
    this.#closed = true;
    this.#unfollow();
    const cancelled = this.#reader.cancel(reason);
    this.#reader.releaseLock();
    await cancelled;
  }

  /** There is nothing left to cancel: the stream has ended, or has failed. */
  #letGo(): void {
    if (!this.#closed) {
      this.#closed = true;
      this.#unfollow();
      this.#reader.releaseLock();
    }
  }
}
