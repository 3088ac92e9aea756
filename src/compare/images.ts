import { unlessAborted } from "../bytes/index.js";
import { type CallOptions, encodeManifest, type Image } from "../v1/index.js";
import { type Difference, differencesOf, refuseDifferences } from "./difference.js";
import { layerDifferences } from "./layers.js";

/**
 * Compares two images by digest, name of the configuration, manifest, size, media type and number of layers, and their layers
 * one by one. Content is not opened here.
 *
 * @throws {DifferentError} if they are not the same; it tells all differences
 * @throws what the images' methods throw
 */
export async function images(a: Image, b: Image, options?: CallOptions): Promise<void> {
  refuseDifferences("images", await unlessAborted(options?.signal, differencesOfImages(a, b, options)));
}

async function differencesOfImages(a: Image, b: Image, options?: CallOptions): Promise<Difference[]> {
  const differences = differencesOf(await factsOf(a, options), await factsOf(b, options));
  return [...differences, ...(await differencesOfLayers(a, b, options))];
}

async function factsOf(image: Image, options?: CallOptions): Promise<Record<string, unknown>> {
  return {
    digest: await image.digest(options),
    configName: await image.configName(options),
    manifest: new TextDecoder().decode(encodeManifest(await image.manifest(options))),
    size: await image.size(options),
    mediaType: await image.mediaType(options),
    "number of layers": (await image.layers(options)).length,
  };
}

async function differencesOfLayers(a: Image, b: Image, options?: CallOptions): Promise<Difference[]> {
  const others = await b.layers(options);
  const differences: Difference[] = [];
  for (const [index, layer] of (await a.layers(options)).entries()) {
    const other = others[index];
    if (other !== undefined) {
      const found = await layerDifferences(layer, other, options);
      differences.push(...found.map((each) => ({ ...each, fact: `layers[${index}].${each.fact}` })));
    }
  }
  return differences;
}
