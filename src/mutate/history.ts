import { VarveError } from "../core/error.js";
import {
  type CallOptions,
  type ConfigFile,
  type Descriptor,
  type Hash,
  type History,
  type Image,
  isConfig,
  type Layer,
} from "../v1/index.js";
import type { Addition } from "./addition.js";

/** What an image is taken apart into, to be put together anew. */
export interface ImageParts {
  readonly digest: Hash;
  /** Undefined if it is not an image's. */
  readonly config: ConfigFile | undefined;
  readonly layers: readonly Layer[];
  /** What the manifest says of each layer; of some nothing, if it lists another number of them. */
  readonly descriptors: readonly Descriptor[];
}

/** A layer with its history, or history of none, or a layer of which none was written. */
export interface Step {
  readonly history: History | undefined;
  readonly layer: Layer | undefined;
  readonly descriptor: Descriptor | undefined;
  /** The layer's place among the layers; where there is no layer, that of the next one. */
  readonly layerIndex: number;
  /** The entry's place in the history; past its end where there is none. */
  readonly historyIndex: number;
}

/** An image's history doesn't fit its layers. Its `code` is `ERR_VARVE_HISTORY`. */
export class HistoryError extends VarveError {
  override readonly name = "HistoryError";

  /** @param what which image it is, to begin the message with */
  constructor(what: string, entries: number, layers: number) {
    super(
      "ERR_VARVE_HISTORY",
      `malformed image: the history of ${what} has ${entries} entries that made a layer, but there are only ${layers} layers; mend its configuration with configFile`,
    );
  }
}

/** @throws {NotComputedError} if a layer is a stream that has not been read to its end */
export async function partsOf(image: Image, options: CallOptions): Promise<ImageParts> {
  const manifest = await image.manifest(options);
  const descriptors = manifest.layers ?? [];
  const layers = await image.layers(options);
  return {
    digest: await image.digest(options),
    config: isConfig(manifest.config.mediaType) ? await image.configFile(options) : undefined,
    layers,
    descriptors: descriptors.length === layers.length ? descriptors : [],
  };
}

/**
 * Puts each layer beside its history entry: each entry that is not marked as having made none has the next layer. Layers of
 * which no history was written come last.
 *
 * @param what which image it is, for messages
 * @throws {HistoryError} if the history has more layers than there are
 */
export function steps(what: string, { config, layers, descriptors }: ImageParts): readonly Step[] {
  const { history = [] } = config ?? {};
  const making = history.filter(({ emptyLayer }) => !emptyLayer).length;
  if (making > layers.length) throw new HistoryError(what, making, layers.length);
  const step = (layerIndex: number, historyIndex: number, makes: boolean): Step => ({
    history: history[historyIndex],
    layer: makes ? layers[layerIndex] : undefined,
    descriptor: makes ? descriptors[layerIndex] : undefined,
    layerIndex,
    historyIndex,
  });
  let next = 0;
  const told = history.map(({ emptyLayer }, index) =>
    emptyLayer ? step(next, index, false) : step(next++, index, true),
  );
  const untold = layers.slice(next).map((_, index) => step(next + index, history.length, true));
  return [...told, ...untold];
}

/** Adds the layer as the manifest has it, not as the layer itself says. */
export function additionOf({ history, layer, descriptor }: Step): Addition {
  const { urls, annotations, mediaType } = descriptor ?? {};
  return { layer, history, urls, annotations, mediaType };
}
