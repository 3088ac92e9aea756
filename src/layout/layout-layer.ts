import {
  blobToDiffID,
  type CompressedLayer,
  compressedToLayer,
  configFile,
  type WithManifest,
  type WithRawConfigFile,
} from "../partial/index.js";
import {
  type CallOptions,
  type Descriptor,
  type Hash,
  isConfig,
  type Layer,
  type MediaType,
  type ReadOptions,
} from "../v1/index.js";
import type { Blobs } from "./blobs.js";

/** What a layer's diffID may be learnt from without reading the layer. */
export type Owner = WithManifest & WithRawConfigFile;

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
    return this.#blobs.has(this.#descriptor.digest, options);
  }

  /** What the image's configuration says, as for everything else that a manifest says; otherwise the layer is read. */
  async diffID(options?: CallOptions): Promise<Hash> {
    return (await this.#stated(options)) ?? this.#whole.diffID(options);
  }

  async #stated(options: CallOptions | undefined): Promise<Hash | undefined> {
    const owner = this.#owner;
    if (owner === undefined) return undefined;
    const manifest = await owner.manifest(options);
    const { digest } = this.#descriptor;
    const isListed = manifest.layers?.some((each) => each.digest.equals(digest)) ?? false;
    if (!isListed || !isConfig(manifest.config.mediaType)) return undefined;
    const config = await configFile(owner, options);
    if (config.rootfs.diffIDs?.length !== manifest.layers?.length) return undefined;
    return blobToDiffID({ manifest: async () => manifest, configFile: async () => config }, digest);
  }
}
