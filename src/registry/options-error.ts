import { VarveError } from "../core/error.js";

/** A registry cannot be set up as it was asked to. Its `code` is `ERR_VARVE_REGISTRY_OPTIONS`. */
export class RegistryOptionsError extends VarveError {
  override readonly name = "RegistryOptionsError";

  /** @param message which option, what is wrong with it, and what it may be */
  constructor(message: string) {
    super("ERR_VARVE_REGISTRY_OPTIONS", message);
  }
}
