import { unlessAborted } from "../bytes/index.js";
import {
  type CallOptions,
  type Descriptor,
  type Image,
  type ImageIndex,
  isImage,
  isIndex,
} from "../v1/index.js";

/** Says whether a descriptor is meant. `varve/match` makes some. */
export type Matcher = (descriptor: Descriptor) => boolean;

/** The descriptors in an index that match, in its order. */
export async function findManifests(
  index: ImageIndex,
  matcher: Matcher,
  options?: CallOptions,
): Promise<readonly Descriptor[]> {
  const { manifests } = await unlessAborted(options?.signal, index.indexManifest(options));
  return (manifests ?? []).filter(matcher);
}

/** The images in an index whose descriptors match; what else matches is passed over. */
export async function findImages(
  index: ImageIndex,
  matcher: Matcher,
  options?: CallOptions,
): Promise<readonly Image[]> {
  const images: Image[] = [];
  for (const { mediaType, digest } of await findManifests(index, matcher, options)) {
    if (isImage(mediaType)) {
      images.push(await unlessAborted(options?.signal, index.image(digest, options)));
    }
  }
  return images;
}

/** The indexes in an index whose descriptors match; what else matches is passed over. */
export async function findIndexes(
  index: ImageIndex,
  matcher: Matcher,
  options?: CallOptions,
): Promise<readonly ImageIndex[]> {
  const indexes: ImageIndex[] = [];
  for (const { mediaType, digest } of await findManifests(index, matcher, options)) {
    if (isIndex(mediaType)) {
      indexes.push(await unlessAborted(options?.signal, index.imageIndex(digest, options)));
    }
  }
  return indexes;
}
