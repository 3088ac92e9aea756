import { verified } from "../bytes/index.js";
import { compressedToLayer } from "../partial/index.js";
import {
  type Descriptor,
  type Hash,
  type Layer,
  type MediaType,
  type ReadOptions,
  UnsupportedError,
} from "../v1/index.js";

/** A layer that stays with its publisher: the tarball says what it is, and may have its bytes as well. */
export class ForeignLayer implements Layer {
  readonly #descriptor: Descriptor;
  readonly #diffID: Hash;
  readonly #open: ((options?: ReadOptions) => Promise<ReadableStream<Uint8Array>>) | undefined;

  constructor(
    descriptor: Descriptor,
    diffID: Hash,
    open: ((options?: ReadOptions) => Promise<ReadableStream<Uint8Array>>) | undefined,
  ) {
    this.#descriptor = descriptor;
    this.#diffID = diffID;
    this.#open = open;
  }

  async descriptor(): Promise<Descriptor> {
    return this.#descriptor;
  }

  async digest(): Promise<Hash> {
    return this.#descriptor.digest;
  }

  async diffID(): Promise<Hash> {
    return this.#diffID;
  }

  async size(): Promise<number> {
    return this.#descriptor.size;
  }

  async mediaType(): Promise<MediaType> {
    return this.#descriptor.mediaType;
  }

  async exists(): Promise<boolean> {
    return this.#open !== undefined;
  }

  /** @throws {UnsupportedError} if the tarball has no bytes of it */
  async compressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    if (this.#open === undefined) {
      throw new UnsupportedError(
        `the layer ${this.#descriptor.digest} is not in the tarball: fetch it from where its descriptor's urls say`,
      );
    }
    const { digest, size } = this.#descriptor;
    return verified(await this.#open(options), { ...options, digest, size, what: "a layer" });
  }

  /** @throws {UnsupportedError} if the tarball has no bytes of it */
  async uncompressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const content = await compressedToLayer({
      digest: () => this.digest(),
      size: () => this.size(),
      mediaType: () => this.mediaType(),
      compressed: (call) => this.compressed(call),
    }).uncompressed(options);
    return verified(content, { ...options, digest: this.#diffID, what: "a layer's content" });
  }
}
