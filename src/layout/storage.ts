import type { CallOptions, Hash } from "../v1/index.js";

/** The files of a layout that are not named by their digest (OCI image-spec, image-layout.md). */
export type LayoutFile = "index.json" | "oci-layout";

/** A file that has been opened. The stream must be read to its end or cancelled, which closes it. */
export interface StoredFile {
  /** Bytes that the file has. */
  readonly size: number;
  /** The file's bytes, unverified; nothing is read before they are asked for, and the chunks are the reader's own. */
  readonly stream: ReadableStream<Uint8Array>;
}

/** What a storage knows of a blob without reading it. */
export interface BlobStatus {
  /** Bytes. */
  readonly size: number;
  /** When the blob was written or last renewed, in milliseconds of the system's clock. */
  readonly writtenAt: number;
}

/**
 * Bytes on their way to become a blob, under a name that is known only when they are all there. There is one call at a time,
 * and none but `discard` after a failure; `discard` after a `commit` that succeeded does nothing.
 */
export interface BlobWriter {
  /** Takes the next bytes, which belong to the caller again when the promise settles. */
  write(bytes: Uint8Array): Promise<void>;
  /** Makes the bytes the blob of that digest, at once, as a whole and to last, in place of what it was before. */
  commit(digest: Hash): Promise<void>;
  /** Forgets the bytes. It may be called at any time, and more than once. */
  discard(): Promise<void>;
}

/** What a removal is held to. */
export interface RemoveOptions extends CallOptions {
  /** The blob stays if it was written or renewed at this time or later (milliseconds of the system's clock). */
  readonly writtenBefore?: number | undefined;
}

/**
 * Where a layout is kept: what `varve/layout` asks of a disk, of memory, or of a store of your own. Blobs are named by their
 * digest and nothing else. A storage doesn't verify anything; whoever reads does.
 *
 * Everything may be called by several processes at once, as far as the storage is shared by them.
 */
export interface LayoutStorage {
  /** What messages call it, such as a path. */
  readonly name: string;
  /**
   * Opens a file or a blob; undefined if there is none.
   *
   * @throws {LayoutError} if what is there is no plain file
   */
  open(entry: LayoutFile | Hash, options?: CallOptions): Promise<StoredFile | undefined>;
  /**
   * Replaces a file by what is made of its present content, such that of several changes at once each sees what the one
   * before it has made. Readers see the file as it was or as it will be. It may call `change` more than once, of which only the
   * last call counts; what `change` throws leaves everything as it was.
   *
   * @param change is given the file as it is, which is closed when its answer is there, or undefined if there is none; undefined as
   *   its answer leaves everything as it is
   */
  update(
    file: LayoutFile,
    change: (current: StoredFile | undefined) => Promise<Uint8Array | undefined>,
    options?: CallOptions,
  ): Promise<void>;
  /** What is known of a blob; undefined if there is none, or what is there is no plain file. */
  stat(blob: Hash, options?: CallOptions): Promise<BlobStatus | undefined>;
  /** Opens a place for a blob. Nothing of it is seen before {@link BlobWriter.commit}. */
  create(options?: CallOptions): Promise<BlobWriter>;
  /**
   * Lets the blob count as written now, so that no removal that began before takes it away; false if there is none. It and
   * {@link remove} exclude one another.
   */
  renew(blob: Hash, options?: CallOptions): Promise<boolean>;
  /** Removes a blob; false if there is none, or it was written too lately. */
  remove(blob: Hash, options?: RemoveOptions): Promise<boolean>;
  /** The blobs that are there, in no order. Files that are not named by a digest are passed over. */
  blobs(options?: CallOptions): AsyncIterable<Hash>;
  /** Removes what writers left behind that were killed, if it was last written before this time (milliseconds). */
  removeUnfinished?(before: number, options?: CallOptions): Promise<void>;
}
