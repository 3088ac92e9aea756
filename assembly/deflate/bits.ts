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
 * Writes every token from `token` to `end` with the tables FIRST_HALF and SECOND_HALF; see tokens.ts. At most 55 bits
 * a token: two codewords of 15 bits, 5 and 13 extra bits, and the 7 that wait. Whole entries serve as counts, of which
 * shifts take the lowest 6 bits, or 5, and ignore the rest.
 */
export function putTokens(token: usize, end: usize): void {
  let position = outputPosition;
  let buffer = bitBuffer;
  let count = bitCount;
  while (token < end) {
    const t = load<u32>(token);
    const first = load<u32>((t << 2) & (1023 << 2), FIRST_HALF);
    const second = load<u32>((t >>> 8) & (511 << 2), SECOND_HALF);
    buffer |= <u64>(first >>> 6) << count;
    count += first;
    const extra = (t >>> 19) << (second >>> 6);
    buffer |= <u64>((second >>> 12) | extra) << count;
    count += second;
    store<u64>(position, buffer);
    position += <usize>(count >>> 3) & 7;
    buffer >>= count & 56;
    count &= 7;
    token += 4;
  }
  outputPosition = position;
  bitBuffer = buffer;
  bitCount = count;
}
