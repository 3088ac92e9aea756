import { unlessAborted } from "../bytes/index.js";
import {
  type CallOptions,
  type Descriptor,
  isImage,
  JSONError,
  type Manifest,
  type MediaType,
} from "../v1/index.js";
import { optionalMethod } from "./inner.js";
import type { Describable, WithManifest, WithRawManifest } from "./interfaces.js";
import { manifest } from "./manifest.js";

/**
 * Describes a layer, an image or an index: by its own `descriptor()`, if it has one, or else by its size, its digest and its
 * media type, asked for in this order. The artifact type is the object's own `artifactType()`; of an image without one, what
 * {@link artifactType} is of its manifest, if that can be parsed.
 *
 * @throws {NotComputedError} if the object can't be described yet
 */
export async function descriptor(
  object: Describable & Partial<WithRawManifest>,
  options?: CallOptions,
): Promise<Descriptor> {
  const own = optionalMethod(object, "descriptor");
  if (own !== undefined) {
    return unlessAborted(options?.signal, own(options));
  }
  const size = await unlessAborted(options?.signal, object.size(options));
  const digest = await unlessAborted(options?.signal, object.digest(options));
  const mediaType = await unlessAborted(options?.signal, object.mediaType(options));
  const type = await typeOfArtifact(object, mediaType, options);
  return { mediaType, size, digest, ...(type ? { artifactType: type } : {}) };
}

/**
 * What an artifact is: what its own `artifactType()` says, if it has one, or else its manifest's `artifactType`, or the media
 * type of its configuration. A manifest that can't be read makes it empty.
 *
 * @throws the signal's reason, if that is aborted, and what `artifactType()` of the object throws
 */
export async function artifactType(object: WithManifest, options?: CallOptions): Promise<MediaType> {
  const own = optionalMethod(object, "artifactType");
  if (own !== undefined) {
    return unlessAborted(options?.signal, own(options));
  }
  let read: Manifest;
  try {
    read = await unlessAborted(options?.signal, object.manifest(options));
  } catch {
    options?.signal?.throwIfAborted();
    return "";
  }
  return read.artifactType || read.config.mediaType;
}

async function typeOfArtifact(
  object: Describable & Partial<WithRawManifest>,
  mediaType: MediaType,
  options: CallOptions | undefined,
): Promise<MediaType> {
  const own = optionalMethod(object, "artifactType");
  if (own !== undefined) {
    return unlessAborted(options?.signal, own(options));
  }
  if (object.rawManifest === undefined || !isImage(mediaType)) {
    return "";
  }
  try {
    const read = await manifest(object as WithRawManifest, options);
    return read.artifactType || read.config.mediaType;
  } catch (error) {
    if (error instanceof JSONError) {
      return "";
    }
    throw error;
  }
}
