import type { Encoder } from "../core/index.js";
import { SourceError } from "./source-error.js";

const NOTHING = new Uint8Array(0);

/**
 * Bytes that the machine is given at once. A machine works on until it has output, which on very compressible data
 * may take hundreds of chunks; in between there is progress to report, and a reader that may have given up.
 */
const STRIDE = 256 * 1024;

/**
 * The chunk that is being fed to the machine, and how far. It is fed in place, as far as the consumer's demand
 * reaches.
 */
export class Feed {
  #chunk: Uint8Array = NOTHING;
  #byteLength = 0;
  #offset = 0;

  get empty(): boolean {
    return this.#offset === this.#byteLength;
  }

  load(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#byteLength = chunk.byteLength;
    this.#offset = 0;
  }

  /** Feeds the machine until it has output ready or the chunk is used up, and says how many bytes that took. */
  advance(machine: Encoder): number {
    // A chunk whose buffer was transferred between two pulls looks short, and would make a layer with a hole.
    if (this.#chunk.byteLength !== this.#byteLength) {
      throw new SourceError(
        "a chunk's buffer was transferred or resized while it was being read: leave a chunk alone until the next one is asked for",
      );
    }
    const start = this.#offset;
    const end = start + STRIDE;
    const part = end < this.#byteLength ? this.#chunk.subarray(0, end) : this.#chunk;
    this.#offset = machine.update(part, start);
    return this.#offset - start;
  }

  clear(): void {
    this.load(NOTHING);
  }
}
