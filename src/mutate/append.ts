import type { Image, Layer } from "../v1/index.js";
import { type Addition, checkedAdditions } from "./addition.js";
import { MutatedImage } from "./image.js";

/**
 * The image with layers, or history of none, on top of it. Nothing is read before something of the result is asked for.
 * With layers over streams, `layers()` and `mediaType()` of the result answer at once; everything else rejects with a
 * `NotComputedError` until these have been read to their ends.
 *
 * The history and the diffIDs are added to configurations of images alone: that of an artifact keeps its bytes.
 *
 * @returns the base itself if there is nothing to add
 * @throws {AdditionError} if an addition has no layer and its history does not say that it made none
 */
export function append(base: Image, ...additions: readonly Addition[]): Image {
  return additions.length === 0 ? base : new MutatedImage(base, { additions: checkedAdditions(additions) });
}

/** The image with layers on top of it, each with an empty history entry: {@link append} without further ado. */
export function appendLayers(base: Image, ...layers: readonly Layer[]): Image {
  return append(base, ...layers.map((layer) => ({ layer })));
}
