/** `varve/tarball`: images in the tars that `docker save` writes and `docker load` reads. */
export { TarballError } from "./error.js";
export { image, loadManifest, type TarballOptions } from "./image.js";
export { type LayerOptions, layerFromOpener } from "./layer-from-opener.js";
export type { TarballManifest } from "./manifest.js";
export { type Opener, openerOf } from "./opener.js";
export type { NamedImages } from "./plan.js";
export {
  calculateSize,
  multiRefWrite,
  multiWrite,
  type TarballProgress,
  type TarballProgressListener,
  type WriteOptions,
  write,
} from "./write.js";
