/**
 * Decoding tables: the next bits of the input, as many as the table has, lead to an entry that says what to do.
 *
 *     bit 31       a literal
 *     bits 16..30  the literal, the base of a length or distance, a precode symbol, or where a subtable begins
 *     bit 14       a subtable follows; this and the next two come with bit 7
 *     bit 13       end of block
 *     bit 12       not a codeword, or a symbol that has no meaning
 *     bits 8..11   of a length or distance, the length of its codeword, less what the table above has taken, and
 *                  ENTRY_SHIFT; for a subtable, the bits it takes
 *     bit 7        anything but a literal, length or distance
 *     bits 0..5    bits to drop: codeword and extra bits
 *
 * A codeword longer than the table's index goes on in a subtable. Eleven bits for litlen and eight for dist are the
 * widths that were fastest on system files and packages; a wider table costs more to build than it saves. How many
 * entries all subtables of a complete code can need at most is known from zlib's `enough`: 2342 for 288 symbols and
 * 11 bits, 402 for 32 symbols and 8 bits.
 *
 * Building: symbols are counted and sorted by length. Codewords of one length are consecutive numbers that stand in
 * the input bit-reversed, so going from one to the next is an increment from the top: below the highest zero bit all
 * is cleared, and it is set. While codewords are shorter than the index, only the part of the table that they fill is
 * written, and doubled whenever the length grows.
 */
import {
  DIST_TABLE, DIST_TEMPLATES, FIXED_CODE_LENGTHS, LENGTH_COUNTS, LENGTH_OFFSETS, LITLEN_TABLE, LITLEN_TEMPLATES,
  PRECODE_TABLE, PRECODE_TEMPLATES, READ_CODE_LENGTHS, READ_PRECODE_LENGTHS, SORTED_SYMBOLS,
} from "../memory";
import {
  DIST, DIST_SYMBOLS, DIST_USED, END_OF_BLOCK, FIRST_LENGTH, LENGTH_SYMBOLS, LITLEN_SYMBOLS, LITLEN_USED,
  distExtraBits, lengthBase, lengthExtraBits,
} from "../deflate/symbols";
import {
  DIST_COUNT, FIXED_TABLES, LITLEN_COUNT, NO_END_OF_BLOCK, NO_FAULT, OVER_SUBSCRIBED, UNDER_SUBSCRIBED,
} from "./state";

export const LITLEN_BITS: u32 = 11;
export const DIST_BITS: u32 = 8;
export const PRECODE_BITS: u32 = 7;
export const PRECODE_SYMBOLS: u32 = 19;

export const LITERAL: u32 = 0x80000000;
export const SUBTABLE: u32 = 0x4000;
export const END: u32 = 0x2000;
export const INVALID: u32 = 0x1000;
export const EXCEPTION: u32 = 0x80;

/** An entry takes so many bytes, as a power of two. */
export const ENTRY_SHIFT: u32 = 2;
/** To be skipped before the extra bits besides the codeword, where the buffer stands as in the fast loop. */
const SKIPPED: u32 = ENTRY_SHIFT << 8;

/** A codeword's length in an entry: to be dropped, and to be skipped before the extra bits. */
const PER_BIT: u32 = 0x101;

const LONGEST_CODEWORD: u32 = 15;

/** What is said of each symbol whatever its codeword: base, extra bits, flags. */
export function templatesInitialize(): void {
  for (let symbol: u32 = 0; symbol < END_OF_BLOCK; symbol++) put(LITLEN_TEMPLATES, symbol, LITERAL | (symbol << 16));
  put(LITLEN_TEMPLATES, END_OF_BLOCK, EXCEPTION | END);
  for (let symbol: u32 = 0; symbol < LENGTH_SYMBOLS; symbol++) {
    put(LITLEN_TEMPLATES, FIRST_LENGTH + symbol, (lengthBase(symbol) << 16) | SKIPPED | lengthExtraBits(symbol));
  }
  for (let symbol = LITLEN_USED; symbol < LITLEN_SYMBOLS; symbol++) {
    put(LITLEN_TEMPLATES, symbol, EXCEPTION | INVALID);
  }
  let base: u32 = 1;
  for (let symbol: u32 = 0; symbol < DIST_USED; symbol++) {
    put(DIST_TEMPLATES, symbol, (base << 16) | SKIPPED | distExtraBits(symbol));
    base += 1 << distExtraBits(symbol);
  }
  for (let symbol = DIST_USED; symbol < DIST_SYMBOLS; symbol++) put(DIST_TEMPLATES, symbol, EXCEPTION | INVALID);
  for (let symbol: u32 = 0; symbol < PRECODE_SYMBOLS; symbol++) put(PRECODE_TEMPLATES, symbol, symbol << 16);
}

