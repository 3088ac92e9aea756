import { type Hash, hashFromBytes } from "../v1/index.js";
import { isTag } from "./grammar.js";
import { ownMediaType, readManifest } from "./manifest-facts.js";
import { RefusalError } from "./refusal.js";
import { wholeBody } from "./request-body.js";
import { digestNamed } from "./route.js";
import type { RegistryState } from "./state.js";

/** Most tags that one request sets. */
const MOST_TAGS = 32;

/**
 * GET and HEAD of a manifest by tag or digest (OCI distribution-spec v1.1, "Pulling manifests"): the bytes as they were pushed,
 * whatever the request accepts.
 *
 * @throws {RefusalError} 404 MANIFEST_UNKNOWN, 400 DIGEST_INVALID
 */
export async function readManifestAt(
  state: RegistryState,
  request: Request,
  repository: string,
  reference: string,
): Promise<Response> {
  const digest = await resolve(state, repository, reference);
  const manifest = await state.storage.manifests.get(repository, digest);
  if (manifest === undefined) throw unknownManifest(repository, reference);
  return new Response(request.method === "HEAD" ? null : new Uint8Array(manifest.bytes), {
    headers: {
      "Content-Type": manifest.mediaType,
      "Content-Length": String(manifest.bytes.length),
      "Docker-Content-Digest": String(digest),
    },
  });
}

/**
 * PUT of a manifest under a tag or its digest ("Pushing Manifests"). What an index lists must be there, unless the registry takes
 * sparse ones; the blobs of an image need not be. With a digest, `tag` parameters name tags that it shall have, as the draft of
 * the specification after v1.1 has it.
 *
 * @throws {RefusalError} 400 TAG_INVALID, DIGEST_INVALID or MANIFEST_INVALID, 404 MANIFEST_UNKNOWN for a missing child,
 *   413 SIZE_INVALID for a manifest beyond the limit
 */
export async function writeManifest(
  state: RegistryState,
  request: Request,
  repository: string,
  reference: string,
): Promise<Response> {
  const { manifests } = state.storage;
  const expected = isDigest(reference) ? digestNamed(reference) : undefined;
  const tags = expected === undefined ? [reference] : tagParameters(request);
  for (const tag of tags) requireTag(tag);

  const bytes = await wholeBody(request, state.manifestLimit, { name: "manifest", code: "MANIFEST_INVALID" });
  const digest = await digestOf(expected?.algorithm ?? "sha256", bytes);
  if (expected !== undefined && !digest.equals(expected)) {
    throw new RefusalError(
      400,
      "DIGEST_INVALID",
      `the manifest has the digest ${digest}, not ${expected}, under which it was pushed`,
      { detail: { expected, actual: digest } },
    );
  }
  const mediaType = request.headers.get("Content-Type") || ownMediaType(bytes);
  if (bytes.length === 0 || mediaType === undefined) {
    throw new RefusalError(
      400,
      "MANIFEST_INVALID",
      bytes.length === 0 ? "the manifest is empty" : "the manifest came without a Content-Type; send one",
    );
  }
  const { children, subject } = readManifest(mediaType, bytes);
  for (const child of state.sparseIndexes ? [] : children) {
    if (!(await manifests.has(repository, child))) {
      throw new RefusalError(
        404,
        "MANIFEST_UNKNOWN",
        `the index lists ${child}, which repository ${repository} does not hold; push it first`,
        { detail: { repository, digest: child } },
      );
    }
  }

  await manifests.put(repository, digest, { mediaType, bytes }, subject);
  for (const tag of tags) await manifests.tag(repository, tag, digest);
  return new Response(null, {
    status: 201,
    headers: {
      "Content-Length": "0",
      "Docker-Content-Digest": String(digest),
      Location: `/v2/${repository}/manifests/${digest}`,
      ...(subject === undefined ? {} : { "OCI-Subject": String(subject) }),
      ...(expected === undefined || tags.length === 0 ? {} : { "OCI-Tag": tags.join(", ") }),
    },
  });
}

/**
 * DELETE of a manifest with all tags that name it, or of one tag alone ("Deleting Manifests", "Deleting tags").
 *
 * @throws {RefusalError} 404 MANIFEST_UNKNOWN, 400 DIGEST_INVALID
 */
export async function deleteManifest(
  state: RegistryState,
  repository: string,
  reference: string,
): Promise<Response> {
  const { manifests } = state.storage;
  const existed = isDigest(reference)
    ? await manifests.delete(repository, digestNamed(reference))
    : isTag(reference) && (await manifests.untag(repository, reference));
  if (!existed) throw unknownManifest(repository, reference);
  return new Response(null, { status: 202, headers: { "Content-Length": "0" } });
}

/** A colon is in every digest and in no tag. */
function isDigest(reference: string): boolean {
  return reference.includes(":");
}

async function resolve(state: RegistryState, repository: string, reference: string): Promise<Hash> {
  if (isDigest(reference)) return digestNamed(reference);
  const digest = isTag(reference) ? await state.storage.manifests.resolve(repository, reference) : undefined;
  if (digest === undefined) throw unknownManifest(repository, reference);
  return digest;
}

/** @throws {RefusalError} 400 TAG_INVALID if there are too many */
function tagParameters(request: Request): string[] {
  const tags = [...new Set(new URL(request.url).searchParams.getAll("tag"))];
  if (tags.length <= MOST_TAGS) return tags;
  throw new RefusalError(
    400,
    "TAG_INVALID",
    `${tags.length} tags are more than the ${MOST_TAGS} that one request may set; send them in several`,
  );
}

function requireTag(text: string): void {
  if (isTag(text)) return;
  throw new RefusalError(
    400,
    "TAG_INVALID",
    `invalid tag ${JSON.stringify(text.slice(0, 200))}: expected at most 128 letters, digits, underscores, dots and dashes, the first no dot or dash`,
  );
}

/** Manifests are short and at hand as a whole, so the host's one-shot hash serves for both algorithms. */
async function digestOf(algorithm: string, bytes: Uint8Array<ArrayBuffer>): Promise<Hash> {
  const name = algorithm === "sha512" ? "SHA-512" : "SHA-256";
  return hashFromBytes(algorithm, new Uint8Array(await crypto.subtle.digest(name, bytes)));
}

function unknownManifest(repository: string, reference: string): RefusalError {
  return new RefusalError(
    404,
    "MANIFEST_UNKNOWN",
    `repository ${repository} has no manifest ${reference.slice(0, 200)}`,
    { detail: { repository, reference: reference.slice(0, 200) } },
  );
}
