import { unlessAborted } from "../bytes/index.js";
import type { CallOptions, Layer } from "../v1/index.js";
import { type Difference, differencesOf, refuseDifferences } from "./difference.js";

/**
 * Compares two layers by digest, diffID, size and media type. Their content is not opened here.
 *
 * @throws {DifferentError} if they are not the same; it tells all differences
 * @throws what the layers' methods throw
 */
export async function layers(a: Layer, b: Layer, options?: CallOptions): Promise<void> {
  refuseDifferences("layers", await unlessAborted(options?.signal, layerDifferences(a, b, options)));
}

export async function layerDifferences(a: Layer, b: Layer, options?: CallOptions): Promise<Difference[]> {
  return differencesOf(await factsOf(a, options), await factsOf(b, options));
}

async function factsOf(layer: Layer, options?: CallOptions): Promise<Record<string, unknown>> {
  return {
    digest: await layer.digest(options),
    diffID: await layer.diffID(options),
    size: await layer.size(options),
    mediaType: await layer.mediaType(options),
  };
}
