import {
  bytesOf,
  type Expectation,
  fromBytes,
  hashOf,
  MAX_MANIFEST_BYTES,
  newHasher,
  opened,
  readAll,
  SizeLimitError,
  unlessAborted,
  VerificationError,
  verified,
} from "../bytes/index.js";
import { type CallOptions, type Hash, hashFromBytes } from "../v1/index.js";
import { LayoutNotFoundError } from "./layout-error.js";
import { openedFile } from "./opened-file.js";
import type { BlobStatus, BlobWriter, LayoutStorage, StoredFile } from "./storage.js";

/** How blobs are written. */
export interface WriteBlobOptions extends CallOptions {
  /**
   * Whether a layer that is there with the right size is read through, and replaced if its digest is another one. Default: false: it
   * is believed, for it was verified when it was written, and is verified whenever it is read. Manifests and configurations are
   * always read through.
   */
  readonly verifyExisting?: boolean | undefined;
  /** Called when a piece of a blob has been stored, with its number of bytes; for a blob that was there, with all of them. */
  readonly onBytes?: ((bytes: number) => void) | undefined;
}

/** Opens the bytes of a blob that is to be written. */
type Open = (options: CallOptions) => Promise<ReadableStream<Uint8Array>>;

/** The blobs of a layout, verified whenever they are read or written. */
export class Blobs {
  readonly storage: LayoutStorage;
  readonly maxManifestBytes: number;

  constructor(storage: LayoutStorage, maxManifestBytes: number = MAX_MANIFEST_BYTES) {
    this.storage = storage;
    this.maxManifestBytes = maxManifestBytes;
  }

  /**
   * Opens a blob. The stream fails if its bytes are others than they should be, before it has handed out the last of them.
   *
   * @throws {LayoutNotFoundError} if there is none
   * @throws {VerificationError} if its size is not the one expected
   */
  async open(expected: Expectation, options: CallOptions = {}): Promise<ReadableStream<Uint8Array>> {
    return this.#verified(expected.digest, await this.#file(expected, options), options);
  }

