import { type Hash, isImage, isIndex, newHash } from "../v1/index.js";
import { RefusalError } from "./refusal.js";

/** What a registry needs to know of a manifest's content. */
export interface ManifestFacts {
  /** The manifest that this one is about. */
  readonly subject?: Hash;
  /** Images and indexes that an index lists, in its order. */
  readonly children: readonly Hash[];
  /** What kind of artifact this is: its own word for it, or its configuration's media type. */
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** The media type without parameters, as media types are compared: `application/x; charset=utf-8` is `application/x`. */
export function essence(contentType: string): string {
  return (contentType.split(";", 1)[0] ?? "").trim().toLowerCase();
}

/**
 * Reads a manifest as far as a registry must. Media types other than images and indexes are opaque: they have no facts, and
 * their bytes may be anything.
 *
 * @param contentType as the manifest was pushed with
 * @throws {RefusalError} 400 MANIFEST_INVALID if an image or index is not a JSON object, a digest in it is not one, or its annotations are
 *   not texts: they are listed together with those of others, which one that nobody can read would keep from being read
 */
export function readManifest(contentType: string, bytes: Uint8Array): ManifestFacts {
  const mediaType = essence(contentType);
  const listsChildren = isIndex(mediaType);
  if (!listsChildren && !isImage(mediaType)) return { children: [] };

  const manifest = parseObject(bytes);
  const { subject, artifactType, annotations, config } = manifest;
  const kind = text(artifactType) ?? (isObject(config) ? text(config.mediaType) : undefined);
  return {
    children: listsChildren ? childrenOf(manifest.manifests) : [],
    ...(subject === undefined || subject === null ? {} : { subject: digestOf(subject, "subject") }),
    ...(kind === undefined ? {} : { artifactType: kind }),
    ...(annotations === undefined || annotations === null ? {} : { annotations: textsOf(annotations) }),
  };
}

/** The `mediaType` that a manifest gives itself, if it is JSON that has one fit for a header. */
export function ownMediaType(bytes: Uint8Array): string | undefined {
  try {
    const mediaType = text(parseObject(bytes).mediaType);
    return mediaType !== undefined && /^[\w.+-]+\/[\w.+-]+$/u.test(mediaType) ? mediaType : undefined;
  } catch {
    return undefined;
  }
}

/** The fields that are looked at, of manifests and descriptors both; none is known to be what it should be. */
type JsonObject = {
  readonly [field in
    | "annotations"
    | "artifactType"
    | "config"
    | "digest"
    | "manifests"
    | "mediaType"
    | "subject"]?: unknown;
};

function parseObject(bytes: Uint8Array): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch (cause) {
    throw invalid("it is not JSON in UTF-8", cause);
  }
  if (!isObject(value)) throw invalid("it is not a JSON object");
  return value;
}

function childrenOf(manifests: unknown): Hash[] {
  if (manifests === undefined || manifests === null) return [];
  if (!Array.isArray(manifests)) throw invalid("manifests is not a list");
  const children: Hash[] = [];
  for (const [index, child] of manifests.entries()) {
    const digest = digestOf(child, `manifests[${index}]`);
    const mediaType = essence(text((child as JsonObject).mediaType) ?? "");
    if (isImage(mediaType) || isIndex(mediaType)) children.push(digest);
  }
  return children;
}

function digestOf(descriptor: unknown, where: string): Hash {
  try {
    return newHash((isObject(descriptor) ? text(descriptor.digest) : undefined) ?? "");
  } catch (cause) {
    throw invalid(`${where} has no valid digest`, cause);
  }
}

function textsOf(annotations: unknown): Readonly<Record<string, string>> {
  if (!isObject(annotations)) throw invalid("annotations is not an object");
  if (Object.values(annotations).some((value) => typeof value !== "string")) {
    throw invalid("annotations has something else than strings");
  }
  return annotations as Readonly<Record<string, string>>;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A string that says something: an empty one counts as absent, as the image-spec's optional fields do. */
function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function invalid(why: string, cause?: unknown): RefusalError {
  return new RefusalError(400, "MANIFEST_INVALID", `invalid manifest: ${why}`, { cause });
}
