import { VarveError, type VarveErrorOptions } from "../core/error.js";

/** There is no layout, or it is not what a layout should be. Its `code` is `ERR_VARVE_LAYOUT`. */
export class LayoutError extends VarveError {
  override readonly name = "LayoutError";

  /** @param message what is wrong, in which layout, and what to do */
  constructor(message: string, options?: VarveErrorOptions) {
    super("ERR_VARVE_LAYOUT", message, options);
  }
}

/** A layout doesn't hold what was asked for. Its `code` is `ERR_VARVE_LAYOUT_NOT_FOUND`. */
export class LayoutNotFoundError extends VarveError {
  override readonly name = "LayoutNotFoundError";

  /** @param message what there is none of, and in which layout */
  constructor(message: string, options?: VarveErrorOptions) {
    super("ERR_VARVE_LAYOUT_NOT_FOUND", message, options);
  }
}
