import { hashOf, Memo, unlessAborted } from "../bytes/index.js";
import type { CallOptions, ConfigFile, Hash, Image, Layer, Manifest, MediaType } from "../v1/index.js";
import { digestsByDiffID } from "./blobs.js";
import { compressedToLayer } from "./compressed-layer.js";
import { configFile, configName } from "./config.js";
import { BlobUnknownError } from "./errors.js";
import { inner, optionalMethod } from "./inner.js";
import type { CompressedImageCore } from "./interfaces.js";
import { fsLayers, manifest, size } from "./manifest.js";

/**
 * Makes a whole image of one whose manifest and compressed layers are at hand. The core is asked each time, and nothing is
 * kept but which diffID is which layer's; nothing is read here. `layerByDigest` with the configuration's digest gives what the core gives for it.
 */
export function compressedToImage(core: CompressedImageCore): Image {
  return new ExtendedCompressedImage(core);
}

class ExtendedCompressedImage implements Image {
  readonly [inner]: CompressedImageCore;
  readonly #digests: Memo<ReadonlyMap<string, Hash>> = new Memo((signal) =>
    digestsByDiffID(this, { signal }),
  );

  constructor(core: CompressedImageCore) {
    this[inner] = core;
  }

  async layers(options?: CallOptions): Promise<readonly Layer[]> {
    const layers: Layer[] = [];
    for (const each of await fsLayers(this, options)) {
      layers.push(await this.layerByDigest(each, options));
    }
    return layers;
  }

  mediaType(options?: CallOptions): Promise<MediaType> {
    return this[inner].mediaType(options);
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

  /** By the algorithm of the core's own `descriptor()`, if it has one. */
  async digest(options?: CallOptions): Promise<Hash> {
    const own = optionalMethod(this, "descriptor");
    const stated = own && (await unlessAborted(options?.signal, own(options)));
    const raw = await unlessAborted(options?.signal, this.rawManifest(options));
    return hashOf(raw, stated?.digest.algorithm);
  }

  manifest(options?: CallOptions): Promise<Manifest> {
    return manifest(this, options);
  }

  rawManifest(options?: CallOptions): Promise<Uint8Array> {
    return this[inner].rawManifest(options);
  }

  async layerByDigest(hash: Hash, options?: CallOptions): Promise<Layer> {
    return compressedToLayer(await unlessAborted(options?.signal, this[inner].layerByDigest(hash, options)));
  }

  async layerByDiffID(diffID: Hash, options?: CallOptions): Promise<Layer> {
    const digest = (await this.#digests.get(options)).get(String(diffID));
    if (digest === undefined) throw new BlobUnknownError("diffID", diffID);
    return this.layerByDigest(digest, options);
  }
}
