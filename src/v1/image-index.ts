import type { CallOptions } from "./call-options.js";
import type { Hash } from "./hash.js";
import type { Image } from "./image.js";
import type { IndexManifest } from "./index-manifest.js";
import type { MediaType } from "./media-type.js";

/** An index of images and further indexes, wherever it is kept. Each method may be called at any time and any number of times. */
export interface ImageIndex {
  /** What {@link rawManifest} is. */
  mediaType(options?: CallOptions): Promise<MediaType>;
  /** The hash of {@link rawManifest}. */
  digest(options?: CallOptions): Promise<Hash>;
  /** The number of bytes of {@link rawManifest}. */
  size(options?: CallOptions): Promise<number>;
  indexManifest(options?: CallOptions): Promise<IndexManifest>;
  /** The index's own bytes. */
  rawManifest(options?: CallOptions): Promise<Uint8Array>;
  /**
   * The image with this digest.
   *
   * @throws if the index lists none
   */
  image(digest: Hash, options?: CallOptions): Promise<Image>;
  /**
   * The index with this digest.
   *
   * @throws if the index lists none
   */
  imageIndex(digest: Hash, options?: CallOptions): Promise<ImageIndex>;
}
