/**
 * Match finding for level 2: a hash table of the latest two positions, and a choice between two neighbours.
 *
 * The table has one entry for each hash of 4 bytes: the latest two positions that had it, packed in a u32, the later one
 * lowest; the better counts. Positions and scores are as at level 1 (fast.ts): of a position, the length from one 16-byte
 * comparison, and how near it is.
 *
 * Each step looks at p and at p + 1 together. If neither begins a match of 4 bytes, both are literals. Otherwise the match
 * at p is taken, unless the one at p + 1 is clearly longer: then p is a literal first. That choice is made without a branch:
 * the literal's token is stored in any case, and counts, with its place, only when it is meant.
 *
 * Measured: three positions at each end of a match, not two, and hashes of 4 bytes, not 5, are what makes level 2 smaller than
 * level 1, by 3 and 1.5 % on tars of system files and of npm packages, in 10 to 15 % more time.
 *
 * Probes read up to 16 bytes past what they compare, and past the end of the segment, where zeros stand.
 */
import { MATCH_TABLES, SEGMENT } from "../memory";
import { primeStepOf } from "./levels";
import { endParse, extend, nearnessToDistanceLess1, score } from "./match";
import { MIN_MATCH } from "./symbols";
import { putLiteral, putLiteralIf, putLiterals, putMatch } from "./tokens";
import { countWork } from "./work";

/** u32 for each hash: the latest two positions that had it. */
const LATEST: usize = MATCH_TABLES;

const HASH_BITS: u32 = 15;
const TABLE_SIZE: usize = 4 << HASH_BITS;
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

// @ts-ignore: decorator
@inline function entryOf(bytes: u64): usize {
  return LATEST + (<usize>(((bytes << 32) * HASH_MULTIPLIER) >>> (64 - HASH_BITS)) << 2);
}

/** Inserts p, whose bytes are given, and returns what its entry held before. */
// @ts-ignore: decorator
@inline function exchange(p: usize, bytes: u64): u32 {
  const entry = entryOf(bytes);
  const before = load<u32>(entry);
  store<u32>(entry, (before << 16) | (<u32>p & 0xffff));
  return before;
}

// @ts-ignore: decorator
@inline function insert(p: usize): void {
  exchange(p, load<u64>(p));
}

/** The score of the better of an entry's positions. */
// @ts-ignore: decorator
@inline function bestOf(p: usize, entry: u32): u32 {
  countWork(2);
  const latest = score(p, entry), other = score(p, entry >>> 16);
  return select(latest, other, latest > other);
}

/** Empties the table, then inserts the `window` bytes before the segment. */
export function primePairs(level: usize, window: usize): void {
  const step = primeStepOf(level);
  memory.fill(LATEST, 0, TABLE_SIZE);
  for (let p = SEGMENT - window; p < SEGMENT; p += step) insert(p);
}

/** As `parse` in segment.ts has it. */
export function parsePairs(p: usize, stop: usize, end: usize, start: usize, token: usize): usize {
  let literalsFrom = p;
  while (p < stop) {
    const bytes = load<u64>(p, 0), nextBytes = load<u64>(p, 1);
    const position = exchange(p, bytes), nextPosition = exchange(p + 1, nextBytes);
    const followUp = p + 2;
    const now = bestOf(p, position), later = bestOf(p + 1, nextPosition);
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
    const distanceLess1 = nearnessToDistanceLess1(best & 0xffff);
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
    insert(followUp + 1);
    insert(p - 3);
    insert(p - 2);
    insert(p - 1);
    literalsFrom = p;
  }
  endParse(p);
  return token;
}
