import { VarveError } from "../../core/error.js";

/** A file of credentials cannot be read or written. `cause` is the system's error, if there is one. Its `code` is `ERR_VARVE_CREDENTIAL_FILE`. */
export class CredentialFileError extends VarveError {
  override readonly name = "CredentialFileError";
  /** The file, as it was named. */
  readonly path: string;

  constructor(path: string, message: string, options: { readonly cause?: unknown } = {}) {
    super("ERR_VARVE_CREDENTIAL_FILE", message, options);
    this.path = path;
  }
}
