/**
 * What each symbol is taken to cost while the cheapest path is looked for (optimal-path.ts).
 *
 * Before a path exists that could be coded, a symbol costs what the last path's frequencies say, log2(n / f), in
 * fractions of a bit. The whole bits of a Huffman code do nearly as well on system files, but give output larger by
 * 0.2 % on npm packages. Only the last path of all, which will be coded, is found with the lengths of the code it will
 * nearly get: that gains 0.06 % on both.
 *
 * Costs are integers in units of 2^-8 bit, extra bits included, and stand in the upper bits of a *key*, whose low 9
 * bits take the length of the match. So the least of some keys tells both what is cheapest and how long it is.
 */
import { DIST_COSTS, LENGTH_KEYS, LITERAL_COSTS } from "../memory";
import { FRACTION_BITS, LOG2_BITS, log2 } from "./entropy";
import {
  DIST, DIST_SYMBOLS, DIST_USED, END_OF_BLOCK, FIRST_LENGTH, LITLEN_SYMBOLS, MAX_MATCH, MIN_MATCH,
  distExtraBits, lengthExtraBits, lengthSymbol,
} from "./symbols";

/** From bits to keys. */
export const KEY_BITS: u32 = 9;
const BIT_SHIFT: u32 = FRACTION_BITS + KEY_BITS;

/** A symbol that doesn't occur costs a bit more than one that occurs once. */
const ABSENT_COST: u32 = 1 << FRACTION_BITS;
/** No codeword is shorter than a bit, or longer than 15; but what occurs nearly always may be coded nearly for free. */
const LEAST_COST: u32 = 1 << (FRACTION_BITS - 2);
const MOST_COST: u32 = 15 << FRACTION_BITS;

/** Bits that a symbol without a codeword is taken to cost: as much as a rare one's. */
const ABSENT_LITLEN_BITS: u32 = 13;
const ABSENT_DIST_BITS: u32 = 10;

// @ts-ignore: decorator
@inline function logarithm(n: u32): u32 {
  return <u32>(log2(n) >>> (LOG2_BITS - FRACTION_BITS));
}

/** The logarithm of how many symbols of an alphabet were counted, and one. */
function logarithmOfAll(histogram: usize, symbols: u32): u32 {
  let total: u32 = 1;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) total += load<u32>(histogram + (symbol << 2));
  return logarithm(total);
}

function estimatedCost(frequency: u32, logarithmOfAll: u32): u32 {
  const cost = frequency ? logarithmOfAll - logarithm(frequency) : logarithmOfAll + ABSENT_COST;
  return min(max(cost, LEAST_COST), MOST_COST) << KEY_BITS;
}

/** Sets the costs to those of an ideal code for the joint histogram. */
export function estimateCosts(histogram: usize): void {
  const litlen = logarithmOfAll(histogram, LITLEN_SYMBOLS);
  for (let symbol: u32 = 0; symbol < END_OF_BLOCK; symbol++) {
    store<u32>(LITERAL_COSTS + (symbol << 2), estimatedCost(load<u32>(histogram + (symbol << 2)), litlen));
  }
  for (let length = MIN_MATCH; length <= MAX_MATCH; ) {
    const symbol = lengthSymbol(length);
    const frequency = load<u32>(histogram + ((FIRST_LENGTH + symbol) << 2));
    length = putLengthKeys(length, symbol, estimatedCost(frequency, litlen));
  }
  const dists = histogram + (DIST << 2);
  const dist = logarithmOfAll(dists, DIST_SYMBOLS);
  for (let symbol: u32 = 0; symbol < DIST_USED; symbol++) {
    const cost = estimatedCost(load<u32>(dists + (symbol << 2)), dist);
    store<u32>(DIST_COSTS + (symbol << 2), cost + (distExtraBits(symbol) << BIT_SHIFT));
  }
}

// @ts-ignore: decorator
@inline function codewordCost(bits: u32, absent: u32): u32 {
  return (bits ? bits : absent) << BIT_SHIFT;
}

/** Sets the costs to those of the code whose lengths stand at `lengths`. */
export function takeCosts(lengths: usize): void {
  for (let symbol: u32 = 0; symbol < END_OF_BLOCK; symbol++) {
    store<u32>(LITERAL_COSTS + (symbol << 2), codewordCost(load<u8>(lengths + symbol), ABSENT_LITLEN_BITS));
  }
  for (let length = MIN_MATCH; length <= MAX_MATCH; ) {
    const symbol = lengthSymbol(length);
    const bits: u32 = load<u8>(lengths + FIRST_LENGTH + symbol);
    length = putLengthKeys(length, symbol, codewordCost(bits, ABSENT_LITLEN_BITS));
  }
  for (let symbol: u32 = 0; symbol < DIST_USED; symbol++) {
    const cost = codewordCost(load<u8>(lengths + DIST + symbol), ABSENT_DIST_BITS);
    store<u32>(DIST_COSTS + (symbol << 2), cost + (distExtraBits(symbol) << BIT_SHIFT));
  }
}

/** Stores the keys of all lengths from `length` on that have the symbol, and returns the next length. */
function putLengthKeys(length: u32, symbol: u32, cost: u32): u32 {
  const key = cost + (lengthExtraBits(symbol) << BIT_SHIFT);
  do {
    store<u32>(LENGTH_KEYS + (length << 2), key | length);
    length++;
  } while (length <= MAX_MATCH && lengthSymbol(length) == symbol);
  return length;
}
