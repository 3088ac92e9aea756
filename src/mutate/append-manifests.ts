import type { ImageIndex } from "../v1/index.js";
import { MutatedIndex } from "./image-index.js";
import type { IndexAddition } from "./index-addition.js";

/**
 * The index with more children, behind those that it has. Nothing is read before something of the result is asked for.
 * While a child has a stream that has not been read to its end, `manifests()` and `mediaType()` of the result answer; what
 * depends on the index's own bytes rejects with a `NotComputedError`.
 *
 * @returns the base itself if there is nothing to add
 */
export function appendManifests(base: ImageIndex, ...additions: readonly IndexAddition[]): ImageIndex {
  if (additions.length === 0) return base;
  return new MutatedIndex(base, { additions: additions.map((addition) => ({ ...addition })) });
}
