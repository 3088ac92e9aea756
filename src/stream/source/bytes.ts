import { isGone } from "../../core/check-bytes.js";
import { SourceError } from "../errors.js";
import { viewOf } from "./chunk.js";
import type { Bytes, SourceReader } from "./source.js";

/** Reads bytes that are in memory already: one chunk, not copied. */
export class BytesReader implements SourceReader {
  readonly #bytes: Bytes;
  readonly #byteLength: number;
  #given = false;

  /** @throws {SourceError} if the bytes are gone already */
  constructor(bytes: Bytes) {
    if (isGone(bytes)) {
      throw new SourceError(
        "the source's buffer was transferred, or made shorter than the source, before the layer was made: give a copy",
      );
    }
    this.#bytes = bytes;
    this.#byteLength = bytes.byteLength;
  }

  read(): Uint8Array | undefined {
    if (this.#given) {
      return undefined;
    }
    this.#given = true;
    // A transferred buffer looks empty, and would make a layer of nothing.
    const byteLength = isGone(this.#bytes) ? 0 : this.#bytes.byteLength;
    if (byteLength !== this.#byteLength) {
      throw new SourceError(
        `the source had ${this.#byteLength} bytes when the layer was made and has ${byteLength} now: do not transfer or resize its buffer before the layer is read`,
      );
    }
    return viewOf(this.#bytes);
  }

  async close(): Promise<void> {}
}
