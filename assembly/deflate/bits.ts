/**
 * The bit writer: DEFLATE packs bits from the least significant end of each byte (RFC 1951, 3.1.1).
 *
 * Up to 7 bits wait in `bitBuffer`; whole bytes are stored at once, eight at a time, of which only the complete ones
 * count. Every store therefore writes up to 7 bytes past the position, into room that the output region keeps.
 */

import { FIRST_HALF, SECOND_HALF } from "../memory";

/** Where the next whole byte goes. */
export let outputPosition: usize = 0;
let bitBuffer: u64 = 0;
/** Bits waiting in `bitBuffer`, at most 7. */
let bitCount: u32 = 0;

/** Starts writing at an address, on a byte boundary. */
export function startBits(position: usize): void {
  outputPosition = position;
  bitBuffer = 0;
  bitCount = 0;
}

/** Bits that a byte alignment would add now. */
// @ts-ignore: decorator
@inline export function bitsToAlignment(): u32 {
  return -bitCount & 7;
}

/** Writes the low `count` bits of `bits`, at most 57; bits above them must be zero. */
export function putBits(bits: u64, count: u32): void {
  bitBuffer |= bits << bitCount;
  bitCount += count;
  store<u64>(outputPosition, bitBuffer);
  outputPosition += bitCount >>> 3;
  bitBuffer >>= bitCount & 56;
  bitCount &= 7;
}

/** Fills the current byte with zero bits. */
export function alignToByte(): void {
  if (bitCount) putBits(0, 8 - bitCount);
}

/** Copies whole bytes; the writer must stand on a byte boundary. */
export function putBytes(pointer: usize, length: usize): void {
  memory.copy(outputPosition, pointer, length);
  outputPosition += length;
}

/**
 * Writes a token where `at`, an address in bits, says, behind the bits that the byte there has already, and returns where
 * the next goes. These bits come from memory: to shift them out of a word that is kept takes more instructions, and waits
 * as long. At most 55 bits: two codewords of 15 bits, 5 and 13 extra bits, and 7 that are there.
 */
// @ts-ignore: decorator
@inline function putToken(at: usize, token: u32): usize {
  const first: usize = (token << 3) & (1023 << 3);
  const second: usize = (token >>> 7) & (511 << 3);
  const firstCount: u32 = load<u8>(first, FIRST_HALF + 4);
  const extra = (token >>> 19) << <u32>load<u8>(second, SECOND_HALF + 4);
  const rest = load<u32>(second, SECOND_HALF) | extra;
  const bits = <u64>load<u32>(first, FIRST_HALF) | (<u64>rest << firstCount);
  const position = at >>> 3;
  store<u64>(position, <u64>load<u8>(position) | (bits << (at & 7)));
  return at + (firstCount + <u32>load<u8>(second, SECOND_HALF + 5));
}

/** Writes every token from `token` to `end` with the tables FIRST_HALF and SECOND_HALF; see tokens.ts. */
export function putTokens(token: usize, end: usize): void {
  store<u8>(outputPosition, bitBuffer);
  let at = (outputPosition << 3) + bitCount;
  // Two at a time: 1 % faster.
  for (; token + 4 < end; token += 8) {
    at = putToken(at, load<u32>(token, 0));
    at = putToken(at, load<u32>(token, 4));
  }
  if (token < end) at = putToken(at, load<u32>(token));
  outputPosition = at >>> 3;
  bitBuffer = load<u8>(outputPosition);
  bitCount = <u32>at & 7;
}
