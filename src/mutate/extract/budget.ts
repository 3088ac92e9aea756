import { ExtractLimitError } from "./errors.js";

/** How much memory extracting may take. */
export interface ExtractLimits {
  /** The most names that are remembered: those of all files and directories, and of whiteouts. Default: 1,000,000. */
  readonly maxNames?: number | undefined;
  /**
   * The most UTF-16 units of names, and of hard links that wait for what they lead to, that are remembered. Default: 128 Mi.
   */
  readonly maxNameUnits?: number | undefined;
}

const MAX_NAMES = 1_000_000;
const MAX_NAME_UNITS = 128 * 1024 * 1024;

/** Counts what is remembered, so that a hostile image ends in an error and not in all of the memory. */
export class Budget {
  readonly #maxNames: number;
  readonly #maxUnits: number;
  #names = 0;
  #units = 0;

  constructor({ maxNames = MAX_NAMES, maxNameUnits = MAX_NAME_UNITS }: ExtractLimits) {
    this.#maxNames = maxNames;
    this.#maxUnits = maxNameUnits;
  }

  /** @throws {ExtractLimitError} if it is more than may be remembered */
  take(names: number, units: number): void {
    this.#names += names;
    this.#units += units;
    if (this.#names > this.#maxNames) throw new ExtractLimitError("names", this.#maxNames, "maxNames");
    if (this.#units > this.#maxUnits) {
      throw new ExtractLimitError("UTF-16 units of names", this.#maxUnits, "maxNameUnits");
    }
  }

  /** What was taken is not remembered any more. */
  giveBack(names: number, units: number): void {
    this.#names -= names;
    this.#units -= units;
  }
}
