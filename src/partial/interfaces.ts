import type {
  CallOptions,
  ConfigFile,
  Descriptor,
  Hash,
  Layer,
  Manifest,
  MediaType,
  ReadOptions,
} from "../v1/index.js";

/** The least that a layer needs whose compressed bytes are at hand, as in a registry. {@link compressedToLayer} adds the rest. */
export interface CompressedLayer {
  /** The hash of the compressed bytes. */
  digest(options?: CallOptions): Promise<Hash>;
  /** Opens the compressed bytes, which need not be compressed at all. */
  compressed(options?: ReadOptions): Promise<ReadableStream<Uint8Array>>;
  /** The number of compressed bytes. */
  size(options?: CallOptions): Promise<number>;
  mediaType(options?: CallOptions): Promise<MediaType>;
}

/** The least that a layer needs whose uncompressed bytes are at hand, as in a tarball. {@link uncompressedToLayer} adds the rest. */
export interface UncompressedLayer {
  /** The hash of the uncompressed bytes. */
  diffID(options?: CallOptions): Promise<Hash>;
  /** Opens the uncompressed bytes; they are the same each time. */
  uncompressed(options?: ReadOptions): Promise<ReadableStream<Uint8Array>>;
  mediaType(options?: CallOptions): Promise<MediaType>;
}

/** What both kinds of images have. */
export interface ImageCore {
  /** The configuration's own bytes. */
  rawConfigFile(options?: CallOptions): Promise<Uint8Array>;
  /** What the manifest is. */
  mediaType(options?: CallOptions): Promise<MediaType>;
}

/** The least that an image needs whose layers are compressed. {@link compressedToImage} adds the rest. */
export interface CompressedImageCore extends ImageCore {
  /** The manifest's own bytes. */
  rawManifest(options?: CallOptions): Promise<Uint8Array>;
  /**
   * The blob with this digest: a layer, or, if the core wants to give it, the configuration.
   *
   * @throws if there is none
   */
  layerByDigest(digest: Hash, options?: CallOptions): Promise<CompressedLayer>;
}

/** The least that an image needs whose layers are not compressed. {@link uncompressedToImage} adds the rest. */
export interface UncompressedImageCore extends ImageCore {
  /**
   * The layer whose uncompressed bytes have this hash.
   *
   * @throws if there is none
   */
  layerByDiffID(diffID: Hash, options?: CallOptions): Promise<UncompressedLayer>;
}

/** What a descriptor can be made of: layers, images and indexes. */
export interface Describable {
  digest(options?: CallOptions): Promise<Hash>;
  mediaType(options?: CallOptions): Promise<MediaType>;
  /** Bytes. */
  size(options?: CallOptions): Promise<number>;
}

/** What has a configuration, as bytes. */
export interface WithRawConfigFile {
  rawConfigFile(options?: CallOptions): Promise<Uint8Array>;
}

/** What has a configuration. */
export interface WithConfigFile {
  configFile(options?: CallOptions): Promise<ConfigFile>;
}

/** What has a manifest, as bytes. */
export interface WithRawManifest {
  rawManifest(options?: CallOptions): Promise<Uint8Array>;
}

/** What has a manifest. */
export interface WithManifest {
  manifest(options?: CallOptions): Promise<Manifest>;
}

/** What has both. */
export interface WithManifestAndConfigFile extends WithConfigFile, WithManifest {}

/** What knows the hash of its uncompressed bytes: a {@link CompressedLayer} that has it spares reading them. */
export interface WithDiffID {
  diffID(options?: CallOptions): Promise<Hash>;
}

/**
 * What an object may offer besides, which the functions of this package then use, however often it was wrapped. On the
 * outermost object that has one, each wins over what it would be computed from.
 */
export interface OptionalMethods {
  /** The descriptor as a manifest is to have it, with urls, annotations and platform. */
  descriptor(options?: CallOptions): Promise<Descriptor>;
  /** The number of uncompressed bytes of a layer. */
  uncompressedSize(options?: CallOptions): Promise<number>;
  /** Whether a layer's bytes are there, found out without reading them. */
  exists(options?: CallOptions): Promise<boolean>;
  /** An image's configuration as a blob. */
  configLayer(options?: CallOptions): Promise<Layer>;
  /** What an artifact is. */
  artifactType(options?: CallOptions): Promise<MediaType>;
  /** The children of an index, such as they are: some may not know their digests yet. */
  manifests(options?: CallOptions): Promise<readonly Describable[]>;
  /** The blob of an index with this digest that is neither an image nor an index. */
  layer(digest: Hash, options?: CallOptions): Promise<Layer>;
}
