import { opened, quietly, unlessAborted } from "../bytes/index.js";
import { compressedToLayer, inner } from "../partial/index.js";
import type { CallOptions, Hash, Layer, ReadOptions } from "../v1/index.js";
import { unlessNotComputed } from "../v1/unless-not-computed.js";
import { type Cache, NotFoundError } from "./cache.js";
import { keeping } from "./keeping.js";
import { KeptLayer } from "./kept-layer.js";
import type { CacheStorage } from "./storage.js";
import { WrappedLayer } from "./wrapped-layer.js";

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
      const stored = await unlessAborted(options?.signal, this.#storage.open(hash, options), (late) => {
        if (late !== undefined) quietly(late.stream.cancel());
      });
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
class KeepingLayer extends WrappedLayer {
  readonly #storage: CacheStorage;
  readonly #onError: (error: unknown) => void;

  constructor(layer: Layer, storage: CacheStorage, onError: (error: unknown) => void) {
    super(layer);
    this.#storage = storage;
    this.#onError = onError;
  }

  get [inner](): Layer {
    return this.wrapped;
  }

  async compressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const known = await digestOf(this.wrapped, options);
    return keeping(await opened(this.wrapped.compressed(options), options), this.#storage, {
      ...options,
      algorithm: known?.algorithm,
      expected: () => this.wrapped.digest(options),
      onError: this.#onError,
    });
  }

  /** They are kept under the hash that they are found to have: to ask for the diffID may mean to read them all. */
  async uncompressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    return keeping(await opened(this.wrapped.uncompressed(options), options), this.#storage, {
      ...options,
      onError: this.#onError,
    });
  }
}

/** The digest, or undefined of a layer that has not been read and can't know it. */
export async function digestOf(layer: Layer, options: CallOptions | undefined): Promise<Hash | undefined> {
  return unlessNotComputed(unlessAborted(options?.signal, layer.digest(options)));
}
