import { VarveError } from "../core/error.js";
import type { Hash } from "../v1/index.js";

/** What may be asked for by its hash, and where it would be listed. */
const LISTS = {
  blob: "the image's manifest",
  diffID: "the image's configuration",
  manifest: "the index",
} as const;

/** Something was asked for by a hash that an image or an index doesn't list. Its `code` is `ERR_VARVE_BLOB_UNKNOWN`. */
export class BlobUnknownError extends VarveError {
  override readonly name = "BlobUnknownError";
  /** What was asked for. */
  readonly hash: Hash;

  /** @param kind what the hash is of: a blob of an image, the content of one, or a child of an index */
  constructor(kind: keyof typeof LISTS, hash: Hash) {
    super("ERR_VARVE_BLOB_UNKNOWN", `unknown ${kind} ${hash}: ${LISTS[kind]} doesn't list it`);
    this.hash = hash;
  }
}

/**
 * An image's manifest and its configuration don't have the same number of layers, so that it is not known which belongs to
 * which. Its `code` is `ERR_VARVE_LAYER_COUNT`.
 */
export class LayerCountError extends VarveError {
  override readonly name = "LayerCountError";

  constructor(layers: number, diffIDs: number) {
    super(
      "ERR_VARVE_LAYER_COUNT",
      `mismatched fs layers (${layers}) and diff ids (${diffIDs}): the image's manifest and configuration don't belong together, or it is no image of layers`,
    );
  }
}
