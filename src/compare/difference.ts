import { VarveError } from "../core/error.js";
import { quote } from "../v1/quote.js";

/** One fact in which two objects differ. */
export interface Difference {
  /** The fact, such as `"digest"`, or `"layers[0].size"` of a part. */
  readonly fact: string;
  /** What it is of the first object, as text. */
  readonly a: string;
  /** What it is of the second. */
  readonly b: string;
}

/** Two layers, images or indexes are not the same. Its `code` is `ERR_VARVE_DIFFERENT`. */
export class DifferentError extends VarveError {
  override readonly name = "DifferentError";
  /** All of them, not only the first. */
  readonly differences: readonly Difference[];

  /** @param what what was compared, such as `"images"`, to begin the message with */
  constructor(what: string, differences: readonly Difference[]) {
    super("ERR_VARVE_DIFFERENT", [`${what} differ:`, ...differences.map(line)].join("\n"));
    this.differences = differences;
  }
}

/** How much of what both have in common is shown before the first character that differs. */
const LEAD = 24;

function line({ fact, a, b }: Difference): string {
  let common = 0;
  while (common < a.length && a[common] === b[common]) common++;
  const start = Math.max(0, common - LEAD);
  const lead = start > 0 && Math.max(a.length, b.length) > 96 ? start : 0;
  const where = lead > 0 ? ` from character ${lead} on` : "";
  return `${fact}${where}: ${quote(a.slice(lead))} != ${quote(b.slice(lead))}`;
}

/** The facts, in the first's order, whose texts are not the same. */
export function differencesOf(
  a: Readonly<Record<string, unknown>>,
  b: Readonly<Record<string, unknown>>,
): Difference[] {
  return Object.keys(a)
    .map((fact) => ({ fact, a: String(a[fact]), b: String(b[fact]) }))
    .filter((each) => each.a !== each.b);
}

/** @throws {DifferentError} if there are any */
export function refuseDifferences(what: string, differences: readonly Difference[]): void {
  if (differences.length > 0) {
    throw new DifferentError(what, differences);
  }
}
