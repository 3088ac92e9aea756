/**
 * Match finding for levels 3 to 5: two tables of buckets, one by 4 bytes and one by 8, and a lazy parse.
 *
 * A bucket is one word that holds the latest positions with its hash, 1, 2 or 4 of them, 16 bits each, the latest lowest: to
 * insert is to shift and add. The table by 4 bytes finds what is short and near; what was crowded out of it by many
 * short matches, but goes on for long, the table by 8 bytes still has.
 *
 *     level      ways by 4 bytes     ways by 8 bytes
 *     3, 4       1                   1
 *     5          2                   4
 *
 * All candidates of a position are compared, 16 bytes each, and scored as in fast.ts: what costs time is branches that can't
 * be foreseen, so the best is chosen without one. Only when it agrees in all 16 bytes, those of the long bucket that do
 * as well are followed to their ends.
 *
 * Measured, on tars of system files and of npm packages:
 * - 8 ways by 4 bytes alone: output larger by 0.1 and 1.3 % than that of 2 and 4, and slower;
 * - 4 ways of each: smaller by 0.3 %, and slower by a tenth;
 * - a match finder that branches on tags (rows.ts) is slower by a third for the same size.
 */
import { MATCH_TABLES, SEGMENT, WINDOW_SIZE } from "../memory";
import { lazyLengthOf, primeStepOf, stepOf, waysOf } from "./levels";
import { endParse, extend, gain, nearnessToDistanceLess1, score } from "./match";
import { MAX_MATCH, MIN_MATCH } from "./symbols";
import { putLiteral, putLiterals, putMatch } from "./tokens";
import { countWork } from "./work";

const HASH_MULTIPLIER: u64 = 0x9e3779b185ebca87;
/** What is shifted out of 8 bytes, so that 4 are hashed. */
const FOUR_BYTES: u32 = 32;

/** Room for each table: as much as 2^15 buckets of two ways, or 2^14 of four, need; of one way there are 2^15, too. */
const TABLE_SIZE: usize = 0x20000;
const SHORT_TABLE: usize = MATCH_TABLES;
const LONG_TABLE: usize = MATCH_TABLES + TABLE_SIZE;

/** A score below this is no match. */
const MIN_SCORE: u32 = 4 << 16;

/** After 2^6 bytes without a match, more and more are passed over unseen, at most 16 pairs at a time. */
const SKIP_SHIFT: u32 = 6;
const SKIP_MAXIMUM: u32 = 16;

// @ts-ignore: decorator
@inline function hashBits<Bucket>(): u32 {
  return sizeof<Bucket>() == 8 ? 14 : 15;
}

// @ts-ignore: decorator
@inline function bucketOf<Bucket>(table: usize, bytes: u64): usize {
  return table + (<usize>((bytes * HASH_MULTIPLIER) >>> (64 - hashBits<Bucket>())) << ctz<usize>(sizeof<Bucket>()));
}

// @ts-ignore: decorator
@inline function push<Bucket>(bucket: usize, p: usize): void {
  if (sizeof<Bucket>() == 2) store<u16>(bucket, <u16>p);
  else if (sizeof<Bucket>() == 4) store<u32>(bucket, (load<u32>(bucket) << 16) | (<u32>p & 0xffff));
  else store<u64>(bucket, (load<u64>(bucket) << 16) | <u64>(<u32>p & 0xffff));
}

// @ts-ignore: decorator
@inline function insert<Short, Long>(p: usize): void {
  const bytes = load<u64>(p);
  push<Short>(bucketOf<Short>(SHORT_TABLE, bytes << FOUR_BYTES), p);
  push<Long>(bucketOf<Long>(LONG_TABLE, bytes), p);
}

// @ts-ignore: decorator
@inline function better(a: u32, b: u32): u32 {
  return select(a, b, a > b);
}

/** The best score of a bucket's positions. */
// @ts-ignore: decorator
@inline function bestOf<Bucket>(p: usize, bucket: usize): u32 {
  countWork(<u32>sizeof<Bucket>() >>> 1);
  if (sizeof<Bucket>() == 2) return score(p, load<u16>(bucket));
  if (sizeof<Bucket>() == 4) return better(score(p, load<u16>(bucket)), score(p, load<u16>(bucket, 2)));
  return better(
    better(score(p, load<u16>(bucket)), score(p, load<u16>(bucket, 2))),
    better(score(p, load<u16>(bucket, 4)), score(p, load<u16>(bucket, 6))),
  );
}

