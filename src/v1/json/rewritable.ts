import { JSONError } from "./error.js";

/** Manifests are flat; what is nested deeper than this is made to break parsers. */
const DEEPEST = 100;

/**
 * Makes sure that JSON of which not every field is known can be written again as it was.
 *
 * @param what what the JSON is, such as `"manifest"`, to begin messages with
 * @param value as `JSON.parse` gives it
 * @throws {JSONError} if it is nested deeper than 100 levels below its fields, or has a number that isn't exact in a double
 */
export function checkRewritable(what: string, value: unknown): void {
  check(what, value, DEEPEST + 1);
}

function check(what: string, value: unknown, depth: number): void {
  if (typeof value === "number" && !isExact(value)) {
    throw new JSONError(
      `invalid ${what}: the number ${value} is beyond 2^53 - 1, and can't be written again as it was`,
    );
  }
  if (typeof value !== "object" || value === null) return;
  if (depth === 0) throw new JSONError(`invalid ${what}: it is nested deeper than ${DEEPEST} levels`);
  for (const each of Object.values(value)) check(what, each, depth - 1);
}

function isExact(number: number): boolean {
  return Number.isFinite(number) && (!Number.isInteger(number) || Number.isSafeInteger(number));
}
