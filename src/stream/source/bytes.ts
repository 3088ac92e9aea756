import { SourceError } from "../errors.js";
import { viewOf } from "./chunk.js";
import type { Bytes, SourceReader } from "./source.js";

/** Reads bytes that are in memory already: one chunk, not copied. */
export class BytesReader implements SourceReader {
  readonly #bytes: Bytes;
  readonly #byteLength: number;
  #given = false;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
    this.#byteLength = bytes.byteLength;
  }

  read(): Uint8Array | undefined {
    if (this.#given) {
      return undefined;
    }
    this.#given = true;
    // A transferred buffer looks empty, and would make a layer of nothing.
    if (this.#bytes.byteLength !== this.#byteLength) {
      throw new SourceError(
        `the source had ${this.#byteLength} bytes when the layer was made and has ${this.#bytes.byteLength} now: do not transfer or resize its buffer before the layer is read`,
      );
    }
    return viewOf(this.#bytes);
  }

  async close(): Promise<void> {}
}
