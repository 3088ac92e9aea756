import type { WithRawManifest } from "../partial/index.js";
import type { Descriptor, Image, ImageIndex } from "../v1/index.js";
import { MutatedImage } from "./image.js";
import { MutatedIndex } from "./image-index.js";
import { isImage, isImageIndex } from "./kind.js";
import { patchedManifest } from "./patched-manifest.js";

/**
 * The image, the index or whatever else has a manifest, about another manifest, in place of the one that it was about, if
 * any. Other mutations leave the subject as it is.
 *
 * What is neither an image nor an index gives a raw manifest, in which everything else is as it was, known or not.
 */
export function subject(base: Image, subject: Descriptor): Image;
export function subject(base: ImageIndex, subject: Descriptor): ImageIndex;
export function subject(base: WithRawManifest, subject: Descriptor): WithRawManifest;
export function subject(base: WithRawManifest, given: Descriptor): WithRawManifest {
  const mutation = { subject: { ...given } };
  if (isImageIndex(base)) return new MutatedIndex(base, mutation);
  if (isImage(base)) return new MutatedImage(base, mutation);
  return patchedManifest(base, mutation);
}
