export {
  type Compression,
  compressionByName,
  gzip,
  type MachineOptions,
  none,
  type ReadingOptions,
  registerCompression,
  UnknownCompressionError,
} from "./compression.js";
export type { Descriptor } from "./descriptor.js";
export { detectCompression, MAGIC_BYTES } from "./detect-compression.js";
export { emptyHash, Hash, HashError, hashFromBytes, newHash } from "./hash.js";
export type { Layer, ReadOptions } from "./layer.js";
export { ConsumedError, NotComputedError, UnsupportedError } from "./layer-error.js";
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
export type { Platform } from "./platform.js";
