/**
 * Match finding for levels 8 and 9: hash chains, all positions that had a hash, one by one, the latest first.
 *
 *     LATEST            u16 for each hash of 4 bytes: the latest position that had it
 *     EARLIER           u16 for each position modulo 32768: the one before it with the same hash
 *     LATEST_OF_THREE   u16 for each hash of 3 bytes: the latest position that had it
 *
 * Positions are addresses modulo 2^16, as in fast.ts. A chain is followed while its distances grow, so an entry that is
 * stale or was never written ends it, if it isn't by chance a candidate like others: comparing the bytes tells.
 *
 * The parse is lazy: a match gives way to a better one that begins one byte later, for which half the DEPTH is looked at,
 * or, at level 9, two bytes later, for which it is a quarter.
 *
 * Measured, on tars of system files and of npm packages:
 * - a DEPTH of 200 instead of 60 makes the output 0.2 and 0.7 % smaller, and is a third slower;
 * - putting off matches of up to 130 bytes instead of 32: 0.1 and 0.02 % smaller, but five times the work at worst.
 */
import { MATCH_TABLES, SEGMENT, WINDOW_SIZE } from "../memory";
import { aheadOf, depthOf, lazyLengthOf, niceLengthOf, primeStepOf } from "./levels";
import { endParse, extend, gain, matchOfThree } from "./match";
import { MIN_MATCH } from "./symbols";
import { putLiteral, putLiterals, putMatch } from "./tokens";
import { countWork } from "./work";

const HASH_BITS: u32 = 16;
const THREE_BITS: u32 = 15;
const HASH_MULTIPLIER: u32 = 0x1e35a7bd;

const LATEST: usize = MATCH_TABLES;
const LATEST_OF_THREE: usize = LATEST + (2 << HASH_BITS);
const EARLIER: usize = LATEST_OF_THREE + (2 << THREE_BITS);
const TABLES_SIZE: usize = EARLIER + 2 * WINDOW_SIZE - MATCH_TABLES;

/** A match of 3 bytes is no farther away than this: one that is farther costs as much as its literals. */
const THREE_FARTHEST: usize = 4096;

// @ts-ignore: decorator
@inline function latestOf(bytes: u32): usize {
  return LATEST + (<usize>((bytes * HASH_MULTIPLIER) >>> (32 - HASH_BITS)) << 1);
}

// @ts-ignore: decorator
@inline function latestOfThree(bytes: u32): usize {
  return LATEST_OF_THREE + (<usize>(((bytes << 8) * HASH_MULTIPLIER) >>> (32 - THREE_BITS)) << 1);
}

// @ts-ignore: decorator
@inline function earlierThan(p: usize): usize {
  return EARLIER + ((p & (WINDOW_SIZE - 1)) << 1);
}

// @ts-ignore: decorator
@inline function insert(p: usize): void {
  const bytes = load<u32>(p);
  const latest = latestOf(bytes);
  store<u16>(earlierThan(p), load<u16>(latest));
  store<u16>(latest, <u16>p);
  store<u16>(latestOfThree(bytes), <u16>p);
}

/**
 * The longest match of p that is longer than `best`, as `length << 16 | distance - 1`, or 0; of equally long ones the
 * nearest. Inserts p. A length of 3 is only looked for when `best` is 0.
 */
function search(p: usize, start: usize, best: u32, depth: u32, nice: u32): u32 {
  const bytes = load<u64>(p);
  const latest = latestOf(<u32>bytes), three = latestOfThree(<u32>bytes);
  const first: usize = load<u16>(latest), firstOfThree: usize = load<u16>(three);
  store<u16>(earlierThan(p), <u16>first);
  store<u16>(latest, <u16>p);
  store<u16>(three, <u16>p);
  const farthest = min<usize>(WINDOW_SIZE, p - start);
  let found: u32 = 0;
  if (best == 0) found = matchOfThree(p, <u32>bytes, firstOfThree, min(farthest, THREE_FARTHEST));
  if (best < MIN_MATCH) best = MIN_MATCH;
  // A longer match agrees in the last four of its bytes, too.
  let last = load<u32>(p + best - 3);
  let distance = (p - first) & 0xffff;
  let previous: usize = 0;
  for (; depth > 0 && distance > previous && distance <= farthest; depth--) {
    countWork(1);
    const candidate = p - distance;
    if (load<u32>(candidate + best - 3) == last) {
      const different = load<u64>(candidate) ^ bytes;
      const length = different ? <u32>(ctz(different) >> 3) : extend(p, candidate, 8);
      if (length > best) {
        best = length;
        found = (length << 16) | <u32>(distance - 1);
        if (length >= nice) break;
        last = load<u32>(p + best - 3);
      }
    }
    previous = distance;
    distance = (p - load<u16>(earlierThan(candidate))) & 0xffff;
  }
  return found;
}

/** Empties the tables, then inserts the `window` bytes before the segment. */
export function primeChains(level: usize, window: usize): void {
  memory.fill(MATCH_TABLES, 0, TABLES_SIZE);
  const step = primeStepOf(level);
  for (let p = SEGMENT - window; p < SEGMENT; p += step) insert(p);
}

/** As `parse` in segment.ts has it. */
export function parseChains(level: usize, p: usize, stop: usize, end: usize, start: usize, token: usize): usize {
  const depth = depthOf(level);
  const nice = niceLengthOf(level);
  const lazy = lazyLengthOf(level);
  const ahead = aheadOf(level);
  while (p < stop) {
    let match = search(p, start, 0, depth, nice);
    if (match == 0) {
      putLiteral(token, load<u8>(p++));
      token += 4;
      continue;
    }
    let next = p + 1;
    while (match >>> 16 < lazy && next < end) {
      const later = search(next++, start, (match >>> 16) - 1, depth >>> 1, nice);
      if (later && gain(match, later) > 2) {
        putLiteral(token, load<u8>(p++));
        token += 4;
        match = later;
        continue;
      }
      if (ahead < 2 || next >= end) break;
      const latest = search(next++, start, (match >>> 16) - 1, depth >>> 2, nice);
      if (latest == 0 || gain(match, latest) <= 6) break;
      putLiterals(token, load<u8>(p, 0), load<u8>(p, 1));
      token += 4;
      p += 2;
      match = latest;
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
    for (; next < p; next++) insert(next);
  }
  endParse(p);
  return token;
}
