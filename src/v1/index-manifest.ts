import { type Descriptor, descriptorJSON, readDescriptor } from "./descriptor.js";
import { parseObject } from "./json/read.js";
import { encodeJSON, JSONFields } from "./json/write.js";
import { ownMediaType, readTail, tailFields } from "./manifest.js";
import type { MediaType } from "./media-type.js";

/**
 * A list of manifests, often one image for several platforms (OCI image-spec, image-index.md; Docker's manifest
 * list). Fields are in the order in which they are written; an absent field is not written, but for `manifests`.
 */
export interface IndexManifest {
  /** 2, in both formats. */
  readonly schemaVersion: number;
  readonly mediaType?: MediaType;
  /** Absent is written as null, which is not what an empty list is written as. */
  readonly manifests?: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** The manifest that this index is about. */
  readonly subject?: Descriptor;
  /** What an artifact is. */
  readonly artifactType?: MediaType;
}

/**
 * Parses an index. Fields that are not known are passed over.
 *
 * @throws {JSONError} if it is not a JSON object, or a field is not what it should be
 */
export function parseIndexManifest(bytes: Uint8Array): IndexManifest {
  const object = parseObject("index", bytes);
  const manifests = object.objects("manifests");
  return {
    schemaVersion: object.integer("schemaVersion") ?? 0,
    ...ownMediaType(object),
    ...(manifests ? { manifests: manifests.map(readDescriptor) } : {}),
    ...readTail(object),
  };
}

/** The index as Go writes it, byte for byte. */
export function encodeIndexManifest(index: IndexManifest): Uint8Array<ArrayBuffer> {
  return encodeJSON(
    new JSONFields(
      ["schemaVersion", index.schemaVersion],
      ["mediaType", index.mediaType || undefined],
      ["manifests", index.manifests?.map(descriptorJSON) ?? null],
      ...tailFields(index),
    ),
  );
}
