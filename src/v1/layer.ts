import type { CallOptions } from "./call-options.js";
import type { Hash } from "./hash.js";
import type { MediaType } from "./media-type.js";

/** What a call that opens a stream of bytes may be given. */
export interface ReadOptions {
  /**
   * Aborting it fails the returned stream with an error whose code is `ERR_VARVE_ABORTED` and whose cause is the signal's
   * reason.
   */
  readonly signal?: AbortSignal | undefined;
}

/**
 * One layer of an image. Each method may be called at any time and any number of times, but a layer over a
 * one-pass source answers `digest`, `diffID` and `size` only once `compressed` has been read to its end, and
 * is read only once.
 */
export interface Layer {
  /**
   * The hash of the compressed bytes: the name of the blob in a registry.
   *
   * @throws {NotComputedError} at once, if it will be known only when a stream has been consumed
   */
  digest(options?: CallOptions): Promise<Hash>;
  /**
   * The hash of the uncompressed bytes, which an image's configuration lists.
   *
   * @throws {NotComputedError} at once, if it will be known only when a stream has been consumed
   */
  diffID(options?: CallOptions): Promise<Hash>;
  /**
   * The number of compressed bytes.
   *
   * @throws {NotComputedError} at once, if it will be known only when a stream has been consumed
   */
  size(options?: CallOptions): Promise<number>;
  /** What the compressed bytes are. */
  mediaType(options?: CallOptions): Promise<MediaType>;
  /**
   * Opens the compressed bytes; nothing is read before the consumer asks.
   *
   * @throws {ConsumedError} if the layer's only stream has been handed out before
   */
  compressed(options?: ReadOptions): Promise<ReadableStream<Uint8Array>>;
  /**
   * Opens the uncompressed bytes; nothing is read before the consumer asks.
   *
   * @throws {UnsupportedError} if the layer can be read in its compressed form only
   */
  uncompressed(options?: ReadOptions): Promise<ReadableStream<Uint8Array>>;
}
