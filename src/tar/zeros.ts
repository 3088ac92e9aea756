import { quote } from "../v1/quote.js";
import { TarError } from "./error.js";

/** They come in pieces of so many bytes. */
const PIECE = 64 * 1024;

/** The zeros of a tar's sparse files, which its reader makes, and which may be billions of times more than the tar has bytes. */
export class Zeros {
  readonly #maxBytes: number;
  #made = 0;

  /** @param maxBytes the most that are made for one tar */
  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /**
   * Called before the content of a sparse file with so many of them is handed out.
   *
   * @throws {TarError} if they are more than may still be made
   */
  admit(bytes: number, name: string): void {
    if (bytes > this.#maxBytes - this.#made) {
      throw new TarError(
        `the sparse file ${quote(name)} has ${bytes} bytes of zeros, which with those before it are more than the limit of ${this.#maxBytes}: raise maxSparseBytes if this is meant`,
      );
    }
  }

  /** Makes a piece of them, of at most so many bytes. */
  make(most: number): Uint8Array {
    const piece = new Uint8Array(Math.min(most, PIECE));
    this.#made += piece.length;
    return piece;
  }
}
