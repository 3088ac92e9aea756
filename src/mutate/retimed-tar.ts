import {
  bytesOf,
  ChunkReader,
  type ChunkSource,
  type Hasher,
  newHasher,
  opened,
  readableOf,
  verified,
} from "../bytes/index.js";
import type { UncompressedLayer } from "../partial/index.js";
import { type NewTarEntry, readTar, type TarEntry, writeTar } from "../tar/index.js";
import {
  type CallOptions,
  type Hash,
  hashFromBytes,
  type Layer,
  type MediaType,
  type ReadOptions,
} from "../v1/index.js";

/** How layers may be rewritten. */
export interface TimeOptions {
  /**
   * The most zeros that are made for the sparse files of a layer, together, in bytes; a layer with more fails with a `TarError`.
   * Default: 64 GiB.
   */
  readonly maxSparseBytes?: number | undefined;
}

/** PAX records that tell times; that of modification is the header's own. */
const TIMES: ReadonlySet<string> = new Set(["atime", "ctime", "mtime", "LIBARCHIVE.creationtime"]);

/**
 * A layer's tar, in which all entries have one time of modification and no other times. It is kept nowhere: it is made of
 * the original's whenever it is read, entry by entry, and written as this package writes tars. Its diffID is learned by the
 * first reading that comes to the end.
 */
export class RetimedTar implements UncompressedLayer {
  readonly #original: Layer;
  readonly #originalDiffID: Hash | undefined;
  readonly #mtime: number;
  readonly #maxSparseBytes: number | undefined;
  #diffID: Hash | undefined;

  /**
   * @param originalDiffID what the original is held to whenever it is read; undefined if that is not known
   * @param mtime seconds since 1970
   */
  constructor(
    original: Layer,
    originalDiffID: Hash | undefined,
    mtime: number,
    { maxSparseBytes }: TimeOptions,
  ) {
    this.#original = original;
    this.#originalDiffID = originalDiffID;
    this.#mtime = mtime;
    this.#maxSparseBytes = maxSparseBytes;
  }

  async diffID(options?: CallOptions): Promise<Hash> {
    if (this.#diffID === undefined) {
      const chunks = bytesOf(await this.uncompressed(options));
      while (!(await chunks.next()).done);
    }
    return this.#diffID!;
  }

  async mediaType(options?: CallOptions): Promise<MediaType> {
    return this.#original.mediaType(options);
  }

  async uncompressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const digest = this.#originalDiffID;
    const hasher = await newHasher("sha256");
    const content = await opened(this.#original.uncompressed(options), options);
    const original = digest === undefined ? content : verified(content, { digest, what: `layer ${digest}` });
    const tar = writeTar(
      new RetimedEntries(readTar(original, { maxSparseBytes: this.#maxSparseBytes }), this.#mtime),
    );
    const learn = (diffID: Hash): void => {
      this.#diffID = diffID;
    };
    return readableOf(new HashedSource(tar, hasher, learn), { ...options, what: "a layer" });
  }
}

/** Chunks that are hashed on their way. */
class HashedSource implements ChunkSource {
  readonly #chunks: ChunkReader;
  readonly #hasher: Hasher;
  readonly #learn: (hash: Hash) => void;

  constructor(stream: ReadableStream<Uint8Array>, hasher: Hasher, learn: (hash: Hash) => void) {
    this.#chunks = new ChunkReader(stream);
    this.#hasher = hasher;
    this.#learn = learn;
  }

  async next(): Promise<Uint8Array | undefined> {
    const chunk = await this.#chunks.next();
    if (chunk === undefined) this.#learn(hashFromBytes("sha256", this.#hasher.digest()));
    else this.#hasher.update(chunk);
    return chunk;
  }

  close(reason: unknown): Promise<void> {
    return this.#chunks.close(reason);
  }
}

/** It is no generator, because the `return` of one waits for an entry that is pending, and that of the reader doesn't. */
class RetimedEntries implements AsyncIterableIterator<NewTarEntry> {
  readonly #entries: AsyncIterableIterator<TarEntry>;
  readonly #mtime: number;

  constructor(entries: AsyncIterableIterator<TarEntry>, mtime: number) {
    this.#entries = entries;
    this.#mtime = mtime;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<NewTarEntry, undefined>> {
    const { done, value } = await this.#entries.next();
    if (done) return { done, value: undefined };
    const { header, body } = value;
    const pax = Object.fromEntries(Object.entries(header.pax).filter(([keyword]) => !TIMES.has(keyword)));
    return { done: false, value: { header: { ...header, mtime: this.#mtime, pax }, body } };
  }

  async return(): Promise<IteratorResult<NewTarEntry, undefined>> {
    await this.#entries.return?.();
    return { done: true, value: undefined };
  }
}
