import { VarveError } from "../core/error.js";
import type { Hash } from "../v1/index.js";

/** An index was asked for a child that it does not list. Its `code` is `ERR_VARVE_CHILD_NOT_FOUND`. */
export class ChildNotFoundError extends VarveError {
  override readonly name = "ChildNotFoundError";

  /** @param kind what was asked for, such as `"image"` */
  constructor(kind: string, digest: Hash) {
    super(
      "ERR_VARVE_CHILD_NOT_FOUND",
      `the index lists no ${kind} with the digest ${digest}: indexManifest() tells what it lists`,
    );
  }
}
