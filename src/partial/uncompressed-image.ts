import { hashOf, Memo } from "../bytes/index.js";
import {
  type CallOptions,
  type ConfigFile,
  type Descriptor,
  dockerConfigJSON,
  dockerManifestSchema2,
  encodeManifest,
  type Hash,
  type Image,
  type Layer,
  type Manifest,
  type MediaType,
} from "../v1/index.js";
import { blobToDiffID } from "./blobs.js";
import { configFile, configName, diffIDs } from "./config.js";
import { descriptor } from "./descriptor.js";
import { inner } from "./inner.js";
import type { UncompressedImageCore } from "./interfaces.js";
import { digest, size } from "./manifest.js";
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

class ExtendedUncompressedImage implements Image {
  readonly [inner]: UncompressedImageCore;
  readonly #options: CompressionOptions;
  readonly #manifest: Memo<Manifest> = new Memo((signal) => this.#newManifest({ signal }));
  /** By diffID: a layer that was compressed once knows its digest. */
  readonly #layers: Map<string, Layer> = new Map();

  constructor(core: UncompressedImageCore, options: CompressionOptions) {
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

  /** What the manifest is; what the core says is not what is made of it. */
  async mediaType(): Promise<MediaType> {
    return dockerManifestSchema2;
  }

  size(options?: CallOptions): Promise<number> {
    return size(this, options);
  }

  configName(options?: CallOptions): Promise<Hash> {
    return configName(this, options);
  }

  configFile(options?: CallOptions): Promise<ConfigFile> {
    return configFile(this, options);
  }

  rawConfigFile(options?: CallOptions): Promise<Uint8Array> {
    return this[inner].rawConfigFile(options);
  }

  digest(options?: CallOptions): Promise<Hash> {
    return digest(this, options);
  }

  manifest(options?: CallOptions): Promise<Manifest> {
    return this.#manifest.get(options);
  }

  async rawManifest(options?: CallOptions): Promise<Uint8Array> {
    return encodeManifest(await this.manifest(options));
  }

  async layerByDigest(hash: Hash, options?: CallOptions): Promise<Layer> {
    return this.layerByDiffID(await blobToDiffID(this, hash, options), options);
  }

  async layerByDiffID(diffID: Hash, options?: CallOptions): Promise<Layer> {
    const key = String(diffID);
    const known = this.#layers.get(key);
    if (known !== undefined) {
      return known;
    }
    const found = await this[inner].layerByDiffID(diffID, options);
    const layer = this.#layers.get(key) ?? listedLayer(found, this.#options, diffID);
    this.#layers.set(key, layer);
    return layer;
  }

  async #newManifest(options: CallOptions): Promise<Manifest> {
    const config = await this.rawConfigFile(options);
    const layers: Descriptor[] = [];
    for (const layer of await this.layers(options)) {
      layers.push(await descriptor(layer, options));
    }
    return {
      schemaVersion: 2,
      mediaType: dockerManifestSchema2,
      config: { mediaType: dockerConfigJSON, size: config.length, digest: await hashOf(config) },
      layers,
    };
  }
}
