import { VarveError } from "../core/error.js";
import { canonicalTime, zeroTime } from "../v1/index.js";
import { quote } from "../v1/quote.js";

/** Something is not a time. Its `code` is `ERR_VARVE_TIME`. */
export class TimeError extends VarveError {
  override readonly name = "TimeError";

  constructor(given: string) {
    super(
      "ERR_VARVE_TIME",
      `not a time: ${quote(given)}; give RFC 3339, such as 2006-01-02T15:04:05Z, or a valid Date`,
    );
  }
}

/**
 * The time as configurations have it.
 *
 * @throws {TimeError} if it is not RFC 3339, no such day or hour exists, or it is an invalid Date
 */
export function timeText(time: string | Date): string {
  const text = time instanceof Date ? dateText(time) : time;
  const canonical = canonicalTime(text);
  if (canonical === undefined) throw new TimeError(text);
  return canonical;
}

/**
 * The time as tars have it: whole seconds since 1970, rounded down. That no time is known is 0, which is what Go writes
 * for it.
 *
 * @param text what {@link timeText} gave
 */
export function tarTime(text: string): number {
  return text === zeroTime ? 0 : Math.floor(Date.parse(text) / 1000);
}

function dateText(date: Date): string {
  return Number.isNaN(date.getTime()) ? String(date) : date.toISOString();
}