/** The best match of p, `length << 16 | nearness` with its whole length, up to 258. Inserts p. */
// @ts-ignore: decorator
@inline function search<Short, Long>(p: usize): u32 {
  const bytes = load<u64>(p);
  const short = bucketOf<Short>(SHORT_TABLE, bytes << FOUR_BYTES), long = bucketOf<Long>(LONG_TABLE, bytes);
  let best = better(bestOf<Short>(p, short), bestOf<Long>(p, long));
  if (best >>> 16 == 16) best = longest<Long>(p, long, best);
  push<Short>(short, p);
  push<Long>(long, p);
  return best;
}

/** The longest of the match that scored best, with 16 bytes, and those in the bucket. */
function longest<Long>(p: usize, bucket: usize, best: u32): u32 {
  let nearness = best & 0xffff;
  let length = extend(p, p - 1 - nearnessToDistanceLess1(nearness), 16);
  for (let way: usize = 0; way < sizeof<Long>() && length < MAX_MATCH; way += 2) {
    countWork(1);
    const distanceLess1 = (p - 1 - load<u16>(bucket + way)) & (WINDOW_SIZE - 1);
    const candidate = p - 1 - distanceLess1;
    if (load<u32>(candidate + length - 3) == load<u32>(p + length - 3)) {
      const other = extend(p, candidate, 0);
      if (other > length) {
        length = other;
        nearness = <u32>distanceLess1 ^ (<u32>WINDOW_SIZE - 1);
      }
    }
  }
  return (length << 16) | nearness;
}

/** Whether the match at p gives way to the one at p + 1, both scored: it must be no shorter, and gain. */
// @ts-ignore: decorator
@inline function givesWay(now: u32, later: u32): bool {
  return later >>> 16 >= now >>> 16 && gain(now ^ (<u32>WINDOW_SIZE - 1), later ^ (<u32>WINDOW_SIZE - 1)) > 2;
}

/** Empties the tables, then inserts the `window` bytes before the segment. */
export function primeBuckets(level: usize, window: usize): void {
  memory.fill(MATCH_TABLES, 0, 2 * TABLE_SIZE);
  if (waysOf(level) == 1) prime<u16, u16>(primeStepOf(level), window);
  else prime<u32, u64>(primeStepOf(level), window);
}

function prime<Short, Long>(step: usize, window: usize): void {
  for (let p = SEGMENT - window; p < SEGMENT; p += step) insert<Short, Long>(p);
}

/** As `parse` in segment.ts has it. */
export function parseBuckets(
  level: usize, p: usize, stop: usize, end: usize, start: usize, token: usize,
): usize {
  if (waysOf(level) == 1) return parse<u16, u16>(level, p, stop, end, start, token);
  return parse<u32, u64>(level, p, stop, end, start, token);
}

function parse<Short, Long>(
  level: usize, p: usize, stop: usize, end: usize, start: usize, token: usize,
): usize {
  const lazy = lazyLengthOf(level) << 16;
  const step = stepOf(level);
  let literalsFrom = p;
  while (p < stop) {
    let now = search<Short, Long>(p);
    let later = p + 1 < stop ? search<Short, Long>(p + 1) : 0;
    if (max(now, later) < MIN_SCORE) {
      if (p + 1 >= end) {
        putLiteral(token, load<u8>(p++));
        token += 4;
        break;
      }
      putLiterals(token, load<u8>(p, 0), load<u8>(p, 1));
      token += 4;
      p += 2;
      for (let skip = min(<u32>(p - literalsFrom) >>> SKIP_SHIFT, SKIP_MAXIMUM); skip > 0 && p + 2 <= stop; skip--) {
        putLiterals(token, load<u8>(p, 0), load<u8>(p, 1));
        token += 4;
        p += 2;
      }
      continue;
    }
    while (now < MIN_SCORE || (now < lazy && givesWay(now, later))) {
      putLiteral(token, load<u8>(p++));
      token += 4;
      now = later;
      later = p + 1 < stop ? search<Short, Long>(p + 1) : 0;
    }
    const distanceLess1 = nearnessToDistanceLess1(now & 0xffff);
    const length = min(now >>> 16, <u32>(end - p));
    if (p - 1 - distanceLess1 < start || length < MIN_MATCH) {
      // Two bytes, not one: p + 1 has been inserted, and would find itself.
      if (p + 1 < end) putLiterals(token, load<u8>(p, 0), load<u8>(p, 1));
      else putLiteral(token, load<u8>(p));
      token += 4;
      p = min(p + 2, end);
      continue;
    }
    putMatch(token, length, <u32>distanceLess1);
    token += 4;
    const next = p + length;
    if (step) for (p += 2; p < next; p += step) insert<Short, Long>(p);
    else {
      insert<Short, Long>(p + 2);
      insert<Short, Long>(next - 2);
      insert<Short, Long>(next - 1);
    }
    p = next;
    literalsFrom = p;
  }
  endParse(p);
  return token;
}
