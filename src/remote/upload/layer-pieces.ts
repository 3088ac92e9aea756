import { VarveError } from "../../core/error.js";
import { LayerReadError } from "./layer-read-error.js";

/** A layer's stream, piece by piece, held to the length that the layer says it has. */
export class LayerPieces {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #expected: number | undefined;
  #read = 0;
  #ahead: Promise<Uint8Array | undefined> | undefined;
  #untouched = true;

  /** @param expected bytes in all; undefined if that is not known */
  constructor(source: ReadableStream<Uint8Array>, expected?: number) {
    this.#reader = source.getReader();
    this.#expected = expected;
  }

  /** Whether all that the layer will give is still to be had here: no piece has been taken, and the layer has not failed. */
  get untouched(): boolean {
    return this.#untouched;
  }

  /**
   * Takes the next piece that has any bytes: an empty one would end a body that is sent in chunks (RFC 9112, section 7.1).
   *
   * @returns undefined at the end
   * @throws {LayerReadError} if the layer fails, or is longer or shorter than it should be; varve's own errors are thrown as they are
   */
  async next(): Promise<Uint8Array | undefined> {
    const piece = await this.peek();
    this.take();
    return piece;
  }

  /** As {@link next}, but the piece stays the next one until it is taken: whoever waits for it may give up. */
  peek(): Promise<Uint8Array | undefined> {
    this.#ahead ??= this.#find();
    return this.#ahead;
  }

  /** Takes the piece that {@link peek} gave. */
  take(): void {
    this.#ahead = undefined;
    this.#untouched = false;
  }

  async #find(): Promise<Uint8Array | undefined> {
    try {
      return await this.#findPiece();
    } catch (error) {
      this.#untouched = false;
      throw error;
    }
  }

  async #findPiece(): Promise<Uint8Array | undefined> {
    for (;;) {
      const { done, value } = await this.#readOn();
      this.#read += value?.byteLength ?? 0;
      const wrong =
        this.#expected !== undefined &&
        (this.#read > this.#expected || (done && this.#read < this.#expected));
      if (wrong) {
        throw new LayerReadError(
          this.#read,
          new RangeError(
            `the layer is said to have ${this.#expected} bytes, and has ${done ? "fewer" : "more"}`,
          ),
        );
      }
      if (done || value.byteLength > 0) {
        return value;
      }
    }
  }

  /** Ends the layer, unless it has ended; settles as the layer's own cancelling does. */
  cancel(reason: unknown): Promise<void> {
    return this.#reader.cancel(reason);
  }

  async #readOn(): Promise<ReadableStreamReadResult<Uint8Array>> {
    try {
      return await this.#reader.read();
    } catch (error) {
      throw error instanceof VarveError ? error : new LayerReadError(this.#read, error);
    }
  }
}
