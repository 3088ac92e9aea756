/**
 * Match finding for levels 10 to 12: for every position of a segment the nearest match of every length, found once,
 * before any of them is chosen.
 *
 * Positions whose next four bytes have the same hash stand in a binary tree, ordered by the bytes that follow (up to
 * 258 of them), with the latest position at the root and every position later than those below it. To insert p is to
 * walk down from the root, splitting the tree into what is less and what is greater than p, and to make these its two
 * branches. On the way the walk meets, nearest first, every position that agrees with p further than all nearer ones
 * do. What agrees with both borders of the walk agrees with everything between them, so comparing starts there.
 *
 * A walk ends when the window does, after DEPTH positions, or at one that agrees in NICE bytes, whose place p then
 * takes: within a run, every tree stays a few positions large. After such a match of p itself the positions that it
 * covers are only inserted: its parts need no matches of their own.
 *
 * Matches of three bytes come from a table of latest positions. With 2^15 entries instead of 2^16 the output is 0.04 %
 * larger on system files.
 *
 * MATCHES holds the matches of each position in ascending order of lengths, and so of distances; MATCH_COUNTS says how
 * many. One match is one u32:
 *
 *     bit   0         9             14                   29
 *           | length  | dist symbol | distance less 1    |
 */
import {
  MATCHES, MATCH_COUNTS, MATCH_TABLES, SEGMENT, SEGMENT_TRIPLES, SEGMENT_TREE, WINDOW_SIZE,
} from "../memory";
import { depthOf, niceLengthOf } from "./levels";
import { MAX_MATCH, MIN_MATCH } from "./symbols";
import { countWork } from "./work";

const LENGTH_MASK: u32 = 511;
const SYMBOL_SHIFT: u32 = 9;
const SYMBOL_MASK: u32 = 31;
const DISTANCE_SHIFT: u32 = 14;

/** The roots of the trees, by a hash of four bytes: u32 addresses, 0 for none. */
const ROOTS: usize = MATCH_TABLES;
const ROOT_HASH_BITS: u32 = 16;
const TRIPLE_HASH_BITS: u32 = 16;
const HASH_MULTIPLIER: u32 = 0x9e3779b1;

/** Branches are kept for the last 2^16 positions, twice the window, so that the farthest one isn't yet overwritten. */
const RING_MASK: usize = 0xffff;

/**
 * Matches that MATCHES has room for, four for each byte of a full segment: twice what system files have, and 1.7 times
 * what npm packages have, at level 12.
 */
const MATCHES_ROOM: u32 = 0x100000;
/** A position keeps its longest matches when it has more than this, or when room runs out. */
const MOST_MATCHES: u32 = 255;

// @ts-ignore: decorator
@inline export function lengthOf(match: u32): u32 {
  return match & LENGTH_MASK;
}

// @ts-ignore: decorator
@inline export function distSymbolOf(match: u32): u32 {
  return (match >>> SYMBOL_SHIFT) & SYMBOL_MASK;
}

// @ts-ignore: decorator
@inline export function distanceLess1Of(match: u32): u32 {
  return match >>> DISTANCE_SHIFT;
}

/** The same match, shortened. */
// @ts-ignore: decorator
@inline export function withLength(match: u32, length: u32): u32 {
  return (match & ~LENGTH_MASK) | length;
}

// @ts-ignore: decorator
@inline function matchOf(length: u32, distanceLess1: u32): u32 {
  const extraBits = 30 - clz(distanceLess1 | 2);
  const symbol = 2 * extraBits + (distanceLess1 >>> extraBits);
  return length | (symbol << SYMBOL_SHIFT) | (distanceLess1 << DISTANCE_SHIFT);
}

/** Where the branches of a position stand: the lesser, then the greater. */
// @ts-ignore: decorator
@inline function branches(p: usize): usize {
  return SEGMENT_TREE + ((p & RING_MASK) << 3);
}

/** How many bytes at p equal those at `other`, given that the first `length` do; at most `most`. */
// @ts-ignore: decorator
@inline function agreement(p: usize, other: usize, length: u32, most: u32): u32 {
  while (length < most) {
    countWork(1);
    const different = <u32>i8x16.bitmask(i8x16.eq(v128.load(p + length), v128.load(other + length))) ^ 0xffff;
    if (different) {
      length += ctz(different);
      break;
    }
    length += 16;
  }
  return min(length, most);
}

