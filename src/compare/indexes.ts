import { unlessAborted } from "../bytes/index.js";
import { type CallOptions, encodeIndexManifest, type ImageIndex } from "../v1/index.js";
import { type Difference, differencesOf, refuseDifferences } from "./difference.js";

/**
 * Compares two indexes by digest, manifest, size and media type. Their children are not opened: they are the same if the
 * manifests are.
 *
 * @throws {DifferentError} if they are not the same; it tells all differences
 * @throws what the indexes' methods throw
 */
export async function indexes(a: ImageIndex, b: ImageIndex, options?: CallOptions): Promise<void> {
  refuseDifferences("indexes", await unlessAborted(options?.signal, differencesOfIndexes(a, b, options)));
}

async function differencesOfIndexes(
  a: ImageIndex,
  b: ImageIndex,
  options?: CallOptions,
): Promise<Difference[]> {
  return differencesOf(await factsOf(a, options), await factsOf(b, options));
}

async function factsOf(index: ImageIndex, options?: CallOptions): Promise<Record<string, unknown>> {
  return {
    digest: await index.digest(options),
    manifest: new TextDecoder().decode(encodeIndexManifest(await index.indexManifest(options))),
    size: await index.size(options),
    mediaType: await index.mediaType(options),
  };
}