/** The table of the precode at READ_PRECODE_LENGTHS, or a fault. */
export function buildPrecode(): u32 {
  return build(
    PRECODE_TABLE, PRECODE_BITS, READ_PRECODE_LENGTHS, PRECODE_SYMBOLS, PRECODE_TEMPLATES, PRECODE_BITS, false,
  );
}

/** The tables of the code at READ_CODE_LENGTHS, or a fault. */
export function buildDynamic(): u32 {
  const litlens = load<u32>(LITLEN_COUNT);
  const dists = load<u32>(DIST_COUNT);
  store<u32>(FIXED_TABLES, 0);
  if (load<u8>(READ_CODE_LENGTHS + END_OF_BLOCK) == 0) return NO_END_OF_BLOCK;
  const fault = buildDist(READ_CODE_LENGTHS + litlens, dists);
  return fault ? fault : buildLitlen(READ_CODE_LENGTHS, litlens);
}

/** The tables of the fixed code (RFC 1951, 3.2.6), unless they stand there already. */
export function buildFixed(): void {
  if (load<u32>(FIXED_TABLES)) return;
  buildDist(FIXED_CODE_LENGTHS + DIST, DIST_SYMBOLS);
  buildLitlen(FIXED_CODE_LENGTHS, LITLEN_SYMBOLS);
  store<u32>(FIXED_TABLES, 1);
}

function buildLitlen(lengths: usize, symbols: u32): u32 {
  return build(LITLEN_TABLE, LITLEN_BITS, lengths, symbols, LITLEN_TEMPLATES, LONGEST_CODEWORD, true);
}

function buildDist(lengths: usize, symbols: u32): u32 {
  return build(DIST_TABLE, DIST_BITS, lengths, symbols, DIST_TEMPLATES, LONGEST_CODEWORD, true);
}

// @ts-ignore: decorator
@inline function put(table: usize, index: u32, entry: u32): void {
  store<u32>(table + (<usize>index << 2), entry);
}

// @ts-ignore: decorator
@inline function get(table: usize, index: u32): u32 {
  return load<u32>(table + (<usize>index << 2));
}

/** The entry of the symbol at a place among the sorted ones. */
// @ts-ignore: decorator
@inline function entryOf(templates: usize, sorted: usize, length: u32): u32 {
  return get(templates, load<u16>(sorted)) + length * PER_BIT;
}

/** The bit-reversed codeword after `codeword`, which isn't the last of its length; `ones` has all bits of it set. */
// @ts-ignore: decorator
@inline function following(codeword: u32, ones: u32): u32 {
  const highestZero: u32 = 1 << (31 - clz<u32>(codeword ^ ones));
  return (codeword & (highestZero - 1)) | highestZero;
}

/**
 * Builds the table of a code. A code of no codeword or of a single one of one bit is incomplete, but allowed where
 * `single` says so (RFC 1951, 3.2.7); its unused codewords lead to INVALID.
 */
