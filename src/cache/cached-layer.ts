import { inner } from "../partial/index.js";
import type { CallOptions, Hash, Layer, MediaType, ReadOptions } from "../v1/index.js";
import { type Cache, NotFoundError } from "./cache.js";
import { digestOf } from "./stored-cache.js";

/** Shows a layer whose bytes come from the cache if they are there, and go there if they aren't. */
export function cachedLayer(layer: Layer, cache: Cache): Layer {
  return new CachedLayer(layer, cache);
}

class CachedLayer implements Layer {
  readonly [inner]: Layer;
  readonly #cache: Cache;

  constructor(layer: Layer, cache: Cache) {
    this[inner] = layer;
    this.#cache = cache;
  }

  digest(options?: CallOptions): Promise<Hash> {
    return this[inner].digest(options);
  }

  diffID(options?: CallOptions): Promise<Hash> {
    return this[inner].diffID(options);
  }

  size(options?: CallOptions): Promise<number> {
    return this[inner].size(options);
  }

  mediaType(options?: CallOptions): Promise<MediaType> {
    return this[inner].mediaType(options);
  }

  async compressed(options?: ReadOptions): Promise<ReadableStream<Uint8Array>> {
    const digest = await digestOf(this[inner], options);
    return (await this.#kept(digest, options)) ?? (await this.#put(options)).compressed(options);
  }

  async uncompressed(options?: ReadOptions): Promise<ReadableStream<Uint8Array>> {
    const diffID = await this.diffID(options);
    return (await this.#kept(diffID, options)) ?? (await this.#put(options)).uncompressed(options);
  }

  #put(options: CallOptions | undefined): Promise<Layer> {
    return this.#cache.put(this[inner], options);
  }

  /** What is kept under a hash, as it is. */
  async #kept(
    hash: Hash | undefined,
    options: ReadOptions | undefined,
  ): Promise<ReadableStream<Uint8Array> | undefined> {
    if (hash === undefined) return undefined;
    try {
      return await (await this.#cache.get(hash, options)).compressed(options);
    } catch (error) {
      if (error instanceof NotFoundError) return undefined;
      throw error;
    }
  }
}
