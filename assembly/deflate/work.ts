/**
 * Work, counted: so that a test can hold that no input makes a match finder slow.
 *
 * A unit is one position looked at (a candidate, a link of a chain) or one comparison of up to 16 bytes. The build for
 * that test, `asc --use COUNT_WORK=1`, adds it up in a u64 at WORK, which nothing resets; in the module that is published
 * there is no trace of it.
 */
import { STREAM } from "../memory";

/** Behind the counters of the stream, see gzip.ts. */
const WORK: usize = STREAM + 0x38;

// @ts-ignore: decorator
@inline export function countWork(units: u32): void {
  // @ts-ignore: defined by the compiler's command line
  if (isDefined(COUNT_WORK)) store<u64>(WORK, load<u64>(WORK) + units);
}
