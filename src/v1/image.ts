import type { CallOptions } from "./call-options.js";
import type { ConfigFile } from "./config-file.js";
import type { Hash } from "./hash.js";
import type { Layer } from "./layer.js";
import type { Manifest } from "./manifest.js";
import type { MediaType } from "./media-type.js";

/**
 * An image, wherever it is kept. Each method may be called at any time and any number of times. Of an image with layers
 * over one-pass sources, only `layers` and `mediaType` answer before these have been consumed; the rest rejects with a
 * `NotComputedError`, and answers afterwards without further ado.
 */
export interface Image {
  /** The layers, from the bottom to the top. */
  layers(options?: CallOptions): Promise<readonly Layer[]>;
  /** What {@link rawManifest} is. */
  mediaType(options?: CallOptions): Promise<MediaType>;
  /** The number of bytes of {@link rawManifest}. */
  size(options?: CallOptions): Promise<number>;
  /** The hash of {@link rawConfigFile}, which is also the image's ID. */
  configName(options?: CallOptions): Promise<Hash>;
  configFile(options?: CallOptions): Promise<ConfigFile>;
  /** The configuration's own bytes. */
  rawConfigFile(options?: CallOptions): Promise<Uint8Array>;
  /** The hash of {@link rawManifest}. */
  digest(options?: CallOptions): Promise<Hash>;
  manifest(options?: CallOptions): Promise<Manifest>;
  /** The manifest's own bytes. */
  rawManifest(options?: CallOptions): Promise<Uint8Array>;
  /**
   * The layer whose compressed bytes have this hash.
   *
   * @throws if there is none
   */
  layerByDigest(digest: Hash, options?: CallOptions): Promise<Layer>;
  /**
   * The first layer whose uncompressed bytes have this hash.
   *
   * @throws if there is none
   */
  layerByDiffID(diffID: Hash, options?: CallOptions): Promise<Layer>;
}
