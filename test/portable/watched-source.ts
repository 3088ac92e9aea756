import { randomBytes } from "../fixtures/bytes.js";

/** An async iterable of incompressible chunks that counts what is done to it. */
export class WatchedSource implements AsyncIterable<Uint8Array> {
  /** How often it was asked for an iterator. */
  opened = 0;
  /** How many chunks were asked for, the end included. */
  pulled = 0;
  /** How often its iterator was closed before its end. */
  closed = 0;
  readonly #chunks: number;
  readonly #chunkSize: number;
  readonly #failure: Error | undefined;

  /** @param failure what is thrown after the chunks, where otherwise the end is */
  constructor(chunks: number, chunkSize: number, failure?: Error) {
    this.#chunks = chunks;
    this.#chunkSize = chunkSize;
    this.#failure = failure;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    this.opened++;
    return {
      next: async () => {
        this.pulled++;
        if (this.pulled <= this.#chunks) {
          return { done: false, value: randomBytes(this.#chunkSize, this.pulled) };
        }
        if (this.#failure !== undefined) {
          throw this.#failure;
        }
        return { done: true, value: undefined };
      },
      return: async () => {
        this.closed++;
        return { done: true, value: undefined };
      },
    };
  }
}
