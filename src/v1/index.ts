/**
 * `varve/v1`: what images are made of: hashes, media types, descriptors, manifests, configurations and platforms, compressions,
 * and the interfaces of layers, images and indexes, which every other package takes and gives.
 */
export type { CallOptions } from "./call-options.js";
export {
  type Compression,
  compressionByName,
  gzip,
  type MachineOptions,
  none,
  type ReadingOptions,
  readingMachine,
  registerCompression,
  UnknownCompressionError,
} from "./compression.js";
export {
  type ConfigFile,
  configPlatform,
  encodeConfigFile,
  type History,
  parseConfigFile,
  type RootFS,
} from "./config-file.js";
export { canonicalTime, zeroTime } from "./created.js";
export type { Descriptor } from "./descriptor.js";
export { detectCompression, MAGIC_BYTES } from "./detect-compression.js";
export { emptyHash, Hash, HashError, hashFromBytes, newHash } from "./hash.js";
export type { Image } from "./image.js";
export type { ImageIndex } from "./image-index.js";
export { encodeIndexManifest, type IndexManifest, parseIndexManifest } from "./index-manifest.js";
export { JSONError } from "./json/error.js";
export type { Layer, ReadOptions } from "./layer.js";
export { ConsumedError, NotComputedError, UnsupportedError } from "./layer-error.js";
export { encodeManifest, type Manifest, parseManifest } from "./manifest.js";
export {
  dockerConfigJSON,
  dockerForeignLayer,
  dockerLayer,
  dockerManifestList,
  dockerManifestSchema1,
  dockerManifestSchema1Signed,
  dockerManifestSchema2,
  dockerPluginConfig,
  dockerUncompressedLayer,
  isConfig,
  isDistributable,
  isImage,
  isIndex,
  isLayer,
  isSchema1,
  type MediaType,
  ociConfigJSON,
  ociContentDescriptor,
  ociImageIndex,
  ociLayer,
  ociLayerZStd,
  ociManifestSchema1,
  ociRestrictedLayer,
  ociUncompressedLayer,
  ociUncompressedRestrictedLayer,
} from "./media-type.js";
export {
  type Platform,
  PlatformError,
  parsePlatform,
  platformEquals,
  platformSatisfies,
  platformString,
} from "./platform.js";
export { type ContentFacts, ReadAbortedError, SizeLimitError, VerificationError } from "./read-error.js";
export { type Config, type HealthConfig, type NameSet, nameSet } from "./runtime-config.js";
export { sha256 } from "./sha256.js";
export type { Update } from "./update.js";
