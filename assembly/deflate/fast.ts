/**
 * Match finding for levels 1 and 2: a hash table of latest positions, and a choice between two neighbours.
 *
 * At level 1 the table has one entry for each hash of 5 bytes: the latest position that had it, as u16. At level 2 an entry
 * is for a hash of 4 bytes and holds the latest two, the later one lowest; the better counts. Positions are addresses modulo
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
 * - level 2's two positions of 4 bytes, and one more inserted at each end, give output smaller by 3.5 and 2.3 %, and are
 *   10 to 15 % slower;
 * - without the choice between p and p + 1 the output is 0.4 and 1.5 % larger, and nothing is faster.
 *
 * Probes read up to 16 bytes past what they compare, and past the end of the segment, where zeros stand.
 */
import { MATCH_TABLES, SEGMENT } from "../memory";
import { primeStepOf, waysOf } from "./levels";
import { endParse, extend, nearnessToDistanceLess1, score } from "./match";
import { MIN_MATCH } from "./symbols";
import { putLiteral, putLiteralIf, putLiterals, putMatch } from "./tokens";
import { countWork } from "./work";

/** u16 or u32 for each hash: the latest position that had it, or the latest two. */
const LATEST: usize = MATCH_TABLES;

/** Of level 1; level 2 has half as many entries, twice as large. */
const HASH_BITS: u32 = 16;
const TABLE_SIZE: usize = 2 << HASH_BITS;
const HASH_MULTIPLIER: u64 = 0x9e3779b185ebca87;
/** What is shifted out of 8 bytes, so that 5 or 4 are hashed. */
const FIVE_BYTES: u32 = 24;
const FOUR_BYTES: u32 = 32;

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
@inline function entryOf<Entry>(bytes: u64): usize {
  if (sizeof<Entry>() == 2) return LATEST + (<usize>(((bytes << FIVE_BYTES) * HASH_MULTIPLIER) >>> (64 - HASH_BITS)) << 1);
  return LATEST + (<usize>(((bytes << FOUR_BYTES) * HASH_MULTIPLIER) >>> (65 - HASH_BITS)) << 2);
}

/** Inserts p, whose bytes are given, and returns what its entry held before. */
// @ts-ignore: decorator
@inline function exchange<Entry>(p: usize, bytes: u64): u32 {
  const entry = entryOf<Entry>(bytes);
  const before: u32 = load<Entry>(entry);
  if (sizeof<Entry>() == 2) store<u16>(entry, <u16>p);
  else store<u32>(entry, (before << 16) | (<u32>p & 0xffff));
  return before;
}

// @ts-ignore: decorator
@inline function insert<Entry>(p: usize): void {
  exchange<Entry>(p, load<u64>(p));
}

/** The score of the better of an entry's positions. */
// @ts-ignore: decorator
@inline function bestOf<Entry>(p: usize, entry: u32): u32 {
  countWork(<u32>sizeof<Entry>() >>> 1);
  const latest = score(p, entry);
  if (sizeof<Entry>() == 2) return latest;
  const other = score(p, entry >>> 16);
  return select(latest, other, latest > other);
}

/** Empties the table, then inserts the `window` bytes before the segment. */
export function primeFast(level: usize, window: usize): void {
  memory.fill(LATEST, 0, TABLE_SIZE);
  if (waysOf(level) == 1) prime<u16>(primeStepOf(level), window);
  else prime<u32>(primeStepOf(level), window);
}

function prime<Entry>(step: usize, window: usize): void {
  for (let p = SEGMENT - window; p < SEGMENT; p += step) insert<Entry>(p);
}

/** As `parse` in segment.ts has it. */
export function parseFast(level: usize, p: usize, stop: usize, end: usize, start: usize, token: usize): usize {
  if (waysOf(level) == 1) return parse<u16>(p, stop, end, start, token);
  return parse<u32>(p, stop, end, start, token);
}

function parse<Entry>(p: usize, stop: usize, end: usize, start: usize, token: usize): usize {
  let literalsFrom = p;
  while (p < stop) {
    const bytes = load<u64>(p, 0), nextBytes = load<u64>(p, 1);
    const position = exchange<Entry>(p, bytes), nextPosition = exchange<Entry>(p + 1, nextBytes);
    const followUp = p + 2;
    const now = bestOf<Entry>(p, position), later = bestOf<Entry>(p + 1, nextPosition);
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
    insert<Entry>(followUp);
    if (sizeof<Entry>() == 4) {
      insert<Entry>(followUp + 1);
      insert<Entry>(p - 3);
    }
    insert<Entry>(p - 2);
    insert<Entry>(p - 1);
    literalsFrom = p;
  }
  endParse(p);
  return token;
}
