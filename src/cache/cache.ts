import { VarveError } from "../core/error.js";
import type { CallOptions, Hash, Layer } from "../v1/index.js";

/** A cache doesn't hold what was asked for. Its `code` is `ERR_VARVE_CACHE_NOT_FOUND`. */
export class NotFoundError extends VarveError {
  override readonly name = "NotFoundError";

  constructor(hash: Hash) {
    super(
      "ERR_VARVE_CACHE_NOT_FOUND",
      `the cache holds no ${hash}: get the layer from where it comes from, and put() it`,
    );
  }
}

/** Keeps layers, by the hash of their compressed bytes and by that of their uncompressed bytes. */
export interface Cache {
  /**
   * Gives a layer that does what the given one does, and whose bytes are kept when they are read: what `compressed()` gives under the
   * digest, what `uncompressed()` gives under its SHA-256, which is the diffID as a rule. Nothing is read here.
   */
  put(layer: Layer, options?: CallOptions): Promise<Layer>;
  /**
   * Gives a layer over what is kept under a hash, whichever of a layer's two it is. `compressed()` gives these very bytes.
   *
   * @throws {NotFoundError} if there is nothing
   */
  get(hash: Hash, options?: CallOptions): Promise<Layer>;
  /** Forgets what is kept under a hash; there may be nothing. */
  delete(hash: Hash, options?: CallOptions): Promise<void>;
}

/** Shows a cache that is only read: `put` gives the layer back as it is, `delete` does nothing. */
export function readOnly(cache: Cache): Cache {
  return {
    put: async (layer) => layer,
    get: (hash, options) => cache.get(hash, options),
    delete: async () => {},
  };
}
