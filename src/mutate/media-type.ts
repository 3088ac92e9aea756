import type { Image, ImageIndex, MediaType } from "../v1/index.js";
import { MutatedImage } from "./image.js";
import { MutatedIndex } from "./image-index.js";

/** The image with another media type. Its layers and its configuration keep theirs. */
export function mediaType(base: Image, mediaType: MediaType): Image {
  return new MutatedImage(base, { mediaType });
}

/**
 * The image with another media type of its configuration, whose bytes stay as they are. With a type that is no image's,
 * the image is an artifact of that type.
 */
export function configMediaType(base: Image, configMediaType: MediaType): Image {
  return new MutatedImage(base, { configMediaType });
}

/** The index with another media type. Its children keep theirs. */
export function indexMediaType(base: ImageIndex, mediaType: MediaType): ImageIndex {
  return new MutatedIndex(base, { mediaType });
}
