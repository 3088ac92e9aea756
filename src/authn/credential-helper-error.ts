import { VarveError, type VarveErrorOptions } from "../core/error.js";

/**
 * A credential helper, which is a program that keeps credentials, could not be run, failed, or answered with something else than
 * credentials. Its `code` is `ERR_VARVE_CREDENTIAL_HELPER`.
 */
export class CredentialHelperError extends VarveError {
  override readonly name = "CredentialHelperError";
  /** The helper's name as configurations have it, without `docker-credential-`; such as `"desktop"`. */
  readonly helper: string;

  constructor(helper: string, message: string, options?: VarveErrorOptions) {
    super("ERR_VARVE_CREDENTIAL_HELPER", message, options);
    this.helper = helper;
  }
}
