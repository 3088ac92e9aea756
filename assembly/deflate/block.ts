/**
 * The block writer: a run of tokens becomes one DEFLATE block of the type that is smallest (RFC 1951, 3.2.3 to 3.2.7).
 *
 * All three sizes are computed exactly, to the bit; on a tie stored wins over fixed and fixed over dynamic, as the
 * cheaper to read.
 */
import {
  BLOCK_HISTOGRAM, CODEWORDS, CODE_LENGTHS, FIXED_CODE_LENGTHS, PRECODE_CODEWORDS, PRECODE_HISTOGRAM,
  PRECODE_ITEMS, PRECODE_LENGTHS,
} from "../memory";
import { alignToByte, bitsToAlignment, putBits, putBytes, putTokens } from "./bits";
import { buildCodeLengths, buildCodewords } from "./huffman";
import {
  DIST, DIST_SYMBOLS, DIST_USED, END_OF_BLOCK, FIRST_LENGTH, LENGTH_SYMBOLS, LITLEN_SYMBOLS, LITLEN_USED,
  distExtraBits, lengthExtraBits,
} from "./symbols";
import { fillTokenTables } from "./tokens";

const STORED: u32 = 0;
const FIXED: u32 = 1;
const DYNAMIC: u32 = 2;
/** BFINAL and BTYPE. */
const HEADER_BITS: u32 = 3;

/** LEN of a stored block has 16 bits. */
const STORED_MAXIMUM: usize = 65535;

const MAX_CODE_BITS: u32 = 15;

const PRECODE_SYMBOLS: u32 = 19;
const PRECODE_MAX_BITS: u32 = 7;
/** The order in which the precode's lengths are sent (RFC 1951, 3.2.7). */
const PRECODE_ORDER: usize = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);
const REPEAT_PREVIOUS: u32 = 16;
const REPEAT_ZERO_SHORT: u32 = 17;
const REPEAT_ZERO_LONG: u32 = 18;

/** HLIT, HDIST and HCLEN with their offsets added back. */
let litlenCount: u32 = 0;
let distCount: u32 = 0;
let precodeCount: u32 = 0;
/** Where the items in PRECODE_ITEMS end. */
let itemsEnd: usize = 0;

/** Builds the dynamic code of the symbols that BLOCK_HISTOGRAM counts, and of one end of block, at CODE_LENGTHS. */
export function buildBlockCode(): void {
  store<u32>(BLOCK_HISTOGRAM + (END_OF_BLOCK << 2), 1);
  memory.fill(CODE_LENGTHS, 0, DIST + DIST_SYMBOLS);
  buildCodeLengths(BLOCK_HISTOGRAM, LITLEN_USED, MAX_CODE_BITS, CODE_LENGTHS);
  buildCodeLengths(BLOCK_HISTOGRAM + (DIST << 2), DIST_USED, MAX_CODE_BITS, CODE_LENGTHS + DIST);
}

/** Returns what `putBlock` would write for `length` bytes whose symbols BLOCK_HISTOGRAM counts, in bits. */
export function measureBlock(length: usize): u32 {
  buildBlockCode();
  const extra = extraBitsCost();
  const dynamic = dynamicHeader() + bodyCost(CODE_LENGTHS);
  return min(storedCost(length), min(dynamic, HEADER_BITS + bodyCost(FIXED_CODE_LENGTHS)) + extra);
}

/**
 * Writes the tokens from `token` to `tokenEnd`, which stand for the bytes from `start` to `end` and whose symbols
 * BLOCK_HISTOGRAM counts, as a block.
 */
export function putBlock(start: usize, end: usize, token: usize, tokenEnd: usize, final: bool): void {
  buildBlockCode();
  const extra = extraBitsCost();
  const dynamic = dynamicHeader() + bodyCost(CODE_LENGTHS) + extra;
  const fixed = HEADER_BITS + bodyCost(FIXED_CODE_LENGTHS) + extra;
  if (storedCost(end - start) <= min(fixed, dynamic)) {
    putStored(start, end - start, final);
    return;
  }
  const lengths = fixed <= dynamic ? FIXED_CODE_LENGTHS : CODE_LENGTHS;
  if (fixed <= dynamic) putBits(u64(final) | (FIXED << 1), HEADER_BITS);
  else putDynamicHeader(final);
  buildCodewords(lengths, LITLEN_SYMBOLS, CODEWORDS);
  buildCodewords(lengths + DIST, DIST_SYMBOLS, CODEWORDS + (DIST << 2));
  fillTokenTables(lengths);
  putTokens(token, tokenEnd);
  putBits(load<u32>(CODEWORDS + (END_OF_BLOCK << 2)), load<u8>(lengths + END_OF_BLOCK));
}

/** Writes bytes as they are, in as many stored blocks as their length needs, at least one. */
export function putStored(pointer: usize, length: usize, final: bool): void {
  do {
    const piece = min(length, STORED_MAXIMUM);
    putBits(u64(final && piece == length) | (STORED << 1), HEADER_BITS);
    alignToByte();
    putBits(<u64>piece | (u64(~<u32>piece & 0xffff) << 16), 32);
    putBytes(pointer, piece);
    pointer += piece;
    length -= piece;
  } while (length > 0);
}

/** Writes a fixed block without content: the shortest end of a stream. */
export function putEmptyFixed(): void {
  putBits(1 | (FIXED << 1), HEADER_BITS);
  putBits(0, load<u8>(FIXED_CODE_LENGTHS + END_OF_BLOCK));
}

function storedCost(length: usize): u32 {
  const blocks = max<u32>(1, <u32>((length + STORED_MAXIMUM - 1) / STORED_MAXIMUM));
  const firstAlignment = (bitsToAlignment() - HEADER_BITS) & 7;
  return (<u32>length << 3) + blocks * (HEADER_BITS + 5 + 32) - 5 + firstAlignment;
}

