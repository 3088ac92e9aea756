import {
  ChunkReader,
  type ChunkSource,
  peek,
  quietly,
  type ReadingContext,
  readableOf,
  throughMachine,
} from "../bytes/index.js";
import { type Encoder, Gunzip, init } from "../core/index.js";
import { compressionByName, detectCompression, gzip, MAGIC_BYTES, readingMachine } from "../v1/index.js";

/**
 * Shows what a stream decompresses to; which compression it has, its first bytes say when they are first asked for. What has
 * no magic number that is known goes out as it comes in.
 *
 * The result fails with an `InflateError` or a `ZstdError` if the stream is damaged, truncated, or followed by something
 * else, and with an `UnknownCompressionError` if it is zstd and `varve/zstd` has not been imported.
 */
export function decompressed(
  compressed: ReadableStream<Uint8Array>,
  context: ReadingContext,
): ReadableStream<Uint8Array> {
  return readableOf(new DecompressedSource(compressed), context);
}

class DecompressedSource implements ChunkSource {
  readonly #compressed: ReadableStream<Uint8Array>;
  /** Cuts short the looking at the first bytes. */
  readonly #choosing: AbortController = new AbortController();
  #begun = false;
  #reader: ChunkReader | undefined;

  constructor(compressed: ReadableStream<Uint8Array>) {
    this.#compressed = compressed;
  }

  async next(): Promise<Uint8Array | undefined> {
    if (this.#reader === undefined) {
      this.#begun = true;
      const reader = await this.#choose();
      if (this.#choosing.signal.aborted) {
        quietly(reader.close(this.#choosing.signal.reason));
        return undefined;
      }
      this.#reader = reader;
    }
    return this.#reader.next();
  }

  async close(reason: unknown): Promise<void> {
    if (this.#reader !== undefined) {
      await this.#reader.close(reason);
    } else if (this.#begun) {
      this.#choosing.abort(reason);
    } else {
      await this.#compressed.cancel(reason);
    }
  }

  async #choose(): Promise<ChunkReader> {
    await init();
    const { start, stream } = await peek(this.#compressed, MAGIC_BYTES, { signal: this.#choosing.signal });
    try {
      const name = detectCompression(start);
      return new ChunkReader(
        name === "none" ? stream : throughMachine(stream, decoder(name), { fullPieces: true }),
      );
    } catch (error) {
      quietly(stream.cancel(error));
      throw error;
    }
  }
}

/** Nobody asks for the hashes of both sides here, which are most of the work of this package's own reading machine. */
function decoder(name: string): Encoder {
  const compression = compressionByName(name);
  return compression === gzip ? new Gunzip() : readingMachine(compression);
}
