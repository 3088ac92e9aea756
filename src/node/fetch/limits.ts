import { LONGEST_TIMER } from "../../bytes/index.js";
import { FetchOptionsError } from "./fetch-options-error.js";

/** How long each step of a request may take, in milliseconds; 0 is for ever. Every field may be left out. */
export interface TimeLimits {
  /** Until a connection is open. Default: 30 seconds. */
  readonly connectTimeout?: number | undefined;
  /**
   * From the last of the request, or the last of its body that the connection took, until the head of the answer. Default: one hour,
   * since registries that keep blobs in an object store may copy a large one when it is committed.
   */
  readonly headersTimeout?: number | undefined;
  /** Between two pieces of the answer's body. Default: five minutes. */
  readonly bodyTimeout?: number | undefined;
}

const SECOND = 1000;
const DEFAULTS = {
  connectTimeout: 30 * SECOND,
  headersTimeout: 60 * 60 * SECOND,
  bodyTimeout: 5 * 60 * SECOND,
};

/** @throws {FetchOptionsError} if a limit is not a number of milliseconds that a timer can wait */
export function timeLimits(limits: TimeLimits): Record<keyof TimeLimits, number> {
  const all = { ...DEFAULTS };
  for (const name of Object.keys(DEFAULTS) as (keyof TimeLimits)[]) {
    const value = limits[name];
    if (value === undefined) {
      continue;
    }
    if (!Number.isInteger(value) || value < 0 || value > LONGEST_TIMER) {
      throw new FetchOptionsError(
        `${name} is ${value}; it must be a whole number of milliseconds from 0, which is no limit, to ${LONGEST_TIMER}`,
      );
    }
    all[name] = value;
  }
  return all;
}
