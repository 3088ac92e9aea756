/**
 * What the match finders share: how a match is scored, how far two places agree, which of two matches is worth more, and
 * where a parse has ended.
 */
import { WINDOW_SIZE } from "../memory";
import { MAX_MATCH } from "./symbols";
import { countWork } from "./work";

/** Where the segment's parsed part ends, set by `endParse`. */
export let parsedEnd: usize = 0;

/** Every parse calls this last. */
// @ts-ignore: decorator
@inline export function endParse(position: usize): void {
  parsedEnd = position;
}

/** `length << 16 | (32768 - distance)` of the match of p with a position, modulo 2^16; length at most 16. */
// @ts-ignore: decorator
@inline export function score(p: usize, position: u32): u32 {
  const distanceLess1 = (p - 1 - position) & (WINDOW_SIZE - 1);
  const equal = <u32>i8x16.bitmask(i8x16.eq(v128.load(p), v128.load(p - 1 - distanceLess1)));
  return (ctz(~equal | 0x10000) << 16) | <u32>(distanceLess1 ^ (WINDOW_SIZE - 1));
}

/** From the lower half of a score to the distance, less 1. */
// @ts-ignore: decorator
@inline export function nearnessToDistanceLess1(nearness: u32): u32 {
  return nearness ^ (<u32>WINDOW_SIZE - 1);
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

/** `3 << 16 | distance - 1` of the match of p with a position, of three bytes, if it is no farther than that; else 0. */
// @ts-ignore: decorator
@inline export function matchOfThree(p: usize, bytes: u32, position: usize, farthest: usize): u32 {
  countWork(1);
  const distanceLess1 = (p - 1 - position) & 0xffff;
  if (distanceLess1 >= farthest || ((load<u32>(p - 1 - distanceLess1) ^ bytes) << 8) != 0) return 0;
  return (3 << 16) | <u32>distanceLess1;
}

/**
 * What a later match is worth more than one before it, both `length << 16 | distance - 1`, in about half bits: a byte is
 * worth four, and so is a distance that is shorter by a factor of 16.
 */
// @ts-ignore: decorator
@inline export function gain(now: u32, later: u32): i32 {
  const longer = <i32>(later >>> 16) - <i32>(now >>> 16);
  return 4 * longer + <i32>clz((later & 0xffff) + 1) - <i32>clz((now & 0xffff) + 1);
}
