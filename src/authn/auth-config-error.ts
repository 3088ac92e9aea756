import { VarveError } from "../core/error.js";

/**
 * Credentials, or a file of them, are not of a form that can be used. The message names the file and the registry, and never quotes
 * what stands there, since that may be a secret; for the same reason there is no `cause`. Its `code` is `ERR_VARVE_AUTH_CONFIG`.
 */
export class AuthConfigError extends VarveError {
  override readonly name = "AuthConfigError";

  constructor(message: string) {
    super("ERR_VARVE_AUTH_CONFIG", message);
  }
}
