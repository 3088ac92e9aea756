import type { CallOptions, Hash } from "../v1/index.js";

/** Something that is kept. The stream must be read to its end or cancelled. */
export interface StoredBytes {
  /** Bytes. */
  readonly size: number;
  /** The bytes, unverified; nothing is read before they are asked for, and the chunks are the reader's own. */
  readonly stream: ReadableStream<Uint8Array>;
}

/**
 * Bytes on their way into a cache. There is one call at a time; after one that failed, or that gave false, there is none but
 * `discard`.
 */
export interface CacheWriter {
  /** Takes the next bytes, which belong to the caller again when the promise settles. False if there is no room for more. */
  write(bytes: Uint8Array): Promise<boolean>;
  /** Keeps the bytes under the hash, at once and as a whole. */
  commit(hash: Hash): Promise<void>;
  /** Forgets the bytes. It may be called at any time, and more than once. */
  discard(): Promise<void>;
}

/**
 * Where a cache keeps bytes. An entry appears as a whole or not at all, and what is found not to be as it was when it was kept is
 * no entry: `open` removes it. A storage doesn't verify hashes; whoever reads does.
 */
export interface CacheStorage {
  open(hash: Hash, options?: CallOptions): Promise<StoredBytes | undefined>;
  create(options?: CallOptions): Promise<CacheWriter>;
  remove(hash: Hash): Promise<void>;
}
