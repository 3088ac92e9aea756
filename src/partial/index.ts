/**
 * `varve/partial`: whole layers and images from objects with the least that is needed for one, and the functions that derive
 * one fact about an image from another. Everything is found by an object's shape.
 */
export { blobDescriptor, blobSize, blobToDiffID, diffIDToBlob } from "./blobs.js";
export { compressedToImage } from "./compressed-image.js";
export { compressedToLayer } from "./compressed-layer.js";
export { configFile, configName, diffIDs, rawConfigFile } from "./config.js";
export { configLayer } from "./config-layer.js";
export { artifactType, descriptor } from "./descriptor.js";
export { BlobUnknownError, LayerCountError } from "./errors.js";
export { findImages, findIndexes, findManifests, type Matcher } from "./find.js";
export { inner, optionalMethod, unwrap, type Wrapper } from "./inner.js";
export type {
  CompressedImageCore,
  CompressedLayer,
  Describable,
  ImageCore,
  OptionalMethods,
  UncompressedImageCore,
  UncompressedLayer,
  WithConfigFile,
  WithDiffID,
  WithManifest,
  WithManifestAndConfigFile,
  WithRawConfigFile,
  WithRawManifest,
} from "./interfaces.js";
export { exists, uncompressedSize } from "./layer.js";
export { digest, fsLayers, manifest, rawManifest, size } from "./manifest.js";
export { computeManifests, type IndexWithChildren, manifests } from "./manifests.js";
export { uncompressedToImage } from "./uncompressed-image.js";
export {
  type CompressionOptions,
  type UncompressedLayerOptions,
  uncompressedToLayer,
} from "./uncompressed-layer.js";
