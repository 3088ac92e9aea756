import { VarveError } from "../core/error.js";

/** Options that contradict each other, or a value that an option cannot have. Its `code` is `ERR_VARVE_REMOTE_OPTION`. */
export class RemoteOptionError extends VarveError {
  override readonly name = "RemoteOptionError";

  /** @param message which option, what is wrong with it, and what to give instead */
  constructor(message: string) {
    super("ERR_VARVE_REMOTE_OPTION", message);
  }
}
