import {
  ChunkReader,
  type ChunkSource,
  peek,
  readableOf,
  VerificationError,
  verified,
} from "../bytes/index.js";
import type { CompressedLayer } from "../partial/index.js";
import {
  type CallOptions,
  compressionByName,
  detectCompression,
  type Hash,
  MAGIC_BYTES,
  type MediaType,
  type ReadOptions,
} from "../v1/index.js";
import { NotFoundError } from "./cache.js";
import type { CacheStorage } from "./storage.js";

/** What a cache keeps under a hash, as a layer. */
export class KeptLayer implements CompressedLayer {
  readonly #storage: CacheStorage;
  readonly #hash: Hash;
  readonly #size: number;

  constructor(storage: CacheStorage, hash: Hash, size: number) {
    this.#storage = storage;
    this.#hash = hash;
    this.#size = size;
  }

  async digest(): Promise<Hash> {
    return this.#hash;
  }

  async size(): Promise<number> {
    return this.#size;
  }

  /** By the first bytes: what the layer said that it is has not been kept. */
  async mediaType(options: CallOptions = {}): Promise<MediaType> {
    const { start, stream } = await peek(await this.compressed(options), MAGIC_BYTES, options);
    await stream.cancel();
    return compressionByName(detectCompression(start)).defaultMediaType;
  }

  /**
   * The bytes, which are verified. Others than were kept fail the stream, before its last bytes, and are forgotten, so that the next
   * one comes from where the layer comes from.
   *
   * @throws {NotFoundError} if they have been forgotten since
   */
  async compressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const stored = await this.#storage.open(this.#hash, options);
    if (stored === undefined) throw new NotFoundError(this.#hash);
    const stream = verified(stored.stream, {
      digest: this.#hash,
      size: this.#size,
      what: `${this.#hash} in the cache`,
    });
    return readableOf(
      new ForgettingSource(new ChunkReader(stream), () => this.#storage.remove(this.#hash)),
      options,
    );
  }
}

/** A stream that has what is kept forgotten if it turns out to be damaged. */
class ForgettingSource implements ChunkSource {
  readonly #reader: ChunkReader;
  readonly #forget: () => Promise<void>;

  constructor(reader: ChunkReader, forget: () => Promise<void>) {
    this.#reader = reader;
    this.#forget = forget;
  }

  async next(): Promise<Uint8Array | undefined> {
    try {
      return await this.#reader.next();
    } catch (error) {
      // That it can't be forgotten is less than that it is damaged.
      if (error instanceof VerificationError) await this.#forget().catch(() => {});
      throw error;
    }
  }

  close(reason: unknown): Promise<void> {
    return this.#reader.close(reason);
  }
}
