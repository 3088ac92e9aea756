import type { WithRawManifest } from "../partial/index.js";
import type { Image, ImageIndex } from "../v1/index.js";
import { MutatedImage } from "./image.js";
import { MutatedIndex } from "./image-index.js";
import { isImage, isImageIndex } from "./kind.js";
import { patchedManifest } from "./patched-manifest.js";

/**
 * The image, the index or whatever else has a manifest, with annotations. They are added to those that it has; of equal
 * names, the new ones stand.
 *
 * What is neither an image nor an index gives a raw manifest, in which everything else is as it was, known or not.
 */
export function annotations(base: Image, annotations: Readonly<Record<string, string>>): Image;
export function annotations(base: ImageIndex, annotations: Readonly<Record<string, string>>): ImageIndex;
export function annotations(
  base: WithRawManifest,
  annotations: Readonly<Record<string, string>>,
): WithRawManifest;
export function annotations(base: WithRawManifest, given: Readonly<Record<string, string>>): WithRawManifest {
  const mutation = { annotations: { ...given } };
  if (isImageIndex(base)) return new MutatedIndex(base, mutation);
  if (isImage(base)) return new MutatedImage(base, mutation);
  return patchedManifest(base, mutation);
}
