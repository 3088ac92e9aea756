/**
 * The cheapest path through a segment: from each position a literal leads to the next, and a match of each length that
 * was found leads as far. From the end backwards, the cheapest way from a position to the end is its cheapest first
 * step together with the way from where that leads; this is exact, for the costs that are given (optimal-costs.ts).
 *
 * A match may be shortened to any length from 3 on, so for a length the candidates are all matches at least that
 * long, and the cheapest distance among them is taken: going from the longest match to the shortest, that is a running
 * minimum.
 *
 * COSTS holds the cost of the way from each position, as a key without its length and modulo 2^32. Only differences
 * count, and within 258 positions they stay small: a way from p is at most 257 literals of 15 bits dearer than one from
 * where a match leads, and the reverse. Costs are therefore compared less that of p + 1, plus BIAS.
 *
 * CHOICES holds the first step from each position: a match (optimal-matches.ts) or LITERAL, whose length is 1.
 */
import { CHOICES, COSTS, DIST_COSTS, LENGTH_KEYS, LITERAL_COSTS, MATCH_COUNTS, SEGMENT } from "../memory";
import { KEY_BITS } from "./optimal-costs";
import { distSymbolOf, distanceLess1Of, lengthOf, withLength } from "./optimal-matches";
import { MIN_MATCH } from "./symbols";
import { countWork } from "./work";

/** The choice of a literal. */
export const LITERAL: u32 = 1;

const LENGTH_MASK: u32 = (1 << KEY_BITS) - 1;
/** A key of 4096 bits, above the 3855 of 257 literals. */
const BIAS: u32 = 1 << 29;

/**
 * Lengths from here on are tried four at a time, the lowest of them at least 7: nearer costs were stored so lately that
 * a wide load would have to wait for them.
 */
const WIDE_LENGTH: usize = 10;

/** A match of three bytes from farther away than this is worth less than three literals, more often than not. */
const FAR: u32 = 4096;

// @ts-ignore: decorator
@inline export function choiceAt(p: usize): u32 {
  return load<u32>(CHOICES + ((p - SEGMENT) << 2));
}

// @ts-ignore: decorator
@inline function choose(p: usize, choice: u32): void {
  store<u32>(CHOICES + ((p - SEGMENT) << 2), choice);
}

/**
 * A first path for `length` bytes, without costs: the longest match wherever there is one. `match` is the end of all
 * matches.
 */
export function takeLongest(length: usize, match: usize): void {
  for (let p = SEGMENT + length - 1; p >= SEGMENT; p--) {
    const count: usize = load<u8>(MATCH_COUNTS + (p - SEGMENT));
    let choice = LITERAL;
    if (count) {
      const longest = load<u32>(match - 4);
      if (lengthOf(longest) > MIN_MATCH || distanceLess1Of(longest) < FAR) choice = longest;
    }
    choose(p, choice);
    match -= count << 2;
  }
}

/** Says that the way from the end of a segment of `length` bytes costs nothing. */
export function endPath(length: usize): void {
  store<u32>(COSTS + (length << 2), 0);
}

/**
 * Finds the cheapest ways from the positions before `to` down to `from`, that from `to` on being known. `match` is the
 * end of the matches before `to`; returns the end of those before `from`.
 */
export function findPath(from: usize, to: usize, match: usize): usize {
  let cost = load<u32>(COSTS + ((to - SEGMENT) << 2));
  for (let p = to - 1; p >= from; p--) {
    countWork(1);
    const costs = COSTS + ((p - SEGMENT) << 2);
    const literal = load<u32>(LITERAL_COSTS + (<usize>load<u8>(p) << 2));
    const count: usize = load<u8>(MATCH_COUNTS + (p - SEGMENT));
    if (count == 0) {
      cost += literal;
      choose(p, LITERAL);
    } else {
      const first = match - (count << 2);
      const reference = cost - BIAS;
      const key = min(cheapestMatch(costs, first, match, reference), (literal + BIAS) | LITERAL);
      const length = key & LENGTH_MASK;
      choose(p, length == LITERAL ? LITERAL : cheapestOf(length, first, match));
      cost = (key ^ length) + reference;
      match = first;
    }
    store<u32>(costs, cost);
  }
  return match;
}

/** The least key of a match among those from `first` to `match`, less `reference`. */
// @ts-ignore: decorator
@inline function cheapestMatch(costs: usize, first: usize, match: usize, reference: u32): u32 {
  let key: u32 = -1;
  let distCost: u32 = -1;
  let m = match - 4;
  let candidate = load<u32>(m);
  const wide = <usize>lengthOf(candidate) >= WIDE_LENGTH;
  let keys = i32x4.splat(-1);
  do {
    let length: usize = lengthOf(candidate);
    distCost = min(distCost, load<u32>(DIST_COSTS + (<usize>distSymbolOf(candidate) << 2)));
    m -= 4;
    let shortest: usize = MIN_MATCH;
    if (m >= first) {
      candidate = load<u32>(m);
      shortest = lengthOf(candidate) + 1;
    }
    const constant = distCost - reference;
    if (length >= WIDE_LENGTH) {
      const constants = i32x4.splat(constant);
      // Lengths below `shortest` are no mistake: there, the next match will be no dearer.
      do {
        countWork(1);
        const at = (length - 3) << 2;
        keys = i32x4.min_u(keys, i32x4.add(i32x4.add(v128.load(costs + at), v128.load(LENGTH_KEYS + at)), constants));
        length -= 4;
      } while (length >= WIDE_LENGTH && length >= shortest);
    }
    for (; length >= shortest; length--) {
      countWork(1);
      key = min(key, load<u32>(costs + (length << 2)) + load<u32>(LENGTH_KEYS + (length << 2)) + constant);
    }
  } while (m >= first);
  if (wide) {
    keys = i32x4.min_u(keys, i8x16.shuffle(keys, keys, 8, 9, 10, 11, 12, 13, 14, 15, 0, 1, 2, 3, 4, 5, 6, 7));
    key = min(key, min(<u32>i32x4.extract_lane(keys, 0), <u32>i32x4.extract_lane(keys, 1)));
  }
  return key;
}

/** The match with the cheapest distance, the nearest of several, of at least `length` bytes; shortened to them. */
// @ts-ignore: decorator
@inline function cheapestOf(length: u32, first: usize, match: usize): u32 {
  let least: u32 = -1;
  let choice: u32 = 0;
  for (let m = match - 4; m >= first; m -= 4) {
    const candidate = load<u32>(m);
    if (lengthOf(candidate) < length) break;
    const distCost = load<u32>(DIST_COSTS + (<usize>distSymbolOf(candidate) << 2));
    if (distCost <= least) {
      least = distCost;
      choice = candidate;
    }
  }
  return withLength(choice, length);
}
