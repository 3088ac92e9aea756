/**
 * Match finding for levels 6 and 7: rows of many positions, told apart by tags that are compared 16 at a time.
 *
 * The hash of 4 bytes chooses one of 1024 rows and gives a tag of 8 bits. A row is a ring of the 64 positions that were
 * inserted last, and their tags:
 *
 *     0             64                          192   193        256
 *     | 64 tags u8  | 64 positions u16          | head |  unused |
 *
 * The newest stands at `head`, older ones follow, round the end. Four vector comparisons tell which of the 64 have the tag;
 * rotated by `head`, the lowest bit of that mask is the newest, and only those are looked at, DEPTH of them at most.
 * Positions are addresses modulo 2^16, as in fast.ts; whatever a slot holds, comparing the bytes tells whether it is a match.
 *
 * Matches of 3 bytes come from a table of latest positions of their own, and only from nearby: a farther one costs as much
 * as its literals.
 *
 * The parse is lazy: a match gives way to a better one that begins a byte later, for which half as many are looked at.
 *
 * Measured, on tars of system files and of npm packages:
 * - matches of 3 bytes make the output 2 % and 0.1 % smaller, and cost nothing: they are found when there is nothing else;
 * - rows of 32 instead of 64, looking at all of them: 0.5 % larger on packages, no faster;
 * - one search, inlined at its three places, gains 5 to 10 %.
 */
import { MATCH_TABLES, SEGMENT, WINDOW_SIZE } from "../memory";
import { depthOf, lazyLengthOf, niceLengthOf, primeStepOf } from "./levels";
import { endParse, extend, gain, matchOfThree } from "./match";
import { MIN_MATCH } from "./symbols";
import { putLiteral, putLiterals, putMatch } from "./tokens";
import { countWork } from "./work";

const HASH_MULTIPLIER: u32 = 0x9e3779b1;
const TAG_BITS: u32 = 8;
const ROW_BITS: u32 = 10;

const WAYS: u32 = 64;
/** Bytes of a row: a power of two, so that a line of the cache never holds parts of two. */
const ROW_SIZE: usize = 256;
const POSITIONS: usize = 64;
const HEAD: usize = 192;
const ROWS_SIZE: usize = ROW_SIZE << ROW_BITS;

/** u16 for each hash of three bytes: the latest position that had it. */
const LATEST_OF_THREE: usize = MATCH_TABLES + ROWS_SIZE;
const THREE_BITS: u32 = 14;
/** A match of 3 bytes is no farther away than this. */
const THREE_FARTHEST: usize = 2048;

/**
 * After 2^9 bytes without a match, more and more are passed over unseen, at most 16 pairs at a time: incompressible data
 * is left, but not so quickly that what follows it would suffer.
 */
const SKIP_SHIFT: u32 = 9;
const SKIP_MAXIMUM: u32 = 16;

/** Within a match longer than this, every fourth position is inserted, but for the last eight. */
const SPARSE_LENGTH: u32 = 130;
const SPARSE_STEP: usize = 4;
const SPARSE_REST: usize = 8;

// @ts-ignore: decorator
@inline function hashOf(bytes: u32): u32 {
  return (bytes * HASH_MULTIPLIER) >>> (32 - TAG_BITS - ROW_BITS);
}

// @ts-ignore: decorator
@inline function rowOfHash(hash: u32): usize {
  return MATCH_TABLES + <usize>(hash >>> TAG_BITS) * ROW_SIZE;
}

// @ts-ignore: decorator
@inline function entryOfThree(bytes: u32): usize {
  return LATEST_OF_THREE + (<usize>(((bytes << 8) * HASH_MULTIPLIER) >>> (32 - THREE_BITS)) << 1);
}

/** Puts p in the place of the oldest. */
// @ts-ignore: decorator
@inline function push(row: usize, head: u32, hash: u32, p: usize): void {
  const slot = (head - 1) & (WAYS - 1);
  store<u8>(row, slot, HEAD);
  store<u8>(row + slot, hash);
  store<u16>(row + (slot << 1), <u16>p, POSITIONS);
}

// @ts-ignore: decorator
@inline function insert(p: usize): void {
  const bytes = load<u32>(p);
  const hash = hashOf(bytes);
  const row = rowOfHash(hash);
  push(row, load<u8>(row, HEAD), hash, p);
  store<u16>(entryOfThree(bytes), <u16>p);
}

