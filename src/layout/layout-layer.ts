import { type CompressedLayer, compressedToLayer } from "../partial/index.js";
import type { CallOptions, Descriptor, Hash, Layer, MediaType, ReadOptions } from "../v1/index.js";
import type { Blobs } from "./blobs.js";

/** What a layer's diffID may be learnt from without reading the layer. */
export interface Owner {
  /** Undefined if nothing is said of it. */
  diffIDOf(digest: Hash, options?: CallOptions): Promise<Hash | undefined>;
}

/** A blob of a layout that a manifest or an index lists. */
export class LayoutLayer implements CompressedLayer {
  readonly #blobs: Blobs;
  readonly #descriptor: Descriptor;
  readonly #owner: Owner | undefined;
  readonly #whole: Layer;

  /** @param owner the image that lists it */
  constructor(blobs: Blobs, descriptor: Descriptor, owner?: Owner) {
    this.#blobs = blobs;
    this.#descriptor = descriptor;
    this.#owner = owner;
    this.#whole = compressedToLayer({
      digest: () => this.digest(),
      size: () => this.size(),
      mediaType: () => this.mediaType(),
      compressed: (options) => this.compressed(options),
    });
  }

  async digest(): Promise<Hash> {
    return this.#descriptor.digest;
  }

  async size(): Promise<number> {
    return this.#descriptor.size;
  }

  async mediaType(): Promise<MediaType> {
    return this.#descriptor.mediaType;
  }

  async descriptor(): Promise<Descriptor> {
    return this.#descriptor;
  }

  /** @throws {LayoutNotFoundError} if the layout lists the blob but doesn't hold it */
  compressed(options?: ReadOptions): Promise<ReadableStream<Uint8Array>> {
    return this.#blobs.open(this.#descriptor, options);
  }

  exists(options?: CallOptions): Promise<boolean> {
    return this.#blobs.has(this.#descriptor, options);
  }

  /** What the image's configuration says, as for everything else that a manifest says; otherwise the layer is read. */
  async diffID(options?: CallOptions): Promise<Hash> {
    const stated = await this.#owner?.diffIDOf(this.#descriptor.digest, options);
    return stated ?? this.#whole.diffID(options);
  }
}
