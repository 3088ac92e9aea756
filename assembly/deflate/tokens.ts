/**
 * Tokens: what the match finder hands to the block writer, one u32 each.
 *
 *     bit   0         10          19                32
 *           | first   | second    | extra bits      |
 *
 *     two literals         a               256 + b          0
 *     one literal          a               NOTHING          0
 *     a match              254 + length    dist symbol      distance - base of the dist symbol
 *
 * Both halves index tables that hold, for the block at hand, the codeword with the extra bits of the length already
 * in place and the number of bits, so that writing a token takes no branch and one store (bits.ts).
 *
 *     FIRST_HALF[first]     u32 bits, u8 their number
 *     SECOND_HALF[second]   u32 the codeword, u8 its length, u8 the number of all its bits
 *
 * What is asked for apart is stored apart: a load takes one instruction, a field of a word three.
 */
import { CODEWORDS, FIRST_HALF, HISTOGRAM, SECOND_HALF } from "../memory";
import {
  DIST, DIST_USED, END_OF_BLOCK, FIRST_LENGTH, MAX_MATCH, MIN_MATCH,
  distExtraBits, lengthBase, lengthExtraBits, lengthSymbol,
} from "./symbols";

/** The second half of a token that has none. */
const NOTHING: u32 = 31;
/** From a match length to its index in FIRST_HALF. */
const LENGTH_INDEX: u32 = 254;

// @ts-ignore: decorator
@inline function count(symbol: u32): void {
  const entry = HISTOGRAM + (<usize>symbol << 2);
  store<u32>(entry, load<u32>(entry) + 1);
}

/** Whether n is greater than 0, n from -4 to 5, at WITHIN + 4 + n: the fewest instructions, where flags are many. */
const WITHIN: usize = memory.data<u8>([0, 0, 0, 0, 0, 1, 1, 1, 1, 1]);

/** Counts a symbol if `condition` is 1, not 0. */
// @ts-ignore: decorator
@inline function countIf(condition: u32, symbol: u32): void {
  const entry = HISTOGRAM + (<usize>symbol << 2);
  store<u32>(entry, load<u32>(entry) + condition);
}

// @ts-ignore: decorator
@inline function singleOf(a: u32): u32 {
  return a + (NOTHING << 10);
}

// @ts-ignore: decorator
@inline function pairOf(a: u32, b: u32): u32 {
  return a + ((256 + b) << 10);
}

/** Stores one literal at `token`, and counts it. */
// @ts-ignore: decorator
@inline export function putLiteral(token: usize, a: u32): void {
  count(a);
  store<u32>(token, singleOf(a));
}

/** Stores one literal, and counts it only if `condition` is 1, not 0: without a branch. */
// @ts-ignore: decorator
@inline export function putLiteralIf(condition: u32, token: usize, a: u32): void {
  countIf(condition, a);
  store<u32>(token, singleOf(a));
}

/**
 * Stores the first `literals` of the five at p, 0 to 5, counts them, and returns the end of their tokens: without a
 * branch. What is stored beyond that end is to be overwritten.
 */
// @ts-ignore: decorator
@inline export function putUpTo5Literals(token: usize, literals: u32, p: usize): usize {
  const a: u32 = load<u8>(p, 0), b: u32 = load<u8>(p, 1), c: u32 = load<u8>(p, 2);
  const d: u32 = load<u8>(p, 3), e: u32 = load<u8>(p, 4);
  countIf(load<u8>(WITHIN + literals, 4), a);
  countIf(load<u8>(WITHIN + literals, 3), b);
  countIf(load<u8>(WITHIN + literals, 2), c);
  countIf(load<u8>(WITHIN + literals, 1), d);
  countIf(load<u8>(WITHIN + literals, 0), e);
  store<u32>(token, select(pairOf(a, b), singleOf(a), literals > 1), 0);
  store<u32>(token, select(pairOf(c, d), singleOf(c), literals > 3), 4);
  store<u32>(token, singleOf(e), 8);
  return token + (((<usize>literals + 1) >>> 1) << 2);
}

/** Stores two literals as one token, and counts them. */
// @ts-ignore: decorator
@inline export function putLiterals(token: usize, a: u32, b: u32): void {
  count(a);
  count(b);
  store<u32>(token, pairOf(a, b));
}

/** Stores a match, `length` bytes from `distanceLess1` + 1 bytes back, and counts its two symbols. */
// @ts-ignore: decorator
@inline export function putMatch(token: usize, length: u32, distanceLess1: u32): void {
  const extraBits = 30 - clz(distanceLess1 | 2);
  const symbol = 2 * extraBits + (distanceLess1 >>> extraBits);
  count(FIRST_LENGTH + lengthSymbol(length));
  count(DIST + symbol);
  store<u32>(token, (LENGTH_INDEX + length) | (symbol << 10) | ((distanceLess1 & ((1 << extraBits) - 1)) << 19));
}

// @ts-ignore: decorator
@inline function putFirst(first: u32, bits: u32, count: u32): void {
  store<u64>(FIRST_HALF + (<usize>first << 3), <u64>bits | (<u64>count << 32));
}

// @ts-ignore: decorator
@inline function putSecond(second: u32, codeword: u32, length: u32, count: u32): void {
  store<u64>(SECOND_HALF + (<usize>second << 3), <u64>codeword | (<u64>(length | (count << 8)) << 32));
}

/** Fills both tables for the code whose lengths stand at `lengths` and whose codewords in CODEWORDS. */
export function fillTokenTables(lengths: usize): void {
  for (let symbol: u32 = 0; symbol < END_OF_BLOCK; symbol++) {
    const bits: u32 = load<u8>(lengths + symbol);
    const codeword = load<u32>(CODEWORDS + (symbol << 2));
    putFirst(symbol, codeword, bits);
    putSecond(256 + symbol, codeword, bits, bits);
  }
  for (let length = MIN_MATCH; length <= MAX_MATCH; length++) {
    const symbol = lengthSymbol(length);
    const bits: u32 = load<u8>(lengths + FIRST_LENGTH + symbol);
    const codeword = load<u32>(CODEWORDS + ((FIRST_LENGTH + symbol) << 2));
    const extra = (length - lengthBase(symbol)) << bits;
    putFirst(LENGTH_INDEX + length, codeword | extra, bits + lengthExtraBits(symbol));
  }
  for (let symbol: u32 = 0; symbol < DIST_USED; symbol++) {
    const bits: u32 = load<u8>(lengths + DIST + symbol);
    const codeword = load<u32>(CODEWORDS + ((DIST + symbol) << 2));
    putSecond(symbol, codeword, bits, bits + distExtraBits(symbol));
  }
  putSecond(NOTHING, 0, 0, 0);
}
