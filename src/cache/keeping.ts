import {
  ChunkReader,
  type ChunkSource,
  type Hasher,
  newHasher,
  quietly,
  readableOf,
  VerificationError,
} from "../bytes/index.js";
import { type Hash, hashFromBytes, type ReadOptions } from "../v1/index.js";
import type { CacheStorage, CacheWriter } from "./storage.js";

/** How a stream is kept while it is read. */
export interface KeepingOptions extends ReadOptions {
  /** The hash's algorithm. Default: sha256. */
  readonly algorithm?: string | undefined;
  /** Asked at the end what the hash must be; undefined if nobody knows better. */
  readonly expected?: (() => Promise<Hash>) | undefined;
  /** Told of what the storage fails with, which the reader is not. */
  readonly onError: (error: unknown) => void;
}

/**
 * Hands a stream on, and keeps it under its hash when it has been read to its end and is what it should be. Ending it early keeps
 * nothing. A storage that fails, or has no room, ends the keeping and not the reading.
 *
 * The result fails with a `VerificationError` at its end if its hash is not the expected one.
 */
export function keeping(
  stream: ReadableStream<Uint8Array>,
  storage: CacheStorage,
  options: KeepingOptions,
): ReadableStream<Uint8Array> {
  return readableOf(new KeepingSource(new ChunkReader(stream), storage, options), options);
}

class KeepingSource implements ChunkSource {
  readonly #reader: ChunkReader;
  readonly #storage: CacheStorage;
  readonly #options: KeepingOptions;
  #hasher: Hasher | undefined;
  #size = 0;
  #writer: CacheWriter | undefined;
  #closed = false;

  constructor(reader: ChunkReader, storage: CacheStorage, options: KeepingOptions) {
    this.#reader = reader;
    this.#storage = storage;
    this.#options = options;
  }

  async next(): Promise<Uint8Array | undefined> {
    const hasher = this.#hasher ?? (await this.#begin());
    const chunk = await this.#reader.next();
    if (this.#closed) return undefined;
    if (chunk === undefined) {
      await this.#end(hasher);
      return undefined;
    }
    hasher.update(chunk);
    this.#size += chunk.length;
    const isKept = await this.#try((writer) => writer.write(chunk));
    if (isKept === false) await this.#drop();
    return chunk;
  }

  async close(reason: unknown): Promise<void> {
    this.#closed = true;
    quietly(this.#drop());
    await this.#reader.close(reason);
  }

  async #begin(): Promise<Hasher> {
    this.#hasher = await newHasher(this.#options.algorithm ?? "sha256");
    try {
      this.#writer = await this.#storage.create(this.#options);
    } catch (error) {
      this.#options.onError(error);
    }
    if (this.#closed) await this.#drop();
    return this.#hasher;
  }

  async #end(hasher: Hasher): Promise<void> {
    const { algorithm = "sha256", expected } = this.#options;
    const found = hashFromBytes(algorithm, hasher.digest());
    const should = await expected?.();
    if (should !== undefined && !should.equals(found)) {
      throw new VerificationError("the layer", { digest: should }, { digest: found, size: this.#size });
    }
    await this.#try((writer) => writer.commit(found));
    await this.#drop();
  }

  async #try<T>(work: (writer: CacheWriter) => Promise<T>): Promise<T | undefined> {
    const writer = this.#writer;
    if (writer === undefined) return undefined;
    try {
      return await work(writer);
    } catch (error) {
      // What a writer says that is let go of while it writes is of no interest.
      if (!this.#closed) this.#options.onError(error);
      await this.#drop();
      return undefined;
    }
  }

  /** Lets go of the writer; of one that has committed nothing is lost. */
  async #drop(): Promise<void> {
    const writer = this.#writer;
    this.#writer = undefined;
    try {
      await writer?.discard();
    } catch (error) {
      this.#options.onError(error);
    }
  }
}
