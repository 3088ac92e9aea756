import { unlessAborted } from "../bytes/index.js";
import { hasCode } from "../core/error.js";
import { inner } from "../partial/index.js";
import type { CallOptions, Hash, Layer, ReadOptions } from "../v1/index.js";
import type { Cache } from "./cache.js";
import { digestOf } from "./stored-cache.js";
import { WrappedLayer } from "./wrapped-layer.js";

/** Shows a layer whose bytes come from the cache if they are there, and go there if they aren't. */
export function cachedLayer(layer: Layer, cache: Cache): Layer {
  return new CachedLayer(layer, cache);
}

class CachedLayer extends WrappedLayer {
  readonly #cache: Cache;

  constructor(layer: Layer, cache: Cache) {
    super(layer);
    this.#cache = cache;
  }

  get [inner](): Layer {
    return this.wrapped;
  }

  async compressed(options?: ReadOptions): Promise<ReadableStream<Uint8Array>> {
    const digest = await digestOf(this.wrapped, options);
    return (await this.#kept(digest, options)) ?? (await this.#put(options)).compressed(options);
  }

  async uncompressed(options?: ReadOptions): Promise<ReadableStream<Uint8Array>> {
    const diffID = await unlessAborted(options?.signal, this.diffID(options));
    return (await this.#kept(diffID, options)) ?? (await this.#put(options)).uncompressed(options);
  }

  #put(options: CallOptions | undefined): Promise<Layer> {
    return this.#cache.put(this.wrapped, options);
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
      if (hasCode(error, "ERR_VARVE_CACHE_NOT_FOUND")) return undefined;
      throw error;
    }
  }
}
