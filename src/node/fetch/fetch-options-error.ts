import { VarveError } from "../../core/error.js";

/**
 * A `fetch` cannot be made as it was asked for: a certificate file, a proxy's URL or a time limit is not usable. There is no `cause`: the message
 * says it all, and of errors that `fetch` gives the innermost is the one that is shown. Its `code` is `ERR_VARVE_FETCH_OPTIONS`.
 */
export class FetchOptionsError extends VarveError {
  override readonly name = "FetchOptionsError";

  constructor(message: string) {
    super("ERR_VARVE_FETCH_OPTIONS", message);
  }
}
