import { ociImageIndex } from "../v1/index.js";
import { jsonResponse } from "./json-response.js";
import { essence, readManifest } from "./manifest-facts.js";
import { digestNamed } from "./route.js";
import type { RegistryState } from "./state.js";

/**
 * GET of the manifests whose subject is this digest (OCI distribution-spec v1.1, "Listing Referrers"), as an index in the order
 * of their digests; an empty one where there is none. `artifactType` keeps those of one type.
 *
 * @throws {RefusalError} 400 DIGEST_INVALID
 */
export async function listReferrers(
  state: RegistryState,
  request: Request,
  repository: string,
  reference: string,
): Promise<Response> {
  const { manifests } = state.storage;
  const wanted = new URL(request.url).searchParams.get("artifactType");
  const digests = [...(await manifests.referrers(repository, digestNamed(reference)))].sort((a, b) =>
    String(a) < String(b) ? -1 : 1,
  );

  const descriptors: unknown[] = [];
  for (const digest of digests) {
    const manifest = await manifests.get(repository, digest);
    if (manifest === undefined) continue;
    const { artifactType, annotations } = readManifest(manifest.mediaType, manifest.bytes);
    if (wanted !== null && artifactType !== wanted) continue;
    descriptors.push({
      mediaType: essence(manifest.mediaType),
      size: manifest.bytes.length,
      digest,
      annotations,
      artifactType,
    });
  }

  return jsonResponse(
    { schemaVersion: 2, mediaType: ociImageIndex, manifests: descriptors },
    { "Content-Type": ociImageIndex, ...(wanted === null ? {} : { "OCI-Filters-Applied": "artifactType" }) },
  );
}
