import { type Descriptor, descriptorJSON, readDescriptor } from "./descriptor.js";
import { type JSONObject, parseObject } from "./json/read.js";
import { encodeJSON, JSONFields, jsonMap, unlessEmpty } from "./json/write.js";
import type { MediaType } from "./media-type.js";

/**
 * What an image is made of (OCI image-spec, manifest.md; Docker's image manifest, version 2, schema 2). Fields are in
 * the order in which they are written; an absent field is not written, but for `layers`.
 */
export interface Manifest {
  /** 2, in both formats. */
  readonly schemaVersion: number;
  readonly mediaType?: MediaType;
  readonly config: Descriptor;
  /** From the bottom layer to the top. Absent is written as null, which is not what an empty list is written as. */
  readonly layers?: readonly Descriptor[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** The manifest that this one is about. */
  readonly subject?: Descriptor;
  /** What an artifact is. */
  readonly artifactType?: MediaType;
}

/**
 * Parses an image's manifest. Fields that are not known are passed over.
 *
 * @throws {JSONError} if it is not a JSON object, has no `config`, or a field is not what it should be
 */
export function parseManifest(bytes: Uint8Array): Manifest {
  const object = parseObject("manifest", bytes);
  const layers = object.objects("layers");
  return {
    schemaVersion: object.integer("schemaVersion") ?? 0,
    ...ownMediaType(object),
    config: readDescriptor(object.required("config", object.object("config"))),
    ...(layers ? { layers: layers.map(readDescriptor) } : {}),
    ...readTail(object),
  };
}

/** The manifest as Go writes it, byte for byte. */
export function encodeManifest(manifest: Manifest): Uint8Array<ArrayBuffer> {
  return encodeJSON(
    new JSONFields(
      ["schemaVersion", manifest.schemaVersion],
      ["mediaType", manifest.mediaType || undefined],
      ["config", descriptorJSON(manifest.config)],
      ["layers", manifest.layers?.map(descriptorJSON) ?? null],
      ...tailFields(manifest),
    ),
  );
}

/** What manifests and indexes end with. */
export type ManifestTail = Pick<Manifest, "annotations" | "subject" | "artifactType">;

/** @throws {JSONError} if it is not a string */
export function ownMediaType(object: JSONObject): { mediaType?: MediaType } {
  const mediaType = object.string("mediaType");
  return mediaType ? { mediaType } : {};
}

/** @throws {JSONError} if a field is not what it should be */
export function readTail(object: JSONObject): ManifestTail {
  const annotations = object.stringMap("annotations");
  const subject = object.object("subject");
  const artifactType = object.string("artifactType");
  return {
    ...(unlessEmpty(annotations) ? { annotations: annotations! } : {}),
    ...(subject ? { subject: readDescriptor(subject) } : {}),
    ...(artifactType ? { artifactType } : {}),
  };
}

export function tailFields(tail: ManifestTail): JSONFields["fields"] {
  const annotations = unlessEmpty(tail.annotations);
  return [
    ["annotations", annotations && jsonMap(annotations)],
    ["subject", tail.subject && descriptorJSON(tail.subject)],
    ["artifactType", tail.artifactType || undefined],
  ];
}
