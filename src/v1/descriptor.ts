import type { Hash } from "./hash.js";
import type { MediaType } from "./media-type.js";
import type { Platform } from "./platform.js";

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
