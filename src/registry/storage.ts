import { VarveError } from "../core/error.js";
import type { Hash } from "../v1/index.js";
import type { ByteRange } from "./byte-range.js";

/**
 * Where a registry keeps what it was given. Repository names and tags have passed the protocol's grammar and hashes are
 * valid before a store sees them. A store may keep equal bytes once, but what one repository holds is not seen in another.
 */
export interface Storage {
  readonly blobs: BlobStore;
  readonly manifests: ManifestStore;
}

/** Keeps blobs: bytes of any length under their digest, per repository. */
export interface BlobStore {
  /**
   * Opens a place for bytes whose digest is not known yet. Nothing of it is seen before {@link BlobUpload.commit}.
   *
   * @param record what {@link uploadsLeft} is to tell of the upload after a restart; without it, or if the store cannot keep it, the upload
   *   ends with the registry
   */
  beginUpload(record?: UploadRecord): Promise<BlobUpload>;
  /**
   * The uploads that an earlier registry over this store left, for this one to go on with. Each is told of once. A store that ends with
   * its process need not have the method.
   */
  uploadsLeft?(): Promise<readonly UploadLeft[]>;
  /** The blob's length in bytes, or undefined if the repository does not hold it. */
  size(repository: string, digest: Hash): Promise<number | undefined>;
  /**
   * Opens the blob, or the part of it that the range names (which lies within the blob), as chunks that belong to the reader.
   * Undefined if the repository does not hold the blob. The stream must be read to its end or cancelled.
   */
  open(repository: string, digest: Hash, range?: ByteRange): Promise<ReadableStream<Uint8Array> | undefined>;
  /**
   * Lets the repository `to` hold what `from` holds already, or any repository if `from` is undefined. False, and nothing done, if the
   * blob is not held there.
   */
  mount(digest: Hash, from: string | undefined, to: string): Promise<boolean>;
  /** Takes the blob from the repository; the bytes go when no repository holds them. False if it did not hold it. */
  delete(repository: string, digest: Hash): Promise<boolean>;
}

/**
 * Bytes on their way to become a blob. There is one call at a time, and none after a successful `commit` or after `discard`; an
 * upload whose `commit` failed is discarded.
 */
export interface BlobUpload {
  /** Whether {@link BlobStore.uploadsLeft} will tell of it, so that it is left as it is when the registry is closed. Default: false. */
  readonly isKept?: boolean;
  /**
   * Stores the chunks, one after the other, behind what is stored already. The next chunk is asked for only when the one
   * before it is stored, so that a slow store slows its source; when the source throws, everything that it gave is stored and
   * its error is thrown on. After an error of the store itself the upload can only be discarded.
   *
   * @throws {StorageFullError} when there is no room
   */
  append(chunks: AsyncIterable<Uint8Array>): Promise<void>;
  /** Everything stored so far, from the first byte, for a second look. */
  read(): AsyncIterable<Uint8Array>;
  /** Makes the bytes the blob of that digest in the repository, at once and as a whole; the caller has verified the digest. */
  commit(repository: string, digest: Hash): Promise<void>;
  /** Forgets the bytes. */
  discard(): Promise<void>;
}

/** What a registry must know of an upload to go on with it. */
export interface UploadRecord {
  /** The session's id, a random UUID that the client alone was told. */
  readonly id: string;
  readonly repository: string;
  /** The algorithm that the blob's digest is expected to have. */
  readonly algorithm: string;
}

/** An upload that a registry left when it ended, however it ended. */
export interface UploadLeft extends UploadRecord {
  readonly upload: BlobUpload;
  /** Bytes stored, which are a prefix of what the client sent. */
  readonly size: number;
  /** When bytes were last stored, as `Date.now()` tells it. */
  readonly lastUsed: number;
}

/** A manifest as it was pushed: these very bytes, under the media type that they came with. */
export interface StoredManifest {
  /** The `Content-Type` of the push, word for word. */
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** Keeps manifests by digest, and the tags that name them, per repository. */
export interface ManifestStore {
  get(repository: string, digest: Hash): Promise<StoredManifest | undefined>;
  /** Whether the repository holds the manifest. */
  has(repository: string, digest: Hash): Promise<boolean>;
  /**
   * Stores a manifest whose digest the caller has verified, and remembers it as a referrer of its subject if it has one.
   *
   * @throws {StorageFullError} when there is no room
   */
  put(repository: string, digest: Hash, manifest: StoredManifest, subject?: Hash): Promise<void>;
  /** Removes the manifest and every tag that names it. False if the repository does not hold it. */
  delete(repository: string, digest: Hash): Promise<boolean>;
  /** Lets the tag name this digest from now on. */
  tag(repository: string, tag: string, digest: Hash): Promise<void>;
  /** The digest that the tag names. */
  resolve(repository: string, tag: string): Promise<Hash | undefined>;
  /** Removes the tag alone. False if there is none. */
  untag(repository: string, tag: string): Promise<boolean>;
  /** The repository's tags, in no order; undefined if nothing was ever pushed to the repository. */
  tags(repository: string): Promise<readonly string[] | undefined>;
  /** The manifests held that name this digest as their subject, in no order. */
  referrers(repository: string, subject: Hash): Promise<readonly Hash[]>;
  /** The repositories that something was pushed to, in no order. */
  repositories(): Promise<readonly string[]>;
}

/** A store has no room for what it is given. Its `code` is `ERR_VARVE_STORAGE_FULL`. */
export class StorageFullError extends VarveError {
  override readonly name = "StorageFullError";

  /** @param message what is full, and what would make room */
  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super("ERR_VARVE_STORAGE_FULL", message, options);
  }
}
