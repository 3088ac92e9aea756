import { VarveError, type VarveErrorOptions } from "../../core/error.js";

/** Bytes that should be a manifest, an index or a configuration are not. Its `code` is `ERR_VARVE_JSON`. */
export class JSONError extends VarveError {
  override readonly name = "JSONError";

  /** @param message what it should have been, which field is wrong, and how */
  constructor(message: string, options?: VarveErrorOptions) {
    super("ERR_VARVE_JSON", message, options);
  }
}
