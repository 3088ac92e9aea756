import { unlessAborted } from "../bytes/index.js";
import { VarveError } from "../core/error.js";
import {
  type CallOptions,
  type ConfigFile,
  configPlatform,
  type Hash,
  type Image,
  UnsupportedError,
} from "../v1/index.js";
import { additionOf, type ImageParts, partsOf, steps } from "./history.js";
import { MutatedImage } from "./image.js";

/** An image was to be put on another base than its own. Its `code` is `ERR_VARVE_NOT_BASED_ON`. */
export class NotBasedOnError extends VarveError {
  override readonly name = "NotBasedOnError";

  /** @param difference what shows it */
  constructor(image: Hash, base: Hash, difference: string) {
    super(
      "ERR_VARVE_NOT_BASED_ON",
      `image ${image} is not based on ${base}: ${difference}; give the base that the image was built on`,
    );
  }
}

/**
 * Puts an image on a new base: the new base's layers and history, then what the image has above the old base. The image keeps
 * its configuration, but for the platform, which is the new base's, and its media types, annotations and subject. Manifests
 * and configurations are read; layers are not.
 *
 * @throws {NotBasedOnError} if the old base's layers are not the image's first
 * @throws {HistoryError} if the image's or the new base's history has more layers than there are
 * @throws {UnsupportedError} if the new base is not an image; values of the result reject with it if the original is not
 * @throws {NotComputedError} if a layer of any of them is a stream that has not been read to its end
 */
export async function rebase(
  original: Image,
  oldBase: Image,
  newBase: Image,
  options: CallOptions = {},
): Promise<Image> {
  return unlessAborted(options.signal, rebased(original, oldBase, newBase, options));
}

async function rebased(
  original: Image,
  oldBase: Image,
  newBase: Image,
  options: CallOptions,
): Promise<Image> {
  const upper = await partsOf(original, options);
  const old = await partsOf(oldBase, options);
  const lower = await partsOf(newBase, options);
  await checkBase(upper, old, options);
  const platform = lower.config;
  if (platform === undefined) {
    throw new UnsupportedError("cannot rebase: the new base's configuration is not an image's");
  }
  const height = old.layers.length;
  const entries = old.config?.history?.length ?? 0;
  const above = steps("the image", upper).filter(({ layer, layerIndex, historyIndex }) =>
    layer === undefined ? historyIndex >= entries || layerIndex > height : layerIndex >= height,
  );
  return new MutatedImage(original, {
    rebuilt: true,
    additions: [...steps("the new base", lower), ...above].map(additionOf),
    editConfig: (file) => onPlatformOf(file, platform),
  });
}

/** @throws {NotBasedOnError} if the base's layers are not the image's first */
async function checkBase(image: ImageParts, base: ImageParts, options: CallOptions): Promise<void> {
  const refuse = (difference: string): NotBasedOnError =>
    new NotBasedOnError(image.digest, base.digest, difference);
  const { length } = base.layers;
  if (length > image.layers.length) {
    throw refuse(`it has ${image.layers.length} layers, which are too few, since the base has ${length}`);
  }
  for (const [index, layer] of base.layers.entries()) {
    const digest = await layer.digest(options);
    const own = await image.layers[index]!.digest(options);
    if (!own.equals(digest)) throw refuse(`layer ${index} is ${own}, and the base's is ${digest}`);
  }
}

/** Everything that tells a platform is the base's, even what it doesn't tell. */
function onPlatformOf(file: ConfigFile, base: ConfigFile): ConfigFile {
  const { osVersion: _, osFeatures: __, variant: ___, ...rest } = file;
  return { ...rest, ...configPlatform(base) };
}
