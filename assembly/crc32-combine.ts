/**
 * The CRC-32 of two pieces joined, from the CRC-32 of each and the length of the second: what threads need, which see
 * one segment each.
 *
 * A message is a polynomial over GF(2), its CRC the remainder modulo P (RFC 1952, 8). Appending n bytes multiplies what
 * stands before them by x^(8n), so
 *
 *     crc(A || B) = crc(A) * x^(8 |B|) mod P  xor  crc(B)
 *
 * where the initial and final complements cancel. The power comes by squaring x^8, in 19 steps for a full segment.
 * Bits are reflected: x^0 is the top bit, and multiplying by x shifts to the right.
 */
import { POLYNOMIAL } from "./crc32";

const X_TO_THE_0: u32 = 0x80000000;
const X_TO_THE_8: u32 = 0x00800000;

/** a * b mod P. */
function multiply(a: u32, b: u32): u32 {
  let product: u32 = 0;
  while (a) {
    if (a & X_TO_THE_0) product ^= b;
    a <<= 1;
    b = b & 1 ? (b >>> 1) ^ POLYNOMIAL : b >>> 1;
  }
  return product;
}

/** The CRC of a message from that of its beginning and that of its last `length` bytes. */
export function crc32Combine(first: u32, second: u32, length: usize): u32 {
  let power = X_TO_THE_0;
  for (let square = X_TO_THE_8; length; length >>>= 1) {
    if (length & 1) power = multiply(square, power);
    square = multiply(square, square);
  }
  return multiply(power, first) ^ second;
}
