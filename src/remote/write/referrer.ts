import type { Descriptor, Hash, MediaType } from "../../v1/index.js";
import { manifestFacts } from "../read/manifest-facts.js";

/** A manifest that is about another one. */
export interface Referrer {
  /** What it is about. */
  readonly subject: Hash;
  /** As a list of referrers has it (OCI distribution-spec, "Listing Referrers"): with the artifact type and the annotations. */
  readonly descriptor: Descriptor;
}

/** What a manifest is about; undefined if it is about none, or can't be read. */
export function referrerIn(bytes: Uint8Array, mediaType: MediaType, digest: Hash): Referrer | undefined {
  const { subject, ...facts } = manifestFacts(bytes, mediaType);
  return (
    subject && {
      subject: subject.digest,
      descriptor: { mediaType, size: bytes.byteLength, digest, ...facts },
    }
  );
}
