import { type Hash, newHash } from "../v1/index.js";
import type { Pullable } from "./auth/index.js";
import { blobPath } from "./blobs.js";
import { type ByteRange, parseContentLength, parseContentRange } from "./byte-range.js";
import { requireDigester } from "./digester.js";
import { isRepositoryName } from "./grammar.js";
import { RefusalError } from "./refusal.js";
import { digestNamed } from "./route.js";
import type { RegistryState } from "./state.js";
import type { UploadSession } from "./upload-session.js";

/**
 * POST (OCI distribution-spec v1.1, "Pushing blobs" and "Mounting a blob from another repository"): mounts a blob, takes one
 * whole, or opens an upload session. A mount that cannot be done is answered with a session, as the specification asks.
 *
 * @param pullable where a blob may be mounted from if the client doesn't say
 */
export async function startUpload(
  state: RegistryState,
  request: Request,
  repository: string,
  pullable: Pullable,
): Promise<Response> {
  const query = new URL(request.url).searchParams;
  const mounted = await mount(state, query, repository, pullable);
  if (mounted !== undefined) return created(repository, mounted);

  const digest = query.get("digest");
  if (digest !== null) return takeWhole(state, request, repository, digestNamed(digest));

  const id = await state.sessions.begin(repository, query.get("digest-algorithm") ?? "sha256", true);
  const response = progress(202, repository, id, 0);
  if (state.chunkMinLength > 0) response.headers.set("OCI-Chunk-Min-Length", String(state.chunkMinLength));
  return response;
}

/** GET of a session ("Pushing a blob in chunks"): how far it has come. */
export async function uploadStatus(state: RegistryState, repository: string, id: string): Promise<Response> {
  const { size } = await state.sessions.find(repository, id);
  return progress(204, repository, id, size);
}

/**
 * PATCH of a session. With a `Content-Range` it is the next chunk and must begin where the session ends. Without one it is a
 * stream that is the whole blob, so that only a session that holds nothing takes it.
 *
 * @throws {RefusalError} 416 for a chunk out of order, 400 BLOB_UPLOAD_INVALID for a second stream, 400 SIZE_INVALID for a
 *   body of another length than its headers say
 */
export function patchUpload(
  state: RegistryState,
  request: Request,
  repository: string,
  id: string,
): Promise<Response> {
  return state.sessions.use(repository, id, async (session, signal) => {
    const range = contentRange(request, session, id);
    if (range === undefined && (session.patched || session.size > 0)) {
      throw new RefusalError(
        400,
        "BLOB_UPLOAD_INVALID",
        `this upload holds ${session.size} bytes already; what follows needs a Content-Range, such as ${session.size}-${session.size + 1023}`,
      );
    }
    const length = announcedLength(request, range);
    if (range !== undefined) session.chunks.requireNext(state.chunkMinLength);
    await session.receive(request.body, length, signal);
    session.patched = true;
    if (range !== undefined) session.chunks.end(session.size, state.chunkMinLength);
    return progress(202, repository, id, session.size);
  });
}

/**
 * PUT of a session: takes the last bytes, if the request has any, and makes the blob if the digest is right.
 *
 * @throws {RefusalError} 400 DIGEST_INVALID (a digest that is missing or malformed leaves the session as it is; one that is
 *   not that of the bytes ends it), 416 and 400 SIZE_INVALID as in {@link patchUpload}
 */
export function finishUpload(
  state: RegistryState,
  request: Request,
  repository: string,
  id: string,
): Promise<Response> {
  const digest = digestNamed(new URL(request.url).searchParams.get("digest") ?? "");
  requireDigester(state.digesters, digest.algorithm);
  return state.sessions.use(repository, id, async (session, signal) => {
    const range = contentRange(request, session, id);
    const length = announcedLength(request, range);
    if ((length ?? 0) > 0) session.chunks.requireNext(state.chunkMinLength);
    await session.receive(request.body, length, signal);
    await session.finish(digest);
    return created(repository, digest);
  });
}

