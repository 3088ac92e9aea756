import { VarveError } from "../core/error.js";

/** A source, or a chunk of one, is not what a layer can be made of. Its `code` is `ERR_VARVE_SOURCE`. */
export class SourceError extends VarveError {
  override readonly name = "SourceError";

  /** @param message what is wrong with it and what to do instead */
  constructor(message: string) {
    super("ERR_VARVE_SOURCE", message);
  }
}
