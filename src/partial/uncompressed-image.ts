import { unlessAborted } from "../bytes/index.js";
import {
  type CallOptions,
  dockerConfigJSON,
  dockerManifestSchema2,
  type Hash,
  type Image,
  type Layer,
} from "../v1/index.js";
import { ComposedImage } from "./composed-image.js";
import { diffIDs } from "./config.js";
import { inner } from "./inner.js";
import type { UncompressedImageCore } from "./interfaces.js";
import { type CompressionOptions, listedLayer } from "./uncompressed-layer.js";

/**
 * Makes a whole image of one whose configuration and uncompressed layers are at hand. Its manifest is one of Docker's second
 * schema, whatever the core says that it is, with the layers in the configuration's order; it is made when it is first
 * needed, by compressing every layer once, and kept. A layer whose content has another hash than the configuration says fails
 * with a `VerificationError` when it is compressed. Nothing is read here.
 *
 * @param options how the layers are compressed
 */
export function uncompressedToImage(core: UncompressedImageCore, options: CompressionOptions = {}): Image {
  return new ExtendedUncompressedImage(core, options);
}

/** What the core says that it is, is not what is made of it. */
class ExtendedUncompressedImage extends ComposedImage {
  readonly [inner]: UncompressedImageCore;
  readonly #options: CompressionOptions;
  /** By diffID: a layer that was compressed once knows its digest. */
  readonly #layers: Map<string, Layer> = new Map();

  constructor(core: UncompressedImageCore, options: CompressionOptions) {
    super({ manifest: dockerManifestSchema2, config: dockerConfigJSON });
    this[inner] = core;
    this.#options = options;
  }

  async layers(options?: CallOptions): Promise<readonly Layer[]> {
    const layers: Layer[] = [];
    for (const each of await diffIDs(this, options)) {
      layers.push(await this.layerByDiffID(each, options));
    }
    return layers;
  }

  rawConfigFile(options?: CallOptions): Promise<Uint8Array> {
    return this[inner].rawConfigFile(options);
  }

  async layerByDiffID(diffID: Hash, options?: CallOptions): Promise<Layer> {
    const key = String(diffID);
    const known = this.#layers.get(key);
    if (known !== undefined) {
      return known;
    }
    const found = await unlessAborted(options?.signal, this[inner].layerByDiffID(diffID, options));
    const layer = this.#layers.get(key) ?? listedLayer(found, this.#options, diffID);
    this.#layers.set(key, layer);
    return layer;
  }
}
