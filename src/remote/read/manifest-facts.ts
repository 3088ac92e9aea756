import {
  type Descriptor,
  isImage,
  isIndex,
  JSONError,
  type Manifest,
  type MediaType,
  parseIndexManifest,
  parseManifest,
} from "../../v1/index.js";

/** What a manifest says of itself; of one that can't be read, nothing. */
export interface ManifestFacts {
  /** What it is about. */
  readonly subject?: Descriptor;
  readonly annotations?: Readonly<Record<string, string>>;
  /** What the artifact is: its `artifactType`, or the media type of its configuration. */
  readonly artifactType?: MediaType;
}

/** Reads what a manifest says of itself. */
export function manifestFacts(bytes: Uint8Array, mediaType: MediaType): ManifestFacts {
  const { subject, annotations, artifactType, config } = parse(bytes, mediaType);
  const type = artifactType || config?.mediaType;
  return {
    ...(subject ? { subject } : {}),
    ...(annotations ? { annotations } : {}),
    ...(type ? { artifactType: type } : {}),
  };
}

function parse(bytes: Uint8Array, mediaType: MediaType): ManifestFacts & Partial<Pick<Manifest, "config">> {
  try {
    if (isIndex(mediaType)) {
      return parseIndexManifest(bytes);
    }
    return isImage(mediaType) ? parseManifest(bytes) : {};
  } catch (error) {
    if (error instanceof JSONError) {
      return {};
    }
    throw error;
  }
}
