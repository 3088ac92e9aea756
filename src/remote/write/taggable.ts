import { hashOf } from "../../bytes/index.js";
import {
  type CallOptions,
  type Descriptor,
  dockerManifestSchema2,
  type Image,
  type ImageIndex,
  isImage,
  isIndex,
  type MediaType,
} from "../../v1/index.js";
import { unlessNotComputed } from "../../v1/unless-not-computed.js";

/** What can be written under a tag or a digest: an image, an index, a manifest that was read, or anything that has a manifest's bytes. */
export interface Taggable {
  /** The manifest's own bytes. */
  rawManifest(options?: CallOptions): Promise<Uint8Array>;
  /** What the manifest is. Default: Docker's image manifest, version 2, schema 2. */
  readonly mediaType?: MediaType | ((options?: CallOptions) => Promise<MediaType>);
}

/** What a manifest is sent as. */
export async function mediaTypeOf(taggable: Taggable, options?: CallOptions): Promise<MediaType> {
  const { mediaType } = taggable;
  const given = typeof mediaType === "function" ? await mediaType.call(taggable, options) : mediaType;
  return given ?? dockerManifestSchema2;
}

/** What it is, as it would be written; undefined if that will be known only when a stream has been read. */
export async function describeTaggable(
  taggable: Taggable,
  signal: AbortSignal | undefined,
): Promise<Descriptor | undefined> {
  const bytes = await unlessNotComputed(taggable.rawManifest({ signal }));
  return bytes === undefined
    ? undefined
    : {
        mediaType: await mediaTypeOf(taggable, { signal }),
        size: bytes.byteLength,
        digest: await hashOf(bytes),
      };
}

/** A manifest that was read, as the image or the index that it is; everything else as it is. */
export async function openTaggable(
  taggable: Taggable,
  signal: AbortSignal | undefined,
): Promise<Taggable | Image | ImageIndex> {
  if (isImageLike(taggable) || isIndexLike(taggable) || !isOpenable(taggable)) {
    return taggable;
  }
  const mediaType = await mediaTypeOf(taggable, { signal });
  if (isIndex(mediaType)) {
    return taggable.imageIndex();
  }
  return isImage(mediaType) ? taggable.image({ signal }) : taggable;
}

/** What a `RemoteDescriptor` can do. */
interface Openable {
  image(options?: CallOptions): Promise<Image>;
  imageIndex(): ImageIndex;
}

function isOpenable(object: object): object is Openable {
  return has(object, "image") && has(object, "imageIndex");
}

/** Whether it is an image, by its shape. */
export function isImageLike(object: object): object is Image {
  return has(object, "layers") && has(object, "rawConfigFile");
}

/** Whether it is an index, by its shape. */
export function isIndexLike(object: object): object is ImageIndex {
  return has(object, "indexManifest");
}

/** Whether an object has a method. */
export function has(object: object, method: string): boolean {
  return typeof Reflect.get(object, method) === "function";
}
