import { VarveError } from "../core/index.js";

/** The command was called in a way that makes no sense. Its `code` is `ERR_VARVE_USAGE`. */
export class UsageError extends VarveError {
  override readonly name = "UsageError";

  /** @param message what is wrong, and what to write instead */
  constructor(message: string) {
    super("ERR_VARVE_USAGE", message);
  }
}
