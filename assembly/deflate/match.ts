/**
 * What the match finders share: how far two places agree, and where a parse has ended.
 */
import { MAX_MATCH } from "./symbols";
import { countWork } from "./work";

/** Where the segment's parsed part ends, set by `endParse`. */
export let parsedEnd: usize = 0;

/** Every parse calls this last. */
// @ts-ignore: decorator
@inline export function endParse(position: usize): void {
  parsedEnd = position;
}

/** How many bytes at p equal those at `candidate`, given that the first `length` do; at most 258. */
// @ts-ignore: decorator
@inline export function extend(p: usize, candidate: usize, length: usize): u32 {
  while (length < MAX_MATCH) {
    countWork(1);
    const different = <u32>i8x16.bitmask(i8x16.eq(v128.load(p + length), v128.load(candidate + length))) ^ 0xffff;
    if (different) {
      length += ctz(different);
      break;
    }
    length += 16;
  }
  return min(<u32>length, MAX_MATCH);
}
