import { unlessAborted } from "../bytes/index.js";
import { inner } from "../partial/index.js";
import type { CallOptions, ConfigFile, Hash, Image, Layer, Manifest, MediaType } from "../v1/index.js";
import type { Cache } from "./cache.js";
import { cachedLayer } from "./cached-layer.js";

/** Shows an image whose layers come from the cache if they are there, and go there when they are read. Nothing is read here. */
export function image(image: Image, cache: Cache): Image {
  return new CachedImage(image, cache);
}

class CachedImage implements Image {
  readonly [inner]: Image;
  readonly #cache: Cache;

  constructor(image: Image, cache: Cache) {
    this[inner] = image;
    this.#cache = cache;
  }

  async layers(options?: CallOptions): Promise<readonly Layer[]> {
    const layers = await unlessAborted(options?.signal, this[inner].layers(options));
    return layers.map((layer) => cachedLayer(layer, this.#cache));
  }

  async layerByDigest(digest: Hash, options?: CallOptions): Promise<Layer> {
    return cachedLayer(await this[inner].layerByDigest(digest, options), this.#cache);
  }

  async layerByDiffID(diffID: Hash, options?: CallOptions): Promise<Layer> {
    return cachedLayer(await this[inner].layerByDiffID(diffID, options), this.#cache);
  }

  mediaType(options?: CallOptions): Promise<MediaType> {
    return this[inner].mediaType(options);
  }

  size(options?: CallOptions): Promise<number> {
    return this[inner].size(options);
  }

  digest(options?: CallOptions): Promise<Hash> {
    return this[inner].digest(options);
  }

  manifest(options?: CallOptions): Promise<Manifest> {
    return this[inner].manifest(options);
  }

  rawManifest(options?: CallOptions): Promise<Uint8Array> {
    return this[inner].rawManifest(options);
  }

  configName(options?: CallOptions): Promise<Hash> {
    return this[inner].configName(options);
  }

  configFile(options?: CallOptions): Promise<ConfigFile> {
    return this[inner].configFile(options);
  }

  rawConfigFile(options?: CallOptions): Promise<Uint8Array> {
    return this[inner].rawConfigFile(options);
  }
}