/** Bits of all codewords that BLOCK_HISTOGRAM counts, in the code whose lengths stand at `lengths`. */
function bodyCost(lengths: usize): u32 {
  let bits: u32 = 0;
  for (let symbol: u32 = 0; symbol < LITLEN_SYMBOLS + DIST_SYMBOLS; symbol++) {
    bits += load<u32>(BLOCK_HISTOGRAM + (symbol << 2)) * load<u8>(lengths + symbol);
  }
  return bits;
}

/** Bits that follow the codewords of lengths and distances, the same in every code. */
function extraBitsCost(): u32 {
  let bits: u32 = 0;
  for (let symbol: u32 = 0; symbol < LENGTH_SYMBOLS; symbol++) {
    bits += load<u32>(BLOCK_HISTOGRAM + ((FIRST_LENGTH + symbol) << 2)) * lengthExtraBits(symbol);
  }
  for (let symbol: u32 = 0; symbol < DIST_USED; symbol++) {
    bits += load<u32>(BLOCK_HISTOGRAM + ((DIST + symbol) << 2)) * distExtraBits(symbol);
  }
  return bits;
}

/** How many of `most` lengths must be sent, at least `least`: trailing zeros need not. */
function significant(lengths: usize, most: u32, least: u32): u32 {
  while (most > least && load<u8>(lengths + most - 1) == 0) most--;
  return most;
}

/** Prepares the header of a dynamic block and returns its size in bits. */
function dynamicHeader(): u32 {
  litlenCount = significant(CODE_LENGTHS, LITLEN_USED, 257);
  distCount = significant(CODE_LENGTHS + DIST, DIST_USED, 1);
  memory.fill(PRECODE_HISTOGRAM, 0, PRECODE_SYMBOLS << 2);
  itemsEnd = PRECODE_ITEMS;
  runLengthCode(CODE_LENGTHS, litlenCount);
  runLengthCode(CODE_LENGTHS + DIST, distCount);
  buildCodeLengths(PRECODE_HISTOGRAM, PRECODE_SYMBOLS, PRECODE_MAX_BITS, PRECODE_LENGTHS);
  precodeCount = PRECODE_SYMBOLS;
  while (precodeCount > 4 && precodeLength(precodeCount - 1) == 0) precodeCount--;
  let bits: u32 = HEADER_BITS + 5 + 5 + 4 + 3 * precodeCount;
  for (let symbol: u32 = 0; symbol < PRECODE_SYMBOLS; symbol++) {
    bits += load<u32>(PRECODE_HISTOGRAM + (symbol << 2)) * (load<u8>(PRECODE_LENGTHS + symbol) + repeatBits(symbol));
  }
  return bits;
}

/** The i-th length of the precode in the order in which they are sent. */
// @ts-ignore: decorator
@inline function precodeLength(i: u32): u32 {
  return load<u8>(PRECODE_LENGTHS + load<u8>(PRECODE_ORDER + i));
}

/** Extra bits of a precode symbol. */
// @ts-ignore: decorator
@inline function repeatBits(symbol: u32): u32 {
  return symbol < REPEAT_PREVIOUS ? 0 : symbol == REPEAT_PREVIOUS ? 2 : symbol == REPEAT_ZERO_SHORT ? 3 : 7;
}

// @ts-ignore: decorator
@inline function putItem(symbol: u32, extra: u32): void {
  const entry = PRECODE_HISTOGRAM + (<usize>symbol << 2);
  store<u32>(entry, load<u32>(entry) + 1);
  store<u16>(itemsEnd, symbol | (extra << 5));
  itemsEnd += 2;
}

/**
 * Appends `count` code lengths to PRECODE_ITEMS. A run may not reach across the two alphabets here, which RFC 1951
 * would allow: it costs at most a few bits.
 */
function runLengthCode(lengths: usize, count: u32): void {
  let i: u32 = 0;
  while (i < count) {
    const length: u32 = load<u8>(lengths + i);
    let run: u32 = 1;
    while (i + run < count && load<u8>(lengths + i + run) == length) run++;
    i += run;
    if (length == 0) {
      for (; run >= 11; run -= min<u32>(run, 138)) putItem(REPEAT_ZERO_LONG, min<u32>(run, 138) - 11);
      if (run >= 3) {
        putItem(REPEAT_ZERO_SHORT, run - 3);
        run = 0;
      }
    } else if (run >= 4) {
      putItem(length, 0);
      run--;
      for (; run >= 3; run -= min<u32>(run, 6)) putItem(REPEAT_PREVIOUS, min<u32>(run, 6) - 3);
    }
    for (; run > 0; run--) putItem(length, 0);
  }
}

function putDynamicHeader(final: bool): void {
  buildCodewords(PRECODE_LENGTHS, PRECODE_SYMBOLS, PRECODE_CODEWORDS);
  putBits(u64(final) | (DYNAMIC << 1), HEADER_BITS);
  putBits((litlenCount - 257) | ((distCount - 1) << 5) | ((precodeCount - 4) << 10), 14);
  for (let i: u32 = 0; i < precodeCount; i++) putBits(precodeLength(i), 3);
  for (let item = PRECODE_ITEMS; item < itemsEnd; item += 2) {
    const symbol: u32 = load<u16>(item) & 31;
    const extra: u32 = load<u16>(item) >>> 5;
    const bits: u32 = load<u8>(PRECODE_LENGTHS + symbol);
    putBits(load<u32>(PRECODE_CODEWORDS + (symbol << 2)) | (extra << bits), bits + repeatBits(symbol));
  }
}
