import { checkMaxBytes } from "../core/inflater.js";
import { type Spool, SpoolError } from "./spool.js";

/** A layer that is larger should be kept elsewhere than in memory, unless somebody says so. */
const DEFAULT_LIMIT = 64 * 1024 * 1024;

export interface MemorySpoolOptions {
  /** The most bytes that are kept, of the compressed layer. Default: 64 MiB. */
  readonly maxBytes?: number | undefined;
}

/**
 * A spool in memory, for one layer. A layer with more bytes than are allowed fails, with {@link SpoolError}, and what
 * was kept of it is let go of.
 *
 * @throws {InflateOptionError} if `maxBytes` is no number of bytes
 */
export function memorySpool(options: MemorySpoolOptions = {}): Spool {
  return new MemorySpool(checkMaxBytes(options.maxBytes ?? DEFAULT_LIMIT));
}

class MemorySpool implements Spool {
  readonly #maxBytes: number;
  #pieces: Uint8Array<ArrayBuffer>[] = [];
  #bytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  write(bytes: Uint8Array): void {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#maxBytes) {
      throw new SpoolError(
        `the layer has more than the ${this.#maxBytes} bytes that its spool may keep in memory: raise maxBytes, or spool to disk`,
      );
    }
    this.#pieces.push(new Uint8Array(bytes));
  }

  read(): Iterable<Uint8Array> {
    return this.#pieces;
  }

  remove(): void {
    this.#pieces = [];
    this.#bytes = 0;
  }
}
