import { compressedToLayer, inner } from "../partial/index.js";
import {
  type CallOptions,
  type Hash,
  type Layer,
  type MediaType,
  NotComputedError,
  type ReadOptions,
} from "../v1/index.js";
import { type Cache, NotFoundError } from "./cache.js";
import { keeping } from "./keeping.js";
import { KeptLayer } from "./kept-layer.js";
import type { CacheStorage } from "./storage.js";

/** How a cache behaves. */
export interface CacheOptions {
  /**
   * Told when the storage fails. A cache without its storage is slow, not wrong, so that is all that happens: what can't be
   * opened counts as absent, and what can't be kept isn't.
   */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** Makes a cache over a storage. */
export function newCache(storage: CacheStorage, options: CacheOptions = {}): Cache {
  return new StoredCache(storage, options.onError ?? (() => {}));
}

class StoredCache implements Cache {
  readonly #storage: CacheStorage;
  readonly #onError: (error: unknown) => void;

  constructor(storage: CacheStorage, onError: (error: unknown) => void) {
    this.#storage = storage;
    this.#onError = onError;
  }

  async put(layer: Layer): Promise<Layer> {
    return new KeepingLayer(layer, this.#storage, this.#onError);
  }

  async get(hash: Hash, options?: CallOptions): Promise<Layer> {
    const size = await this.#sizeOf(hash, options);
    if (size === undefined) throw new NotFoundError(hash);
    return compressedToLayer(new KeptLayer(this.#storage, hash, size));
  }

  async delete(hash: Hash): Promise<void> {
    await this.#storage.remove(hash);
  }

  async #sizeOf(hash: Hash, options: CallOptions | undefined): Promise<number | undefined> {
    try {
      const stored = await this.#storage.open(hash, options);
      await stored?.stream.cancel();
      return stored?.size;
    } catch (error) {
      options?.signal?.throwIfAborted();
      this.#onError(error);
      return undefined;
    }
  }
}

/** A layer whose bytes are kept when they are read. */
class KeepingLayer implements Layer {
  readonly [inner]: Layer;
  readonly #storage: CacheStorage;
  readonly #onError: (error: unknown) => void;

  constructor(layer: Layer, storage: CacheStorage, onError: (error: unknown) => void) {
    this[inner] = layer;
    this.#storage = storage;
    this.#onError = onError;
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

  async compressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const known = await digestOf(this[inner], options);
    return keeping(await this[inner].compressed(options), this.#storage, {
      ...options,
      algorithm: known?.algorithm,
      expected: () => this[inner].digest(options),
      onError: this.#onError,
    });
  }

  /** They are kept under the hash that they are found to have: to ask for the diffID may mean to read them all. */
  async uncompressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    return keeping(await this[inner].uncompressed(options), this.#storage, {
      ...options,
      onError: this.#onError,
    });
  }
}

/** The digest, or undefined of a layer that has not been read and can't know it. */
export async function digestOf(layer: Layer, options: CallOptions | undefined): Promise<Hash | undefined> {
  try {
    return await layer.digest(options);
  } catch (error) {
    if (error instanceof NotComputedError) return undefined;
    throw error;
  }
}
