import type { Hash } from "../v1/index.js";
import { answerRange } from "./byte-range.js";
import { RefusalError } from "./refusal.js";
import { digestNamed } from "./route.js";
import type { RegistryState } from "./state.js";

/** The path under which a repository's blob is read. */
export function blobPath(repository: string, digest: Hash): string {
  return `/v2/${repository}/blobs/${digest}`;
}

/**
 * GET and HEAD of a blob (OCI distribution-spec v1.1, "Pulling blobs"); a GET may ask for a range.
 *
 * @throws {RefusalError} 404 BLOB_UNKNOWN, 400 DIGEST_INVALID, 416 SIZE_INVALID
 */
export async function readBlob(
  state: RegistryState,
  request: Request,
  repository: string,
  reference: string,
): Promise<Response> {
  const digest = digestNamed(reference);
  const size = await state.storage.blobs.size(repository, digest);
  if (size === undefined) throw unknownBlob(repository, digest);
  const headers = {
    "Accept-Ranges": "bytes",
    "Content-Type": "application/octet-stream",
    "Docker-Content-Digest": String(digest),
  };
  if (request.method === "HEAD") {
    return new Response(null, { headers: { ...headers, "Content-Length": String(size) } });
  }

  const answer = answerRange(request.headers.get("Range"), size);
  if (answer.kind === "unsatisfiable") {
    throw new RefusalError(416, "SIZE_INVALID", `the range asked for has no byte of the blob's ${size}`, {
      headers: { "Content-Range": `bytes */${size}` },
    });
  }
  const range = answer.kind === "part" ? answer.range : undefined;
  const body = await state.storage.blobs.open(repository, digest, range);
  if (body === undefined) throw unknownBlob(repository, digest);
  if (range === undefined) {
    return new Response(body, { headers: { ...headers, "Content-Length": String(size) } });
  }
  return new Response(body, {
    status: 206,
    headers: {
      ...headers,
      "Content-Length": String(range.last - range.first + 1),
      "Content-Range": `bytes ${range.first}-${range.last}/${size}`,
    },
  });
}

/**
 * DELETE of a blob (OCI distribution-spec v1.1, "Deleting Blobs"): this repository no longer holds it, others do.
 *
 * @throws {RefusalError} 404 BLOB_UNKNOWN, 400 DIGEST_INVALID
 */
export async function deleteBlob(
  state: RegistryState,
  repository: string,
  reference: string,
): Promise<Response> {
  const digest = digestNamed(reference);
  if (!(await state.storage.blobs.delete(repository, digest))) throw unknownBlob(repository, digest);
  return new Response(null, { status: 202, headers: { "Content-Length": "0" } });
}

function unknownBlob(repository: string, digest: Hash): RefusalError {
  return new RefusalError(404, "BLOB_UNKNOWN", `repository ${repository} has no blob ${digest}`, {
    detail: { repository, digest },
  });
}
