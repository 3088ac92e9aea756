import { VarveError } from "../core/index.js";
import { systemReason } from "./system-error.js";

/** The input cannot be read. `cause` is the system's error, if it was the system that refused. Its `code` is `ERR_VARVE_INPUT`. */
export class InputError extends VarveError {
  override readonly name = "InputError";

  private constructor(input: string, reason: string, options: { readonly cause?: unknown } = {}) {
    super("ERR_VARVE_INPUT", `cannot read ${input}: ${reason}`, options);
  }

  /** @param input what it is called: `"stdin"`, or the file as it was given */
  static fromSystem(input: string, cause: unknown): InputError {
    return new InputError(input, systemReason(cause), { cause });
  }

  /** @param input what it is called: `"stdin"` */
  static closed(input: string): InputError {
    return new InputError(input, "it is closed; pipe a tar into the command, or name a FILE");
  }

  /** @param input what it is called: `"stdin"`, or the directory as it was given */
  static directory(input: string): InputError {
    return new InputError(
      input,
      "it is a directory; make a tar of it on the way: tar -c -C DIRECTORY . | varve ...",
    );
  }
}
