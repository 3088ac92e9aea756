import { uncompressedToLayer } from "../partial/index.js";
import {
  type CallOptions,
  type ConfigFile,
  dockerLayer,
  type Hash,
  type Image,
  isDistributable,
  isLayer,
  type MediaType,
  ociLayer,
  ociLayerZStd,
} from "../v1/index.js";
import type { Addition } from "./addition.js";
import { tarTime, timeText } from "./created.js";
import { additionOf, partsOf, type Step, steps } from "./history.js";
import { MutatedImage } from "./image.js";
import { LazyImage } from "./lazy-image.js";
import { RetimedTar, type TimeOptions } from "./retimed-tar.js";

/** How layers are compressed that may be distributed; those that aren't here aren't. */
const COMPRESSIONS: Readonly<Record<MediaType, "gzip" | "zstd">> = {
  [dockerLayer]: "gzip",
  [ociLayer]: "gzip",
  [ociLayerZStd]: "zstd",
};

/**
 * The image with all of its times set to one: the configuration's, those of its history, whose authors are dropped, and those
 * of all entries of its layers. Everything else stays: platform, media types, annotations, labels (whatever times these tell),
 * and the subject.
 *
 * Layers are rewritten as streams, entry by entry, whenever they are read; nothing is kept of them. Each keeps its media type and
 * the compression that this says: gzip at level 1, none, or zstd, which needs `varve/zstd` to have been imported. What its
 * descriptor had by way of annotations and urls is dropped, because it is about other bytes. In the tars, times get whole
 * seconds, rounded down, and the times of access and of changes are left out. Layers that may not be distributed, and blobs
 * whose media type is not that of a layer, stay as they are.
 *
 * Nothing is read before something of the result is asked for; its digest takes one reading of each layer, in which the
 * original is held to its diffID.
 *
 * @param time RFC 3339, or a `Date`
 * @throws {TimeError} if it is not a time
 */
export function time(image: Image, time: string | Date, options: TimeOptions = {}): Image {
  return retimed(image, timeText(time), options, (file) => file);
}

/** @param edit what else is to be done to an image's configuration; that of an artifact tells no times */
export function retimed(
  image: Image,
  created: string,
  limits: TimeOptions,
  edit: (file: ConfigFile) => ConfigFile,
): Image {
  return new LazyImage(async (options) => {
    const parts = await partsOf(image, options);
    const diffIDs = parts.config?.rootfs.diffIDs ?? [];
    const additions: Addition[] = [];
    for (const step of steps("the image", parts)) {
      const diffID = diffIDs.length === parts.layers.length ? diffIDs[step.layerIndex] : undefined;
      const { author: _, ...history } = step.history ?? {};
      const addition = await retimedLayer(step, diffID, created, limits, options);
      additions.push({ ...addition, history: { ...history, created } });
    }
    const editConfig = (file: ConfigFile): ConfigFile => edit({ ...file, created });
    return new MutatedImage(image, { rebuilt: true, additions, ...(parts.config && { editConfig }) });
  });
}

async function retimedLayer(
  step: Step,
  diffID: Hash | undefined,
  created: string,
  limits: TimeOptions,
  options: CallOptions,
): Promise<Addition> {
  const { layer, descriptor } = step;
  if (layer === undefined) return {};
  const mediaType = descriptor?.mediaType ?? (await layer.mediaType(options));
  if (!isLayer(mediaType) || !isDistributable(mediaType)) return additionOf(step);
  const compression = COMPRESSIONS[mediaType] ?? "none";
  const tar = new RetimedTar(layer, diffID, tarTime(created), limits);
  return { layer: uncompressedToLayer(tar, { compression, mediaType }) };
}
