import type { Matcher } from "../partial/index.js";
import { type Hash, type MediaType, type Platform, platformEquals } from "../v1/index.js";

/** The annotation that names an image within an index (OCI image-spec, annotations.md). */
const REF_NAME = "org.opencontainers.image.ref.name";

/** Matches what the annotation `org.opencontainers.image.ref.name` gives this name. */
export function name(value: string): Matcher {
  return annotation(REF_NAME, value);
}

/** Matches what has this annotation with this value. */
export function annotation(key: string, value: string): Matcher {
  return ({ annotations = {} }) => Object.hasOwn(annotations, key) && annotations[key] === value;
}

/** Matches what is for one of these platforms, all of its fields the same; never what is for none. */
export function platforms(...wanted: readonly Platform[]): Matcher {
  return ({ platform }) => platform !== undefined && wanted.some((each) => platformEquals(platform, each));
}

/** Matches what is of one of these media types; never what has none. */
export function mediaTypes(...wanted: readonly MediaType[]): Matcher {
  const set = new Set(wanted);
  return ({ mediaType }) => mediaType !== "" && set.has(mediaType);
}

/** Matches what has one of these digests. */
export function digests(...wanted: readonly Hash[]): Matcher {
  const set = new Set(wanted.map(String));
  return ({ digest }) => set.has(String(digest));
}