  /**
   * Reads a manifest or a configuration.
   *
   * @throws {SizeLimitError} if it is larger than such a thing may be; nothing of it is then read
   * @throws what {@link open} and its stream throw
   */
  async read(
    expected: Expectation,
    options: CallOptions & { readonly maxBytes?: number | undefined } = {},
  ): Promise<Uint8Array<ArrayBuffer>> {
    const { maxBytes = this.maxManifestBytes, signal } = options;
    const file = await this.#file(expected, options);
    const what = this.#what(expected.digest);
    if (file.size > maxBytes) {
      await file.stream.cancel();
      const raised = options.maxBytes === undefined ? "maxManifestBytes" : "maxBytes";
      throw new SizeLimitError(what, maxBytes, `raise ${raised}`);
    }
    return readAll(this.#verified(expected.digest, file, options), { maxBytes, what, signal });
  }

  /** Whether a blob is there, with as many bytes as it should have. It is not read. */
  async has({ digest, size }: Expectation, options: CallOptions = {}): Promise<boolean> {
    const status = await this.#stat(digest, options);
    return status !== undefined && status.size === (size ?? status.size);
  }

  /**
   * Stores a manifest or a configuration, in place of other bytes of that name, and gives its digest.
   *
   * @param stated what lists it under; by default, its SHA-256
   * @throws {SizeLimitError} if it is too large to be read again
   * @throws {VerificationError} if it isn't what the stated digest says
   */
  async writeBytes(bytes: Uint8Array, options: WriteBlobOptions = {}, stated?: Hash): Promise<Hash> {
    const digest = stated ?? (await hashOf(bytes));
    if (bytes.length > this.maxManifestBytes) {
      throw new SizeLimitError(this.#what(digest), this.maxManifestBytes, "raise maxManifestBytes");
    }
    const expected = { digest, size: bytes.length };
    await this.write(expected, async () => fromBytes(bytes), { ...options, verifyExisting: true });
    return digest;
  }

  /**
   * Stores a blob, unless it is there.
   *
   * @param open not called if the blob is there
   * @throws {VerificationError} if the bytes are others than expected; nothing is then kept
   */
  async write(expected: Expectation, open: Open, options: WriteBlobOptions = {}): Promise<void> {
    if (await this.#holds(expected, options)) return;
    await this.#store(options, async (writer) => {
      const stream = verified(await opened(open(options), options), {
        ...expected,
        what: this.#what(expected.digest),
        signal: options.signal,
      });
      await pour(stream, writer, options);
      return expected.digest;
    });
  }

  /**
   * Stores a blob whose digest is known only when it has been read to its end.
   *
   * @param open opens the stream
   * @param identity says, when the stream has been read, what it should have been
   * @throws {VerificationError} if it was something else; nothing is then kept
   */
  writeStream(
    open: Open,
    identity: () => Promise<Required<Expectation>>,
    options: WriteBlobOptions = {},
  ): Promise<Hash> {
    return this.#store(options, async (writer) => {
      const hasher = await newHasher("sha256");
      const size = await pour(await opened(open(options), options), writer, options, (chunk) =>
        hasher.update(chunk),
      );
      const found = { digest: hashFromBytes("sha256", hasher.digest()), size };
      const expected = await unlessAborted(options.signal, identity());
      if (!found.digest.equals(expected.digest) || size !== expected.size) {
        throw new VerificationError("the streaming layer", expected, found);
      }
      return found.digest;
    });
  }

  /** @param fill writes the blob, and says what its name is */
  async #store(options: CallOptions, fill: (writer: BlobWriter) => Promise<Hash>): Promise<Hash> {
    const writer = await this.storage.create(options);
    try {
      const digest = await fill(writer);
      await writer.commit(digest);
      return digest;
    } catch (error) {
      // Why it failed is worth more than what comes of cleaning up.
      await writer.discard().catch(() => {});
      throw error;
    }
  }

  /** Whether a blob need not be written; if so, it counts as written now. */
  async #holds(expected: Expectation, options: WriteBlobOptions): Promise<boolean> {
    const { digest, size } = expected;
    const status = await this.#stat(digest, options);
    if (status === undefined || status.size !== (size ?? status.size)) return false;
    if (options.verifyExisting && !(await this.#isIntact(expected, options))) return false;
    if (!(await this.storage.renew(digest, options))) return false;
    options.onBytes?.(status.size);
    return true;
  }

  async #isIntact(expected: Expectation, options: CallOptions): Promise<boolean> {
    try {
      for await (const _ of bytesOf(await this.open(expected, options)));
      return true;
    } catch (error) {
      if (error instanceof VerificationError || error instanceof LayoutNotFoundError) return false;
      throw error;
    }
  }

  /** The blob's file, if it has the right size. */
  async #file({ digest, size }: Expectation, options: CallOptions): Promise<StoredFile> {
    const file = await openedFile(this.storage.open(digest, options), options);
    if (file === undefined) {
      throw new LayoutNotFoundError(
        `the layout in ${this.storage.name} holds no blob ${digest}: write it, or what it belongs to, once more`,
      );
    }
    if (size !== undefined && file.size !== size) {
      await file.stream.cancel();
      throw new VerificationError(this.#what(digest), { digest, size }, { size: file.size });
    }
    return file;
  }

  #stat(digest: Hash, options: CallOptions): Promise<BlobStatus | undefined> {
    return unlessAborted(options.signal, this.storage.stat(digest, options));
  }

  #verified(digest: Hash, file: StoredFile, { signal }: CallOptions): ReadableStream<Uint8Array> {
    return verified(file.stream, { digest, size: file.size, what: this.#what(digest), signal });
  }

  #what(digest: Hash): string {
    return `blob ${digest} of the layout in ${this.storage.name}`;
  }
}

/** Writes a stream to its end, and says how many bytes that were. */
async function pour(
  stream: ReadableStream<Uint8Array>,
  writer: BlobWriter,
  { signal, onBytes }: WriteBlobOptions,
  look: (chunk: Uint8Array) => unknown = () => {},
): Promise<number> {
  let size = 0;
  for await (const chunk of bytesOf(stream, { signal })) {
    look(chunk);
    await writer.write(chunk);
    size += chunk.length;
    onBytes?.(chunk.length);
  }
  return size;
}
