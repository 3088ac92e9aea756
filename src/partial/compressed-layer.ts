import { bytesOf, Memo, newHasher, opened } from "../bytes/index.js";
import {
  type CallOptions,
  type Hash,
  hashFromBytes,
  type Layer,
  type MediaType,
  type ReadOptions,
} from "../v1/index.js";
import { decompressed } from "./decompressed.js";
import { inner } from "./inner.js";
import type { CompressedLayer, WithDiffID } from "./interfaces.js";

/**
 * Makes a whole layer of one whose compressed bytes are at hand. `uncompressed()` decompresses gzip, and zstd once
 * `varve/zstd` has been imported, and gives anything else as it is, by its first bytes: they may not be compressed at all.
 * `diffID()` is the given object's own, if it has one; otherwise all is read and decompressed to find it out, which is done
 * once. Nothing is read here.
 */
export function compressedToLayer(layer: CompressedLayer & Partial<WithDiffID>): Layer {
  return new ExtendedCompressedLayer(layer);
}

class ExtendedCompressedLayer implements Layer {
  readonly [inner]: CompressedLayer & Partial<WithDiffID>;
  readonly #diffID: Memo<Hash> = new Memo((signal) => this.#hashContent(signal));

  constructor(layer: CompressedLayer & Partial<WithDiffID>) {
    this[inner] = layer;
  }

  digest(options?: CallOptions): Promise<Hash> {
    return this[inner].digest(options);
  }

  diffID(options?: CallOptions): Promise<Hash> {
    const { [inner]: layer } = this;
    return layer.diffID === undefined ? this.#diffID.get(options) : layer.diffID(options);
  }

  size(options?: CallOptions): Promise<number> {
    return this[inner].size(options);
  }

  mediaType(options?: CallOptions): Promise<MediaType> {
    return this[inner].mediaType(options);
  }

  compressed(options?: ReadOptions): Promise<ReadableStream<Uint8Array>> {
    return this[inner].compressed(options);
  }

  async uncompressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    return decompressed(await opened(this[inner].compressed(options), options), {
      ...options,
      what: "a layer",
    });
  }

  async #hashContent(signal: AbortSignal): Promise<Hash> {
    const hasher = await newHasher("sha256");
    for await (const chunk of bytesOf(await this.uncompressed({ signal }))) {
      hasher.update(chunk);
    }
    return hashFromBytes("sha256", hasher.digest());
  }
}