/** Which of the slots, counted from the newest, have the tag. */
// @ts-ignore: decorator
@inline function tagged(row: usize, head: u32, hash: u32): u64 {
  const tag = i8x16.splat(<i8>hash);
  const mask = <u64>i8x16.bitmask(i8x16.eq(v128.load(row), tag))
    | (<u64>i8x16.bitmask(i8x16.eq(v128.load(row, 16), tag)) << 16)
    | (<u64>i8x16.bitmask(i8x16.eq(v128.load(row, 32), tag)) << 32)
    | (<u64>i8x16.bitmask(i8x16.eq(v128.load(row, 48), tag)) << 48);
  return rotr<u64>(mask, head);
}

/**
 * The longest match of p that is longer than `best`, as `length << 16 | distance - 1`, or 0; of equally long ones the
 * nearest. Inserts p. A length of 3 is only looked for when `best` is 0.
 */
// @ts-ignore: decorator
@inline function search(p: usize, start: usize, best: u32, depth: u32, nice: u32): u32 {
  const bytes = load<u64>(p);
  const hash = hashOf(<u32>bytes);
  const row = rowOfHash(hash);
  const head: u32 = load<u8>(row, HEAD);
  let mask = tagged(row, head, hash);
  push(row, head, hash, p);
  const three = entryOfThree(<u32>bytes);
  const latest: usize = load<u16>(three);
  store<u16>(three, <u16>p);
  const farthest = min<usize>(WINDOW_SIZE, p - start);
  let found: u32 = 0;
  if (best == 0) found = matchOfThree(p, <u32>bytes, latest, min(farthest, THREE_FARTHEST));
  if (best < MIN_MATCH) best = MIN_MATCH;
  // A longer match agrees in the last four of its bytes, too.
  let last = load<u32>(p + best - 3);
  for (; mask && depth > 0; depth--) {
    const slot = (head + <u32>ctz(mask)) & (WAYS - 1);
    mask &= mask - 1;
    countWork(1);
    const distanceLess1 = (p - 1 - load<u16>(row + (slot << 1), POSITIONS)) & 0xffff;
    if (distanceLess1 >= farthest) break;
    const candidate = p - 1 - distanceLess1;
    if (load<u32>(candidate + best - 3) == last) {
      const different = load<u64>(candidate) ^ bytes;
      const length = different ? <u32>(ctz(different) >> 3) : extend(p, candidate, 8);
      if (length > best) {
        best = length;
        found = (length << 16) | <u32>distanceLess1;
        if (length >= nice) break;
        last = load<u32>(p + best - 3);
      }
    }
  }
  return found;
}

/** Empties the tables, then inserts the `window` bytes before the segment. */
export function primeRows(level: usize, window: usize): void {
  memory.fill(MATCH_TABLES, 0, ROWS_SIZE + (2 << THREE_BITS));
  const step = primeStepOf(level);
  for (let p = SEGMENT - window; p < SEGMENT; p += step) insert(p);
}

/** As `parse` in segment.ts has it. */
export function parseRows(level: usize, p: usize, stop: usize, end: usize, start: usize, token: usize): usize {
  const depth = depthOf(level);
  const nice = niceLengthOf(level);
  const lazy = lazyLengthOf(level);
  let literalsFrom = p;
  while (p < stop) {
    let match = search(p, start, 0, depth, nice);
    if (match == 0) {
      putLiteral(token, load<u8>(p++));
      token += 4;
      for (let skip = min(<u32>(p - literalsFrom) >>> SKIP_SHIFT, SKIP_MAXIMUM); skip > 0 && p + 2 <= stop; skip--) {
        putLiterals(token, load<u8>(p, 0), load<u8>(p, 1));
        token += 4;
        p += 2;
      }
      continue;
    }
    let next = p + 1;
    while (match >>> 16 < lazy && next < end) {
      const later = search(next++, start, (match >>> 16) - 1, depth >>> 1, nice);
      if (later == 0 || gain(match, later) <= 2) break;
      putLiteral(token, load<u8>(p++));
      token += 4;
      match = later;
    }
    const length = min(match >>> 16, <u32>(end - p));
    if (length < MIN_MATCH) {
      putLiteral(token, load<u8>(p++));
      token += 4;
      continue;
    }
    putMatch(token, length, match & 0xffff);
    token += 4;
    p += length;
    if (length > SPARSE_LENGTH) for (; next + SPARSE_REST < p; next += SPARSE_STEP) insert(next);
    for (; next < p; next++) insert(next);
    literalsFrom = p;
  }
  endParse(p);
  return token;
}
