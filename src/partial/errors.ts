import { VarveError } from "../core/error.js";
import type { Hash } from "../v1/index.js";

/** An image has no blob with a digest, or no layer with a diffID, that was asked for. Its `code` is `ERR_VARVE_BLOB_UNKNOWN`. */
export class BlobUnknownError extends VarveError {
  override readonly name = "BlobUnknownError";
  /** What was asked for. */
  readonly hash: Hash;

  /** @param kind what the hash is, such as `"diffID"` */
  constructor(kind: "blob" | "diffID", hash: Hash) {
    super(
      "ERR_VARVE_BLOB_UNKNOWN",
      `unknown ${kind} ${hash}: the image lists none; ${
        kind === "blob" ? "its manifest names those that it has" : "its configuration names those that it has"
      }`,
    );
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
