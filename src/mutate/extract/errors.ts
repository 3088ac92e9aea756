import { VarveError } from "../../core/error.js";
import { quote } from "../../v1/quote.js";

/**
 * An entry of a layer has a name that would be extracted outside of where it should be. Its `code` is
 * `ERR_VARVE_UNSAFE_TAR_PATH`.
 */
export class UnsafeTarPathError extends VarveError {
  override readonly name = "UnsafeTarPathError";

  /** @param problem why it is unsafe */
  constructor(path: string, problem: string) {
    super(
      "ERR_VARVE_UNSAFE_TAR_PATH",
      `unsafe tar path ${quote(path)}: ${problem}; a layer with such an entry is refused, for it was made by a broken tool or to do harm`,
    );
  }
}

/** An image needs more memory to be extracted than it may take. Its `code` is `ERR_VARVE_EXTRACT_LIMIT`. */
export class ExtractLimitError extends VarveError {
  override readonly name = "ExtractLimitError";

  /**
   * @param what what there is too much of, such as `"names"`
   * @param option the option that sets the limit
   */
  constructor(what: string, limit: number, option: string) {
    super(
      "ERR_VARVE_EXTRACT_LIMIT",
      `the image has more than ${limit} ${what} to be remembered while it is extracted: raise ${option} if this is meant`,
    );
  }
}
