import { fromBytes, hashOf, Memo } from "../bytes/index.js";
import type { CallOptions, Hash, Layer, MediaType, ReadOptions } from "../v1/index.js";

/** A layer over bytes that are at hand and are not compressed: digest and diffID are the same. */
export class BytesLayer implements Layer {
  readonly #content: Uint8Array;
  readonly #mediaType: MediaType;
  readonly #hash: Memo<Hash> = new Memo(() => hashOf(this.#content));

  /** @param content must not be changed afterwards */
  constructor(content: Uint8Array, mediaType: MediaType) {
    this.#content = content;
    this.#mediaType = mediaType;
  }

  digest(options?: CallOptions): Promise<Hash> {
    return this.#hash.get(options);
  }

  diffID(options?: CallOptions): Promise<Hash> {
    return this.#hash.get(options);
  }

  async size(): Promise<number> {
    return this.#content.length;
  }

  async mediaType(): Promise<MediaType> {
    return this.#mediaType;
  }

  async compressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    return fromBytes(this.#content, { ...options, what: "a layer" });
  }

  uncompressed(options?: ReadOptions): Promise<ReadableStream<Uint8Array>> {
    return this.compressed(options);
  }
}
