import type { Descriptor, ImageIndex } from "../v1/index.js";
import { MutatedIndex } from "./image-index.js";

/**
 * The index without the children that match. A child that the base lists, but whose descriptor is not known yet because of
 * a stream, is among `manifests()` until it is.
 *
 * @param matches such as those that `varve/match` makes
 */
export function removeManifests(base: ImageIndex, matches: (descriptor: Descriptor) => boolean): ImageIndex {
  return new MutatedIndex(base, { remove: matches });
}
