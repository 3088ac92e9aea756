import { VarveError } from "../core/index.js";
import { systemCode, systemReason } from "./system-error.js";

/** The output cannot be written. `cause` is the system's error. Its `code` is `ERR_VARVE_OUTPUT`. */
export class OutputError extends VarveError {
  override readonly name = "OutputError";

  /**
   * @param output what it is called: `"stdout"`, or the file as it was given
   * @param consequence what became of it, to end the message with
   */
  constructor(output: string, cause: unknown, consequence = "") {
    const end = consequence === "" ? "" : `; ${consequence}`;
    super("ERR_VARVE_OUTPUT", `cannot write ${output}: ${systemReason(cause)}${end}`, { cause });
  }

  /** Whether nobody was left to read the output: a pipe's reader has ended, which is its right, and no news to the user. */
  get readerGone(): boolean {
    return systemCode(this.cause) === "EPIPE";
  }
}
