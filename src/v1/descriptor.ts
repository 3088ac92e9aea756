import type { Hash } from "./hash.js";
import type { JSONObject } from "./json/read.js";
import { JSONFields, jsonMap, unlessEmpty } from "./json/write.js";
import type { MediaType } from "./media-type.js";
import { type Platform, platformJSON, readPlatform } from "./platform.js";

/**
 * Names a piece of content by what it is, how long it is and what it hashes to (OCI image-spec,
 * descriptor.md). Fields are in the order in which manifests write them; an absent field is not written.
 */
export interface Descriptor {
  readonly mediaType: MediaType;
  /** Bytes; never more than 2^53 - 1. */
  readonly size: number;
  readonly digest: Hash;
  /** The content itself, where it is small enough to travel along; base64 in JSON. */
  readonly data?: Uint8Array;
  /** Where else the content may be fetched from. */
  readonly urls?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  /** What an image runs on; given in an index. */
  readonly platform?: Platform;
  /** What an artifact is, where the content is a manifest of one. */
  readonly artifactType?: MediaType;
}

/** @throws {JSONError} if a field is missing or of another type */
export function readDescriptor(object: JSONObject): Descriptor {
  const size = object.required("size", object.integer("size"));
  if (size < 0) throw object.refuse("size", "is negative");
  const data = object.bytes("data");
  const urls = object.strings("urls");
  const annotations = object.stringMap("annotations");
  const platform = object.object("platform");
  const artifactType = object.string("artifactType");
  return {
    mediaType: object.string("mediaType") ?? "",
    size,
    digest: object.required("digest", object.hash("digest")),
    ...(data?.length ? { data } : {}),
    ...(urls?.length ? { urls } : {}),
    ...(unlessEmpty(annotations) ? { annotations: annotations! } : {}),
    ...(platform ? { platform: readPlatform(platform) } : {}),
    ...(artifactType ? { artifactType } : {}),
  };
}

export function descriptorJSON(descriptor: Descriptor): JSONFields {
  const { data, urls, platform } = descriptor;
  const annotations = unlessEmpty(descriptor.annotations);
  return new JSONFields(
    ["mediaType", descriptor.mediaType],
    ["size", descriptor.size],
    ["digest", String(descriptor.digest)],
    ["data", data?.length ? base64(data) : undefined],
    ["urls", urls?.length ? urls : undefined],
    ["annotations", annotations && jsonMap(annotations)],
    ["platform", platform && platformJSON(platform)],
    ["artifactType", descriptor.artifactType || undefined],
  );
}

function base64(bytes: Uint8Array): string {
  let units = "";
  for (const byte of bytes) units += String.fromCharCode(byte);
  return btoa(units);
}