/** DELETE of a session: gives it up. */
export async function cancelUpload(state: RegistryState, repository: string, id: string): Promise<Response> {
  await state.sessions.use(repository, id, (session) => session.discard());
  return new Response(null, { status: 204 });
}

/** Mounts from the repository that the query names, or from any that the client may read if it names none. */
async function mount(
  state: RegistryState,
  query: URLSearchParams,
  to: string,
  pullable: Pullable,
): Promise<Hash | undefined> {
  const mountedDigest = query.get("mount");
  const from = query.get("from") ?? undefined;
  if (mountedDigest === null || (from !== undefined && !isRepositoryName(from))) return undefined;
  let digest: Hash;
  try {
    digest = newHash(mountedDigest);
  } catch {
    return undefined;
  }
  // A token's names are what its user asked for.
  const sources = from === undefined ? (pullable?.filter(isRepositoryName) ?? [undefined]) : [from];
  for (const source of sources) {
    if (await state.storage.blobs.mount(digest, source, to)) return digest;
  }
  return undefined;
}

/** A session of one request, whose id nobody learns. */
async function takeWhole(
  state: RegistryState,
  request: Request,
  repository: string,
  digest: Hash,
): Promise<Response> {
  const id = await state.sessions.begin(repository, digest.algorithm, false);
  return state.sessions.use(repository, id, async (session, signal) => {
    try {
      await session.receive(request.body, announcedLength(request, undefined), signal);
    } catch (error) {
      await session.discard().catch(() => {});
      throw error;
    }
    await session.finish(digest);
    return created(repository, digest);
  });
}

/** @throws {RefusalError} 416 if the request has a `Content-Range` that does not begin where the session ends */
function contentRange(request: Request, session: UploadSession, id: string): ByteRange | undefined {
  const header = request.headers.get("Content-Range");
  if (header === null) return undefined;
  const range = parseContentRange(header);
  if (range === undefined) {
    throw new RefusalError(
      400,
      "BLOB_UPLOAD_INVALID",
      `invalid Content-Range ${JSON.stringify(header.slice(0, 100))}: expected first-last, both included, such as 0-1023`,
    );
  }
  if (range.first === session.size) return range;
  throw new RefusalError(
    416,
    "BLOB_UPLOAD_INVALID",
    `this upload holds ${session.size} bytes, so the next chunk begins at ${session.size}, not at ${range.first}`,
    { headers: { Location: uploadPath(session.repository, id), Range: heldRange(session.size) } },
  );
}

/** @throws {RefusalError} 400 SIZE_INVALID if the headers contradict each other */
function announcedLength(request: Request, range: ByteRange | undefined): number | undefined {
  const length = parseContentLength(request.headers.get("Content-Length"));
  const ranged = range === undefined ? null : range.last - range.first + 1;
  if (length === undefined || (length !== null && ranged !== null && length !== ranged)) {
    throw new RefusalError(
      400,
      "SIZE_INVALID",
      `the Content-Length ${request.headers.get("Content-Length")} is not the length of the body${
        ranged === null ? "" : `, whose Content-Range has ${ranged} bytes`
      }`,
    );
  }
  return length ?? ranged ?? undefined;
}

function created(repository: string, digest: Hash): Response {
  return new Response(null, {
    status: 201,
    headers: {
      "Content-Length": "0",
      "Docker-Content-Digest": String(digest),
      Location: blobPath(repository, digest),
    },
  });
}

function uploadPath(repository: string, id: string): string {
  return `/v2/${repository}/blobs/uploads/${id}`;
}

/** The protocol has no way to say that nothing is held: as everywhere else, that reads `0-0`. */
function heldRange(size: number): string {
  return `0-${Math.max(size - 1, 0)}`;
}

/** What a session tells of itself: where the next request goes, and which bytes are held. */
function progress(status: 202 | 204, repository: string, id: string, size: number): Response {
  return new Response(null, {
    status,
    headers: {
      Location: uploadPath(repository, id),
      Range: heldRange(size),
      "Docker-Upload-UUID": id,
      ...(status === 202 ? { "Content-Length": "0" } : {}),
    },
  });
}
