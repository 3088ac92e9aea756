import { VarveError, type VarveErrorOptions } from "../core/error.js";

/**
 * Bytes that should be a tar are damaged, truncated or beyond a limit; or an entry cannot be written as one. Its `code`
 * is `ERR_VARVE_TAR`.
 */
export class TarError extends VarveError {
  override readonly name = "TarError";

  /** @param message what is wrong, of which entry or at which byte, and what to do where there is something */
  constructor(message: string, options?: VarveErrorOptions) {
    super("ERR_VARVE_TAR", message, options);
  }
}
