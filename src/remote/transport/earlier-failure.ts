import { VarveError } from "../../core/error.js";

/**
 * Gives a failure of varve's own the one before it, if there was one, as its cause, unless it has one. An error may be thrown more than once, such as by a `fetch`
 * that keeps what it has found out: none becomes its own cause, be it by way of others.
 */
export function causedBy(failure: unknown, earlier: unknown): void {
  const isBare = failure instanceof VarveError && failure.cause === undefined;
  if (isBare && earlier !== undefined && !causesOf(earlier).has(failure)) {
    // Not listed, as the cause that an error is made with is not.
    Object.defineProperty(failure, "cause", { value: earlier, configurable: true, writable: true });
  }
}

/** A failure, its cause, and so on. */
function causesOf(failure: unknown): ReadonlySet<unknown> {
  const causes = new Set<unknown>();
  for (let each = failure; each !== undefined && !causes.has(each); ) {
    causes.add(each);
    each = each instanceof Error ? each.cause : undefined;
  }
  return causes;
}
