import { unlessAborted } from "../bytes/index.js";
import {
  type CallOptions,
  type Descriptor,
  type Hash,
  type ImageIndex,
  isImage,
  isIndex,
  type MediaType,
} from "../v1/index.js";
import { optionalMethod } from "./inner.js";
import type { Describable, OptionalMethods } from "./interfaces.js";

/** An index, as far as its children are concerned. */
export type IndexWithChildren = Pick<ImageIndex, "indexManifest" | "image" | "imageIndex">;

/**
 * The children of an index, in its order: those of its own `manifests()`, if it has one, which may include images whose
 * layers have not been read yet, and so have no descriptors; otherwise those that {@link computeManifests} finds.
 */
export async function manifests(index: ImageIndex, options?: CallOptions): Promise<readonly Describable[]> {
  const own = optionalMethod(index, "manifests");
  return own === undefined ? computeManifests(index, options) : unlessAborted(options?.signal, own(options));
}

/**
 * The children that an index's manifest lists, opened: images, indexes, and of what is neither the layer that the index gives
 * by its own `layer()`, or, if it has none, an object that is described as the index says, and no more.
 */
export async function computeManifests(
  index: IndexWithChildren,
  options?: CallOptions,
): Promise<readonly Describable[]> {
  const layer = optionalMethod(index, "layer");
  const children: Describable[] = [];
  for (const listed of (await unlessAborted(options?.signal, index.indexManifest(options))).manifests ?? []) {
    children.push(await unlessAborted(options?.signal, open(index, listed, layer, options)));
  }
  return children;
}

async function open(
  index: IndexWithChildren,
  listed: Descriptor,
  layer: OptionalMethods["layer"] | undefined,
  options: CallOptions | undefined,
): Promise<Describable> {
  const { mediaType, digest } = listed;
  if (isImage(mediaType)) {
    return index.image(digest, options);
  }
  if (isIndex(mediaType)) {
    return index.imageIndex(digest, options);
  }
  return layer === undefined ? new Listed(listed) : layer(digest, options);
}

/** What is known of a child by the index alone. */
class Listed implements Describable {
  readonly #descriptor: Descriptor;

  constructor(descriptor: Descriptor) {
    this.#descriptor = descriptor;
  }

  async digest(): Promise<Hash> {
    return this.#descriptor.digest;
  }

  async size(): Promise<number> {
    return this.#descriptor.size;
  }

  async mediaType(): Promise<MediaType> {
    return this.#descriptor.mediaType;
  }

  async descriptor(): Promise<Descriptor> {
    return this.#descriptor;
  }
}
