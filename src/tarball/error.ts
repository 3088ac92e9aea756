import { VarveError, type VarveErrorOptions } from "../core/error.js";

/** A tarball is not what `docker save` writes, or has not what was asked for. Its `code` is `ERR_VARVE_TARBALL`. */
export class TarballError extends VarveError {
  override readonly name = "TarballError";

  /** @param message what is wrong, and what to do where there is something */
  constructor(message: string, options?: VarveErrorOptions) {
    super("ERR_VARVE_TARBALL", message, options);
  }
}
