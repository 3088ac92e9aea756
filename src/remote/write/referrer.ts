import {
  type Descriptor,
  type Hash,
  isImage,
  isIndex,
  JSONError,
  type Manifest,
  type MediaType,
  parseIndexManifest,
  parseManifest,
} from "../../v1/index.js";

/** A manifest that is about another one. */
export interface Referrer {
  /** What it is about. */
  readonly subject: Hash;
  /** As a list of referrers has it (OCI image-spec, "Referrers Tag Schema"): with the artifact type and the annotations. */
  readonly descriptor: Descriptor;
}

/** What a manifest is about; undefined if it is about none, or can't be read. */
export function referrerIn(bytes: Uint8Array, mediaType: MediaType, digest: Hash): Referrer | undefined {
  const manifest = parse(bytes, mediaType);
  if (manifest?.subject === undefined) {
    return undefined;
  }
  const { annotations } = manifest;
  const artifactType = manifest.artifactType || manifest.config?.mediaType;
  return {
    subject: manifest.subject.digest,
    descriptor: {
      mediaType,
      size: bytes.byteLength,
      digest,
      ...(annotations ? { annotations } : {}),
      ...(artifactType ? { artifactType } : {}),
    },
  };
}

type Readable = Pick<Manifest, "subject" | "annotations" | "artifactType"> &
  Partial<Pick<Manifest, "config">>;

function parse(bytes: Uint8Array, mediaType: MediaType): Readable | undefined {
  try {
    if (isIndex(mediaType)) {
      return parseIndexManifest(bytes);
    }
    return isImage(mediaType) ? parseManifest(bytes) : undefined;
  } catch (error) {
    if (error instanceof JSONError) {
      return undefined;
    }
    throw error;
  }
}
