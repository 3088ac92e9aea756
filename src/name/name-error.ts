import { VarveError, type VarveErrorOptions } from "../core/error.js";

/** The part of a name that is at fault. */
export type NamePart = "registry" | "repository" | "tag" | "digest";

/** Text that is not the name of a registry, repository, tag or digest. Its `code` is `ERR_VARVE_NAME`. */
export class NameError extends VarveError {
  override readonly name = "NameError";
  /** Which part of the name the message is about. */
  readonly part: NamePart;

  constructor(part: NamePart, message: string, options?: VarveErrorOptions) {
    super("ERR_VARVE_NAME", message, options);
    this.part = part;
  }
}
