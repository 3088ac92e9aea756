import type { CallOptions, Hash, Layer, MediaType, ReadOptions } from "../v1/index.js";

/** A layer that is another one, but for where its bytes come from or go to. */
export abstract class WrappedLayer implements Layer {
  protected readonly wrapped: Layer;

  constructor(layer: Layer) {
    this.wrapped = layer;
  }

  abstract compressed(options?: ReadOptions): Promise<ReadableStream<Uint8Array>>;

  abstract uncompressed(options?: ReadOptions): Promise<ReadableStream<Uint8Array>>;

  digest(options?: CallOptions): Promise<Hash> {
    return this.wrapped.digest(options);
  }

  diffID(options?: CallOptions): Promise<Hash> {
    return this.wrapped.diffID(options);
  }

  size(options?: CallOptions): Promise<number> {
    return this.wrapped.size(options);
  }

  mediaType(options?: CallOptions): Promise<MediaType> {
    return this.wrapped.mediaType(options);
  }
}
