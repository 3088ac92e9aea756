import { type Describable, inner, manifests, optionalMethod } from "../partial/index.js";
import type { CallOptions, Hash, Image, ImageIndex, IndexManifest, Layer, MediaType } from "../v1/index.js";
import type { Cache } from "./cache.js";
import { image } from "./cached-image.js";
import { cachedLayer } from "./cached-layer.js";

/** Shows an index whose images' layers come from the cache if they are there, and go there when they are read. Nothing is read here. */
export function imageIndex(index: ImageIndex, cache: Cache): ImageIndex {
  return new CachedIndex(index, cache);
}

class CachedIndex implements ImageIndex {
  readonly [inner]: ImageIndex;
  readonly #cache: Cache;
  /** There if the index has it. */
  readonly layer?: (digest: Hash, options?: CallOptions) => Promise<Layer>;

  constructor(index: ImageIndex, cache: Cache) {
    this[inner] = index;
    this.#cache = cache;
    const layer = optionalMethod(index, "layer");
    if (layer !== undefined) {
      this.layer = async (digest, options) => cachedLayer(await layer(digest, options), cache);
    }
  }

  async image(digest: Hash, options?: CallOptions): Promise<Image> {
    return image(await this[inner].image(digest, options), this.#cache);
  }

  async imageIndex(digest: Hash, options?: CallOptions): Promise<ImageIndex> {
    return imageIndex(await this[inner].imageIndex(digest, options), this.#cache);
  }

  /** The children, with what they read kept as well. */
  async manifests(options?: CallOptions): Promise<readonly Describable[]> {
    return (await manifests(this[inner], options)).map((child) => {
      if (has<Image>(child, "configFile")) return image(child, this.#cache);
      if (has<ImageIndex>(child, "indexManifest")) return imageIndex(child, this.#cache);
      return has<Layer>(child, "compressed") ? cachedLayer(child, this.#cache) : child;
    });
  }

  mediaType(options?: CallOptions): Promise<MediaType> {
    return this[inner].mediaType(options);
  }

  digest(options?: CallOptions): Promise<Hash> {
    return this[inner].digest(options);
  }

  size(options?: CallOptions): Promise<number> {
    return this[inner].size(options);
  }

  indexManifest(options?: CallOptions): Promise<IndexManifest> {
    return this[inner].indexManifest(options);
  }

  rawManifest(options?: CallOptions): Promise<Uint8Array> {
    return this[inner].rawManifest(options);
  }
}

function has<T>(child: Describable, method: keyof T): child is Describable & T {
  return typeof Reflect.get(child, method) === "function";
}
