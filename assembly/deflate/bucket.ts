/**
 * Match finding for level 1: a hash table of two-way buckets, greedy.
 *
 * A bucket packs its two most recent positions, u16 each, in one word: inserting is a shift and an or. Positions are
 * addresses modulo 2^16 and never need rebasing: whatever a bucket holds, `((p - 1 - position) & 32767) + 1` is a
 * distance that can be read, and comparing the bytes there tells whether
 * it is a match. Each way scores `length << 16 | nearness`, the length from one 16-byte comparison, and a select
 * without a branch keeps the better.
 *
 * Measured, on tars of system files and of npm packages:
 * - hashing 5 bytes, not 4, and inserting only two positions at the start and two at the end of a match gain the
 *   most;
 * - looking up p and p + 1 together, before the first is known to fail, a few percent;
 * - one way is 5 to 10 % faster than two, and its output 1.5 to 4 % larger.
 *
 * Probes read up to 16 bytes past what they compare, and past the end of the segment, where zeros stand.
 */
import { BUCKETS, SEGMENT, WINDOW_SIZE } from "../memory";
import { MAX_MATCH, MIN_MATCH } from "./symbols";
import { putLiteral, putLiterals, putMatch } from "./tokens";

const HASH_BITS: u32 = 15;
const TABLE_SIZE: usize = 4 << HASH_BITS;
const HASH_MULTIPLIER: u64 = 0x9e3779b185ebca87;

/** A score below this is no match: shorter matches seldom pay at this level. */
const MIN_SCORE: u32 = 4 << 16;

/**
 * After 2^6 bytes of literals in a row, more and more of them are passed over unseen, at most 16 pairs at a time:
 * incompressible data is left quickly.
 */
const SKIP_SHIFT: u32 = 6;
const SKIP_MAXIMUM: u32 = 16;

/**
 * Every fourth position of the window is inserted: within 0.25 % of the size that all of them give, in a quarter of
 * the time.
 */
const PRIME_STEP: usize = 4;

/** Where the segment's parsed part ends, set by `parseBuckets`. */
export let parsedEnd: usize = 0;

// @ts-ignore: decorator
@inline function bucketOf(bytes: u64): usize {
  return BUCKETS + (<usize>(((bytes << 24) * HASH_MULTIPLIER) >>> (64 - HASH_BITS)) << 2);
}

// @ts-ignore: decorator
@inline function insert(p: usize): void {
  const bucket = bucketOf(load<u64>(p));
  store<u32>(bucket, (load<u32>(bucket) << 16) | (<u32>p & 0xffff));
}

/** Inserts p, whose bytes are given, and returns what its bucket held before. */
// @ts-ignore: decorator
@inline function exchange(p: usize, bytes: u64): u32 {
  const bucket = bucketOf(bytes);
  const ways = load<u32>(bucket);
  store<u32>(bucket, (ways << 16) | (<u32>p & 0xffff));
  return ways;
}

/**
 * `length << 16 | (32768 - distance)` of the match of p with a position, of which the low 16 bits count; length at
 * most 16.
 */
// @ts-ignore: decorator
@inline function score(p: usize, position: u32): u32 {
  const distanceLess1 = (p - 1 - position) & (WINDOW_SIZE - 1);
  const equal = <u32>i8x16.bitmask(i8x16.eq(v128.load(p), v128.load(p - 1 - distanceLess1)));
  return (ctz(~equal | 0x10000) << 16) | <u32>(distanceLess1 ^ (WINDOW_SIZE - 1));
}

// @ts-ignore: decorator
@inline function better(p: usize, ways: u32): u32 {
  const first = score(p, ways);
  const second = score(p, ways >>> 16);
  return select(first, second, first > second);
}

/** How many bytes at p equal those at `candidate`, given that the first 16 do; at most 258. */
// @ts-ignore: decorator
@inline function extend(p: usize, candidate: usize): u32 {
  let length: usize = 16;
  while (length < MAX_MATCH) {
    const different = <u32>i8x16.bitmask(i8x16.eq(v128.load(p + length), v128.load(candidate + length))) ^ 0xffff;
    if (different) {
      length += ctz(different);
      break;
    }
    length += 16;
  }
  return min(<u32>length, MAX_MATCH);
}

/** Empties the table, then inserts the `window` bytes before the segment. */
export function primeBuckets(window: usize): void {
  memory.fill(BUCKETS, 0, TABLE_SIZE);
  for (let p = SEGMENT - window; p < SEGMENT; p += PRIME_STEP) insert(p);
}

/**
 * Parses from p until `stop` is reached or passed, never past `end`, the end of the segment. Matches begin no earlier
 * than `start`. Stores tokens at `token`, counts symbols in HISTOGRAM, sets `parsedEnd`, and returns the end of the
 * tokens.
 */
export function parseBuckets(p: usize, stop: usize, end: usize, start: usize, token: usize): usize {
  let literalsFrom = p;
  while (p < stop) {
    const bytes = load<u64>(p, 0), nextBytes = load<u64>(p, 1);
    const ways = exchange(p, bytes), nextWays = exchange(p + 1, nextBytes);
    const followUp = p + 2;
    let best = better(p, ways);
    if (best < MIN_SCORE) {
      best = better(p + 1, nextWays);
      if (best < MIN_SCORE || p + 1 >= stop) {
        if (p + 1 >= end) {
          putLiteral(token, <u32>bytes & 255);
          token += 4;
          p++;
          break;
        }
        putLiterals(token, <u32>bytes & 255, <u32>nextBytes & 255);
        token += 4;
        p += 2;
        for (let skip = min(<u32>(p - literalsFrom) >>> SKIP_SHIFT, SKIP_MAXIMUM); skip > 0 && p + 2 <= stop; skip--) {
          putLiterals(token, load<u8>(p, 0), load<u8>(p, 1));
          token += 4;
          p += 2;
        }
        continue;
      }
      putLiteral(token, <u32>bytes & 255);
      token += 4;
      p++;
    }
    const distanceLess1 = (best & (<u32>WINDOW_SIZE - 1)) ^ (<u32>WINDOW_SIZE - 1);
    const candidate = p - 1 - distanceLess1;
    let length = best >>> 16;
    if (length == 16) length = extend(p, candidate);
    length = min(length, <u32>(end - p));
    if (candidate < start || length < MIN_MATCH) {
      putLiteral(token, load<u8>(p));
      token += 4;
      p++;
      continue;
    }
    putMatch(token, length, distanceLess1);
    token += 4;
    p += length;
    insert(followUp);
    insert(p - 2);
    insert(p - 1);
    literalsFrom = p;
  }
  parsedEnd = p;
  return token;
}
