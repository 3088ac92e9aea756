/**
 * Match finding for level 1: a hash table of latest positions, and a choice between two neighbours.
 *
 * The table has one entry for each hash of 5 bytes: the latest position that had it, as u16. Positions are addresses modulo
 * 2^16 and never need rebasing: whatever an entry holds, `((p - 1 - entry) & 32767) + 1` is a distance that can be read,
 * and comparing the bytes there tells whether it is a match. A match scores `length << 16 | nearness`, the length from
 * one 16-byte comparison.
 *
 * Each step looks at p and at p + 1 together. If neither begins a match of 4 bytes, both are literals. Otherwise the match
 * at p is taken, unless the one at p + 1 is clearly longer: then p is a literal first. What costs time is
 * branches that can't be foreseen, so that choice is made without one: the literal's token is stored in any case, and
 * counts, with its place, only when it is meant.
 *
 * Measured, on tars of system files and of npm packages:
 * - hashing 5 bytes, not 4, and inserting only three positions at the start and two at the end of a match gain the most;
 * - two positions an entry, the better one taken, give output smaller by 0.8 and 1.5 %, and are 10 to 15 % slower;
 * - without the choice between p and p + 1 the output is 0.4 and 1.5 % larger, and nothing is faster.
 *
 * Probes read up to 16 bytes past what they compare, and past the end of the segment, where zeros stand.
 */
import { MATCH_TABLES, SEGMENT, WINDOW_SIZE } from "../memory";
import { endParse, extend } from "./match";
import { MIN_MATCH } from "./symbols";
import { putLiteral, putLiteralIf, putLiterals, putMatch } from "./tokens";
import { countWork } from "./work";

/** u16 for each hash: the latest position that had it. */
const LATEST: usize = MATCH_TABLES;

const HASH_BITS: u32 = 16;
const TABLE_SIZE: usize = 2 << HASH_BITS;
const HASH_MULTIPLIER: u64 = 0x9e3779b185ebca87;

/** A score below this is no match: shorter matches seldom pay at this level. */
const MIN_SCORE: u32 = 4 << 16;

/**
 * The match at p + 1 is taken when its score is above that at p by more than this: when it is three bytes longer, or two
 * and no farther away.
 */
const DEFER_GAIN: u32 = (1 << 16) + 0xffff;

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

// @ts-ignore: decorator
@inline function entryOf(bytes: u64): usize {
  return LATEST + (<usize>(((bytes << 24) * HASH_MULTIPLIER) >>> (64 - HASH_BITS)) << 1);
}

// @ts-ignore: decorator
@inline function insert(p: usize): void {
  store<u16>(entryOf(load<u64>(p)), <u16>p);
}

/** Inserts p, whose bytes are given, and returns what its entry held before. */
// @ts-ignore: decorator
@inline function exchange(p: usize, bytes: u64): u32 {
  const entry = entryOf(bytes);
  const position: u32 = load<u16>(entry);
  store<u16>(entry, <u16>p);
  return position;
}

/** `length << 16 | (32768 - distance)` of the match of p with a position, modulo 2^16; length at most 16. */
// @ts-ignore: decorator
@inline function score(p: usize, position: u32): u32 {
  const distanceLess1 = (p - 1 - position) & (WINDOW_SIZE - 1);
  const equal = <u32>i8x16.bitmask(i8x16.eq(v128.load(p), v128.load(p - 1 - distanceLess1)));
  return (ctz(~equal | 0x10000) << 16) | <u32>(distanceLess1 ^ (WINDOW_SIZE - 1));
}

/** Empties the table, then inserts the `window` bytes before the segment. */
export function primeFast(window: usize): void {
  memory.fill(LATEST, 0, TABLE_SIZE);
  for (let p = SEGMENT - window; p < SEGMENT; p += PRIME_STEP) insert(p);
}

/**
 * Parses from p until `stop` is reached or passed, never past `end`, the end of the segment. Matches begin no earlier
 * than `start`. Stores tokens at `token`, counts symbols in HISTOGRAM, sets `parsedEnd` (match.ts), and returns the
 * end of the tokens.
 */
export function parseFast(p: usize, stop: usize, end: usize, start: usize, token: usize): usize {
  let literalsFrom = p;
  while (p < stop) {
    const bytes = load<u64>(p, 0), nextBytes = load<u64>(p, 1);
    const position = exchange(p, bytes), nextPosition = exchange(p + 1, nextBytes);
    countWork(2);
    const followUp = p + 2;
    const now = score(p, position), later = score(p + 1, nextPosition);
    // MIN_SCORE is a power of two: the union is below it when both are.
    if ((now | later) < MIN_SCORE || p + 1 >= stop) {
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
    const defer = u32(now < MIN_SCORE) | u32(later > now + DEFER_GAIN);
    putLiteralIf(defer, token, <u32>bytes & 255);
    token += defer << 2;
    p += defer;
    const best = now ^ ((now ^ later) & -defer);
    const distanceLess1 = (best & (<u32>WINDOW_SIZE - 1)) ^ (<u32>WINDOW_SIZE - 1);
    const candidate = p - 1 - distanceLess1;
    let length = best >>> 16;
    if (length == 16) length = extend(p, candidate, 16);
    length = min(length, <u32>(end - p));
    if (candidate < start || length < MIN_MATCH) {
      // Two bytes, not one: p + 1 has been inserted, and would find itself.
      if (p + 1 < end) putLiterals(token, load<u8>(p, 0), load<u8>(p, 1));
      else putLiteral(token, load<u8>(p));
      token += 4;
      p = min(p + 2, end);
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
  endParse(p);
  return token;
}
