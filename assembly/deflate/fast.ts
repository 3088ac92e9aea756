/**
 * Match finding for level 1: a hash table of latest positions, and a choice among four neighbours.
 *
 * The table has one entry for each hash of 5 bytes: the latest position that had it, as u16. Positions are addresses modulo
 * 2^16 and never need rebasing: whatever an entry holds, `((p - 1 - entry) & 32767) + 1` is a distance that can be read,
 * and comparing the bytes there tells whether it is a match. A match scores `length << 16 | nearness`, the length from
 * one 16-byte comparison.
 *
 * Each step looks at four positions at once. If none begins a match of 4 bytes, all four are literals. Otherwise the one
 * is taken whose match is longest, where each position that it lies further ahead costs it a byte; what is before it
 * becomes literals. What costs time is the wait for one match before the next can be looked for, and branches that
 * can't be foreseen, so four look-ups go on side by side, and the choice is made without a branch: the literals'
 * tokens are stored in any case, and count, with their place, only as far as they are meant.
 *
 * Measured, on tars of system files and of npm packages:
 * - hashing 5 bytes, not 4, and inserting only a few positions at the start and two at the end of a match gain the most;
 * - four positions a step, not two, are 3 to 5 % faster, and the output is 0.5 and 1 % smaller; three gain half of that;
 * - a table of 64 KiB, not 128, costs 0.3 % of size and gains 3 to 5 %; one of 32 KiB gains nothing more;
 * - two positions an entry, the better one taken, give output smaller by 0.8 and 1.5 %, and are 10 to 15 % slower;
 * - looking at every other position ahead of the parse, which waits for nothing, is not faster: most of what it finds is
 *   passed over.
 *
 * Probes read up to 16 bytes past what they compare, and past the end of the segment, where zeros stand.
 */
import { MATCH_TABLES, SEGMENT, WINDOW_SIZE } from "../memory";
import { primeStepOf } from "./levels";
import { endParse, extend } from "./match";
import { MIN_MATCH } from "./symbols";
import { putLiteral, putLiterals, putMatch, putUpTo3Literals } from "./tokens";
import { countWork } from "./work";

/** u16 for each hash: the latest position that had it. */
const LATEST: usize = MATCH_TABLES;

const HASH_BITS: u32 = 15;
const TABLE_SIZE: usize = 2 << HASH_BITS;
const HASH_MULTIPLIER: u64 = 0x9e3779b185ebca87;

/** Positions that a step looks at. */
const REACH: usize = 4;

/** A score below this is no match: shorter matches seldom pay at this level. */
const MIN_SCORE: u32 = 4 << 18;

/** What a match gains for each position that it begins earlier: a byte of length; and how many these are, in bits 0 and 1. */
const EARLIER: u32 = (1 << 18) | 1;

/**
 * After 2^6 bytes of literals in a row, more and more of them are passed over unseen, at most 16 pairs at a time:
 * incompressible data is left quickly.
 */
const SKIP_SHIFT: u32 = 6;
const SKIP_MAXIMUM: u32 = 16;

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

/** `length << 18 | (32768 - distance) << 2` of the match of p with a position, modulo 2^16; length at most 16. */
// @ts-ignore: decorator
@inline function score(p: usize, position: u32): u32 {
  const distanceLess1 = (p - 1 - position) & (WINDOW_SIZE - 1);
  const equal = <u32>i8x16.bitmask(i8x16.eq(v128.load(p), v128.load(p - 1 - distanceLess1)));
  return (ctz(~equal | 0x10000) << 18) | (<u32>(distanceLess1 ^ (WINDOW_SIZE - 1)) << 2);
}

/** The score with what it gains for beginning `positions` earlier than the last of a step; 0 if it is no match. */
// @ts-ignore: decorator
@inline function rated(score: u32, positions: u32): u32 {
  return (score + positions * EARLIER) & -u32(score >= MIN_SCORE);
}

/** The greater of two ratings, both below 2^31, without a branch. */
// @ts-ignore: decorator
@inline function greater(a: u32, b: u32): u32 {
  const difference = <i32>(a - b);
  return a - <u32>(difference & (difference >> 31));
}

/** Empties the table, then inserts the `window` bytes before the segment. */
export function primeFast(level: usize, window: usize): void {
  const step = primeStepOf(level);
  memory.fill(LATEST, 0, TABLE_SIZE);
  for (let p = SEGMENT - window; p < SEGMENT; p += step) insert(p);
}

/** As `parse` in segment.ts has it; it may also end before `stop`, by fewer positions than a step looks at. */
export function parseFast(p: usize, stop: usize, end: usize, start: usize, token: usize): usize {
  let literalsFrom = p;
  while (p + REACH <= stop) {
    countWork(<u32>REACH);
    const bytes0 = load<u64>(p, 0), bytes1 = load<u64>(p, 1), bytes2 = load<u64>(p, 2), bytes3 = load<u64>(p, 3);
    const position0 = exchange(p, bytes0), position1 = exchange(p + 1, bytes1);
    const position2 = exchange(p + 2, bytes2), position3 = exchange(p + 3, bytes3);
    const score0 = score(p, position0), score1 = score(p + 1, position1);
    const score2 = score(p + 2, position2), score3 = score(p + 3, position3);
    const literal0 = <u32>bytes0 & 255, literal1 = <u32>bytes1 & 255, literal2 = <u32>bytes2 & 255;
    // MIN_SCORE is a power of two: the union is below it when all are.
    if ((score0 | score1 | score2 | score3) < MIN_SCORE) {
      putLiterals(token, literal0, literal1);
      putLiterals(token + 4, literal2, <u32>bytes3 & 255);
      token += 8;
      p += REACH;
      for (let skip = min(<u32>(p - literalsFrom) >>> SKIP_SHIFT, SKIP_MAXIMUM); skip > 0 && p + 2 <= stop; skip--) {
        putLiterals(token, load<u8>(p, 0), load<u8>(p, 1));
        token += 4;
        p += 2;
      }
      continue;
    }
    const best = greater(
      greater(rated(score0, 3), rated(score1, 2)),
      greater(rated(score2, 1), rated(score3, 0)),
    );
    const next = p + REACH;
    const left = best & 3, literals = 3 - left;
    token = putUpTo3Literals(token, literals, literal0, literal1, literal2);
    p += literals;
    const distanceLess1 = ((best >>> 2) & (<u32>WINDOW_SIZE - 1)) ^ (<u32>WINDOW_SIZE - 1);
    const candidate = p - 1 - distanceLess1;
    let length = (best >>> 18) - left;
    if (length == 16) length = extend(p, candidate, 16);
    length = min(length, <u32>(end - p));
    if (candidate < start || length < MIN_MATCH) {
      // All four, not one: those that have been inserted would find themselves.
      for (; p < next; p++) {
        putLiteral(token, load<u8>(p));
        token += 4;
      }
      continue;
    }
    putMatch(token, length, distanceLess1);
    token += 4;
    p += length;
    insert(p - 2);
    insert(p - 1);
    literalsFrom = p;
  }
  for (; stop == end && p < end; p++) {
    putLiteral(token, load<u8>(p));
    token += 4;
  }
  endParse(p);
  return token;
}
