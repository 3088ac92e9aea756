import { type Image, isLayer, type Manifest } from "../v1/index.js";
import { checkConfig } from "./config.js";
import type { LayerContent } from "./content.js";
import { checkExists, checkLayer, progressOf } from "./layer.js";
import { checkManifest } from "./manifest.js";
import type { ValidateOptions } from "./options.js";
import { Problems } from "./problems.js";

/**
 * Validates an image: each layer as {@link layer} does, and that the manifest and the configuration say of the layers, of each
 * other and of themselves what is so. What is no layer by its media type is only hashed, for it has no diffID; a configuration
 * that is no image's is asked for nothing but its digest and its size.
 *
 * Layers come first, so that streaming ones have been consumed when the manifest is asked for.
 *
 * @throws {ValidationError} with all that is wrong
 * @throws the signal's reason, if it is aborted
 */
export async function image(image: Image, options: ValidateOptions = {}): Promise<void> {
  const problems = new Problems(options.signal);
  await checkImage(image, problems, options, progressOf(options));
  problems.throwIfAny("image");
}

/** Tells all that is wrong with an image. */
export async function checkImage(
  image: Image,
  problems: Problems,
  options: ValidateOptions,
  onBytes: (bytes: number) => void,
): Promise<void> {
  const about = problems.in("layers");
  const layers = (await about.ask("layers", "layers()", () => image.layers(options))) ?? [];
  const contents: (LayerContent | undefined)[] = [];
  for (const [index, layer] of layers.entries()) {
    const report = { problems: about, where: at(index), onBytes };
    if (options.fast) await checkExists(layer, report, options);
    else contents.push(await checkLayer(layer, report, options));
  }
  const manifest = await checkManifest(image, problems.in("manifest"), options);
  const diffIDs = await checkConfig(image, manifest, problems.in("config"), options);
  if (manifest === undefined || options.fast) return;
  about.compare(
    "mismatched-count",
    "layers",
    ["the number of layers()", layers.length],
    ["that of the manifest's layers", manifest.layers?.length ?? 0],
  );
  const positions = diffIDs && positionsOf(diffIDs.length, manifest, problems.in("config"));
  // Where other blobs stand between the layers, an image can't tell which diffID is whose.
  const isPaired = positions?.length === layers.length;
  const positionOf = new Map(positions?.map((layer, position) => [layer, position]));
  for (const [index, content] of contents.entries()) {
    if (content === undefined) continue;
    checkListed(index, content, manifest, about);
    const position = positionOf.get(index);
    const diffID = position === undefined ? undefined : diffIDs?.[position];
    about.compare(
      "mismatched-diff-id",
      at(index),
      [`rootfs.diff_ids[${position}] of the configuration`, diffID],
      ["that of the uncompressed bytes", content.diffID],
    );
    await checkFound(image, index, content, isPaired, about, options);
  }
}

/** Holds a layer to the manifest's descriptor of it. */
function checkListed(index: number, content: LayerContent, manifest: Manifest, problems: Problems): void {
  const listed = manifest.layers?.[index];
  problems.compare(
    "mismatched-digest",
    at(index),
    ["the digest in the manifest", listed?.digest],
    ["that of the compressed bytes", content.digest],
  );
  problems.compare(
    "mismatched-size",
    at(index),
    ["the size in the manifest", listed?.size],
    ["the number of compressed bytes", content.size],
  );
}

/** A layer must be found by its digest and, if the diffIDs are paired with the layers, by its diffID. */
async function checkFound(
  image: Image,
  index: number,
  content: LayerContent,
  isPaired: boolean,
  problems: Problems,
  options: ValidateOptions,
): Promise<void> {
  const where = at(index);
  const byDigest = await problems.ask(where, "layerByDigest()", async () =>
    (await image.layerByDigest(content.digest, options)).digest(options),
  );
  const digest = ["that of the compressed bytes", content.digest] as const;
  problems.compare("mismatched-digest", where, ["the digest of layerByDigest()", byDigest], digest);
  const { diffID } = content;
  if (diffID === undefined || !isPaired) return;
  const byDiffID = await problems.ask(where, "layerByDiffID()", async () =>
    (await image.layerByDiffID(diffID, options)).diffID(options),
  );
  problems.compare(
    "mismatched-diff-id",
    where,
    ["the diffID of layerByDiffID()", byDiffID],
    ["that of the uncompressed bytes", diffID],
  );
}

/**
 * Which layers the diffIDs of a configuration are those of: of all that the manifest lists, or, in an image that lists other
 * blobs beside its layers, of the layers alone.
 *
 * @returns for each diffID the layer's index; undefined, which is a problem, if their number is neither
 */
function positionsOf(diffIDs: number, manifest: Manifest, problems: Problems): number[] | undefined {
  const { layers = [] } = manifest;
  const all = [...layers.keys()];
  const tars = all.filter((index) => isLayer(layers[index]!.mediaType));
  const positions = [all, tars].find(({ length }) => length === diffIDs);
  if (positions === undefined) {
    const found =
      tars.length === all.length ? "" : `, of which ${tars.length} are layers by their media types`;
    problems.add(
      "mismatched-count",
      "config",
      `rootfs lists ${diffIDs} diffIDs, the manifest ${all.length} layers${found}`,
    );
  }
  return positions;
}

function at(index: number): string {
  return `layers[${index}]`;
}