/**
 * Inserts p, of whose bytes at most `most` count, and if `record` stores its matches at `out`. None begins before
 * `start`. Returns the end of the matches.
 */
// @ts-ignore: decorator
@inline function insert(
  p: usize, start: usize, most: u32, nice: u32, depth: u32, out: usize, record: bool,
): usize {
  const bytes = load<u32>(p);
  const oldest = max(start, p - WINDOW_SIZE);
  const triple = SEGMENT_TRIPLES + (<usize>(((bytes << 8) * HASH_MULTIPLIER) >>> (32 - TRIPLE_HASH_BITS)) << 2);
  if (record) {
    const other = <usize>load<u32>(triple);
    if (other >= oldest && ((load<u32>(other) ^ bytes) & 0xffffff) == 0) {
      store<u32>(out, matchOf(MIN_MATCH, <u32>(p - other) - 1));
      out += 4;
    }
  }
  store<u32>(triple, <u32>p);
  const root = ROOTS + (<usize>((bytes * HASH_MULTIPLIER) >>> (32 - ROOT_HASH_BITS)) << 2);
  let node: usize = load<u32>(root);
  store<u32>(root, <u32>p);
  let less = branches(p);
  let greater = less + 4;
  let lessLength: u32 = 0;
  let greaterLength: u32 = 0;
  let longest = MIN_MATCH;
  while (node >= oldest && depth-- > 0) {
    countWork(1);
    const length = agreement(p, node, min(lessLength, greaterLength), most);
    if (record && length > longest) {
      longest = length;
      store<u32>(out, matchOf(length, <u32>(p - node) - 1));
      out += 4;
    }
    const own = branches(node);
    if (length >= nice) {
      store<u32>(less, load<u32>(own, 0));
      store<u32>(greater, load<u32>(own, 4));
      return out;
    }
    if (load<u8>(node + length) < load<u8>(p + length)) {
      store<u32>(less, <u32>node);
      less = own + 4;
      node = load<u32>(less);
      lessLength = length;
    } else {
      store<u32>(greater, <u32>node);
      greater = own;
      node = load<u32>(greater);
      greaterLength = length;
    }
  }
  store<u32>(less, 0);
  store<u32>(greater, 0);
  return out;
}

/** Inserts the positions from p to `stop`. */
function insertAll(p: usize, stop: usize, start: usize, end: usize, nice: u32, depth: u32): void {
  for (; p < stop; p++) {
    const most = min(MAX_MATCH, <u32>(end - p));
    insert(p, start, most, min(nice, most), depth, 0, false);
  }
}

/**
 * Finds the matches of the `length` bytes at SEGMENT, in themselves and in the `window` bytes before them, and returns
 * the end of the matches.
 */
export function collectMatches(row: usize, window: usize, length: usize): usize {
  const depth = depthOf(row), nice = niceLengthOf(row);
  memory.fill(ROOTS, 0, 4 << ROOT_HASH_BITS);
  memory.fill(SEGMENT_TRIPLES, 0, 4 << TRIPLE_HASH_BITS);
  memory.fill(MATCH_COUNTS, 0, length);
  const start = SEGMENT - window, end = SEGMENT + length;
  insertAll(start, SEGMENT, start, end, nice, depth);
  let out = MATCHES;
  for (let p = SEGMENT; p + MIN_MATCH <= end; ) {
    const most = min(MAX_MATCH, <u32>(end - p));
    const first = out;
    out = insert(p, start, most, min(nice, most), depth, out, true);
    let count = <u32>((out - first) >>> 2);
    // Room for one match of each position to come is kept.
    const room = min(MOST_MATCHES, MATCHES_ROOM - <u32>((first - MATCHES) >>> 2) - <u32>(end - p));
    if (count > room) {
      memory.copy(first, out - (<usize>room << 2), <usize>room << 2);
      out = first + (<usize>room << 2);
      count = room;
    }
    store<u8>(MATCH_COUNTS + (p - SEGMENT), count);
    const longest: u32 = count ? lengthOf(load<u32>(out - 4)) : 0;
    p++;
    if (longest >= nice) {
      insertAll(p, p + longest - 1, start, end, nice, depth);
      p += longest - 1;
    }
  }
  return out;
}
