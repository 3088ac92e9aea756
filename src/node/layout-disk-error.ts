import { VarveError } from "../core/error.js";
import { messageOf } from "../core/message.js";

/** The system refused to read or write a layout's files. Its `code` is `ERR_VARVE_LAYOUT_DISK`; `cause` is the system's error. */
export class LayoutDiskError extends VarveError {
  override readonly name = "LayoutDiskError";

  constructor(action: string, directory: string, cause: Error) {
    super("ERR_VARVE_LAYOUT_DISK", `cannot ${action} the layout in ${directory}: ${messageOf(cause)}`, {
      cause,
    });
  }
}
