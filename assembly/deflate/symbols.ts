/**
 * The two alphabets of DEFLATE (RFC 1951, 3.2.5) and the fixed code (3.2.6).
 *
 * Histograms, code lengths and codewords of both alphabets stand in one array: litlen symbols from 0, dist symbols
 * from `DIST`.
 */
import { FIXED_CODE_LENGTHS, LENGTH_BASE, LENGTH_EXTRA_BITS, LENGTH_SYMBOL } from "../memory";

/** Literals 0 to 255, end of block 256, lengths 257 to 285; the fixed code also has 286 and 287, which never occur. */
export const LITLEN_SYMBOLS: u32 = 288;
/** Symbols that a dynamic code may use. */
export const LITLEN_USED: u32 = 286;
export const DIST_SYMBOLS: u32 = 32;
export const DIST_USED: u32 = 30;
/** Index of the first dist symbol in the joint arrays. */
export const DIST: u32 = LITLEN_SYMBOLS;
/** Entries of a joint array. */
export const SYMBOLS: u32 = LITLEN_SYMBOLS + DIST_SYMBOLS;

export const END_OF_BLOCK: u32 = 256;
export const FIRST_LENGTH: u32 = 257;
export const LENGTH_SYMBOLS: u32 = 29;

export const MIN_MATCH: u32 = 3;
export const MAX_MATCH: u32 = 258;

/** The length symbol, less 257, of a match of `length` bytes. */
// @ts-ignore: decorator
@inline export function lengthSymbol(length: u32): u32 {
  return load<u8>(LENGTH_SYMBOL - MIN_MATCH + <usize>length);
}

/** The shortest length that a length symbol (less 257) stands for. */
// @ts-ignore: decorator
@inline export function lengthBase(symbol: u32): u32 {
  return load<u16>(LENGTH_BASE + (<usize>symbol << 1));
}

/** How many extra bits follow a length symbol (less 257). */
// @ts-ignore: decorator
@inline export function lengthExtraBits(symbol: u32): u32 {
  return load<u8>(LENGTH_EXTRA_BITS + <usize>symbol);
}

/** How many extra bits follow a dist symbol. */
// @ts-ignore: decorator
@inline export function distExtraBits(symbol: u32): u32 {
  return symbol < 4 ? 0 : (symbol >>> 1) - 1;
}

/** Fills the tables of length symbols and the fixed code. */
export function symbolsInitialize(): void {
  let length = MIN_MATCH;
  for (let symbol: u32 = 0; symbol < LENGTH_SYMBOLS - 1; symbol++) {
    const extraBits: u32 = symbol < 8 ? 0 : (symbol >>> 2) - 1;
    store<u8>(LENGTH_EXTRA_BITS + symbol, extraBits);
    store<u16>(LENGTH_BASE + (symbol << 1), length);
    for (let k: u32 = 0; k < 1 << extraBits; k++) store<u8>(LENGTH_SYMBOL - MIN_MATCH + length++, symbol);
  }
  // The last code of symbol 284 is left to symbol 285, which takes no extra bits.
  store<u8>(LENGTH_EXTRA_BITS + LENGTH_SYMBOLS - 1, 0);
  store<u16>(LENGTH_BASE + ((LENGTH_SYMBOLS - 1) << 1), MAX_MATCH);
  store<u8>(LENGTH_SYMBOL - MIN_MATCH + MAX_MATCH, LENGTH_SYMBOLS - 1);

  memory.fill(FIXED_CODE_LENGTHS, 8, 144);
  memory.fill(FIXED_CODE_LENGTHS + 144, 9, 112);
  memory.fill(FIXED_CODE_LENGTHS + 256, 7, 24);
  memory.fill(FIXED_CODE_LENGTHS + 280, 8, 8);
  memory.fill(FIXED_CODE_LENGTHS + DIST, 5, DIST_SYMBOLS);
}