function build(
  table: usize, tableBits: u32, lengths: usize, symbols: u32, templates: usize, longest: u32, single: bool,
): u32 {
  memory.fill(LENGTH_COUNTS, 0, 64);
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const count = LENGTH_COUNTS + (<usize>load<u8>(lengths + symbol) << 2);
    store<u32>(count, load<u32>(count) + 1);
  }
  while (longest > 0 && get(LENGTH_COUNTS, longest) == 0) longest--;
  let sorted: u32 = 0;
  let used: u32 = 0;
  for (let length: u32 = 1; length <= longest; length++) {
    const count = get(LENGTH_COUNTS, length);
    put(LENGTH_OFFSETS, length, sorted);
    sorted += count;
    used = (used << 1) + count;
  }
  const all: u32 = 1 << longest;
  if (used > all) return OVER_SUBSCRIBED;
  if (used < all || longest == 0) {
    if (!single || longest > 1) return UNDER_SUBSCRIBED;
    fillSingle(table, tableBits, lengths, longest, templates);
    return NO_FAULT;
  }
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const length = load<u8>(lengths + symbol);
    if (length == 0) continue;
    const place = get(LENGTH_OFFSETS, length);
    put(LENGTH_OFFSETS, length, place + 1);
    store<u16>(SORTED_SYMBOLS + (<usize>place << 1), <u16>symbol);
  }
  fill(table, tableBits, templates, longest);
  return NO_FAULT;
}

/** One codeword, the bit 0, or none. */
function fillSingle(table: usize, tableBits: u32, lengths: usize, longest: u32, templates: usize): void {
  const invalid = EXCEPTION | INVALID | PER_BIT;
  let entry = invalid;
  if (longest == 1) {
    let symbol: u32 = 0;
    while (load<u8>(lengths + symbol) == 0) symbol++;
    entry = get(templates, symbol) + PER_BIT;
  }
  for (let index: u32 = 0; index < 1 << tableBits; index += 2) {
    put(table, index, entry);
    put(table, index + 1, invalid);
  }
}

/** A complete code of at least one bit. */
function fill(table: usize, tableBits: u32, templates: usize, longest: u32): void {
  let sorted = SORTED_SYMBOLS;
  let codeword: u32 = 0;
  let length: u32 = 1;
  let left = get(LENGTH_COUNTS, 1);
  let size: u32 = 2;
  while (length <= tableBits) {
    for (; left > 0; left--) {
      put(table, codeword, entryOf(templates, sorted, length));
      sorted += 2;
      if (codeword == size - 1) {
        for (; length < tableBits; length++, size <<= 1) double(table, size);
        return;
      }
      codeword = following(codeword, size - 1);
    }
    if (++length <= tableBits) {
      double(table, size);
      size <<= 1;
    }
    left = get(LENGTH_COUNTS, length);
  }
  fillSubtables(table, tableBits, templates, longest, sorted, codeword);
}

/** The second half of `2 * size` entries is like the first. */
// @ts-ignore: decorator
@inline function double(table: usize, size: u32): void {
  const half = <usize>size << 2;
  if (half < 16) store<u64>(table + half, load<u64>(table));
  else for (let at: usize = 0; at < half; at += 16) v128.store(table + half + at, v128.load(table + at));
}

/** The codewords from `codeword` on, longer than the table's index: a subtable for each beginning they share. */
function fillSubtables(
  table: usize, tableBits: u32, templates: usize, longest: u32, sorted: usize, codeword: u32,
): void {
  const mask: u32 = (1 << tableBits) - 1;
  let beginning: u32 = -1;
  let start: u32 = 0;
  let end: u32 = 1 << tableBits;
  for (let length = tableBits + 1; length <= longest; length++) {
    const ones: u32 = (1 << length) - 1;
    for (let left = get(LENGTH_COUNTS, length); left > 0; left--) {
      if ((codeword & mask) != beginning) {
        beginning = codeword & mask;
        // As wide as it takes for the codewords to come to fill it.
        let width = length - tableBits;
        let filled = left;
        while (filled < 1 << width) filled = (filled << 1) + get(LENGTH_COUNTS, tableBits + ++width);
        start = end;
        end += 1 << width;
        put(table, beginning, (start << 16) | EXCEPTION | SUBTABLE | (width << 8) | tableBits);
      }
      const entry = entryOf(templates, sorted, length - tableBits);
      sorted += 2;
      const stride: u32 = 1 << (length - tableBits);
      for (let index = start + (codeword >>> tableBits); index < end; index += stride) put(table, index, entry);
      if (codeword == ones) return;
      codeword = following(codeword, ones);
    }
  }
}
