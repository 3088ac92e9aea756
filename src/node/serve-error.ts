import { type ErrorCode, VarveError } from "../core/error.js";

/**
 * A server cannot be started as it was asked to. Its `code` tells why: `ERR_VARVE_ADDRESS_IN_USE` for a port that another
 * program has, `ERR_VARVE_LISTEN` for any other refusal of the system, `ERR_VARVE_SERVE_OPTIONS` for options that make no
 * sense.
 */
export class ServeError extends VarveError {
  override readonly name = "ServeError";

  constructor(code: ErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(code, message, options);
  }
}
