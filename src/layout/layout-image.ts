import { Memo } from "../bytes/index.js";
import {
  blobDescriptor,
  type CompressedImageCore,
  type CompressedLayer,
  compressedToImage,
  manifest,
} from "../partial/index.js";
import type { CallOptions, Descriptor, Hash, Image, Manifest, MediaType } from "../v1/index.js";
import type { Blobs } from "./blobs.js";
import { LayoutLayer } from "./layout-layer.js";

/** The image of a layout that a descriptor names. Nothing is read before it is asked for. */
export function imageAt(blobs: Blobs, descriptor: Descriptor): Image {
  return compressedToImage(new LayoutImage(blobs, descriptor));
}

/** What a layout has of an image: its manifest and its configuration, each read and verified once. */
export class LayoutImage implements CompressedImageCore {
  readonly #blobs: Blobs;
  readonly #descriptor: Descriptor;
  readonly #manifest: Memo<Uint8Array>;
  readonly #config: Memo<Uint8Array>;

  constructor(blobs: Blobs, descriptor: Descriptor) {
    this.#blobs = blobs;
    this.#descriptor = descriptor;
    this.#manifest = new Memo((signal) => blobs.read(descriptor, { signal }));
    this.#config = new Memo(async (signal) =>
      blobs.read((await this.manifest({ signal })).config, { signal }),
    );
  }

  async mediaType(): Promise<MediaType> {
    return this.#descriptor.mediaType;
  }

  async rawManifest(options?: CallOptions): Promise<Uint8Array> {
    return (await this.#manifest.get(options)).slice();
  }

  manifest(options?: CallOptions): Promise<Manifest> {
    return manifest(this, options);
  }

  async rawConfigFile(options?: CallOptions): Promise<Uint8Array> {
    return (await this.#config.get(options)).slice();
  }

  /** As the index has it, with its annotations and its platform. */
  async descriptor(): Promise<Descriptor> {
    return this.#descriptor;
  }

  /** @throws {BlobUnknownError} if the manifest lists no such layer, and it isn't the configuration either */
  async layerByDigest(digest: Hash, options?: CallOptions): Promise<CompressedLayer> {
    return new LayoutLayer(this.#blobs, await blobDescriptor(this, digest, options), this);
  }
}
