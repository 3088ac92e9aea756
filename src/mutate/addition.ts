import { VarveError } from "../core/error.js";
import type { History, Layer, MediaType } from "../v1/index.js";

/** What is put on top of an image: a layer with its history, or history alone. */
export interface Addition {
  /** May be absent only where the history says that it made no layer. */
  readonly layer?: Layer | undefined;
  /** How the layer came to be. Default: an entry without any field. */
  readonly history?: History | undefined;
  /** Where else the layer may be fetched from, in place of what its own descriptor says. */
  readonly urls?: readonly string[] | undefined;
  /** Annotations of the layer's descriptor, in place of its own. */
  readonly annotations?: Readonly<Record<string, string>> | undefined;
  /** What the manifest says that the layer is, in place of its own media type. The layer's bytes stay as they are. */
  readonly mediaType?: MediaType | undefined;
}

/** Something was to be added that has no place in an image. Its `code` is `ERR_VARVE_ADDITION`. */
export class AdditionError extends VarveError {
  override readonly name = "AdditionError";

  /** @param position which addition it is, from 0 on */
  constructor(position: number) {
    super(
      "ERR_VARVE_ADDITION",
      `unable to add a nil layer to the image: addition ${position} has no layer, which only an addition whose history has emptyLayer: true may lack`,
    );
  }
}

/**
 * The additions as they are now: what the caller does to its lists and records afterwards changes nothing.
 *
 * @throws {AdditionError} if one has no layer and does not say that it makes none
 */
export function checkedAdditions(additions: readonly Addition[]): readonly Addition[] {
  return additions.map((addition, position) => {
    const { layer, history, urls, annotations, mediaType } = addition;
    if (layer === undefined && history?.emptyLayer !== true) throw new AdditionError(position);
    return {
      layer,
      history: history && { ...history },
      urls: urls && [...urls],
      annotations: annotations && { ...annotations },
      mediaType,
    };
  });
}

/** The layers among the additions, from the bottom to the top. */
export function addedLayers(additions: readonly Addition[]): readonly Layer[] {
  return additions.flatMap(({ layer }) => (layer === undefined ? [] : [layer]));
}
