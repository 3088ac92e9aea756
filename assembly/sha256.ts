/**
 * SHA-256 (FIPS 180-4) over whole blocks, one stream at a time.
 *
 * The message schedule runs four words at a time in SIMD lanes; the 64 rounds are scalar. `W[t] + K[t]` of the 16
 * rounds in flight goes through a scratch of 64 bytes: each group of four rounds reads its words there, and the
 * schedule overwrites them with those of 16 rounds later. The schedule's steps stand between the rounds, so that its
 * latency hides under theirs: 1.8 times the speed of the same rounds with a scalar schedule.
 *
 * The variables a..h keep the letters of section 6.2.2. They come back to their places every 8 rounds, so nothing is
 * moved. An identity saves work: Maj(a,b,c) = ((a^b) & (b^c)) ^ b, whose a^b is the next round's b^c (kept in x and y in
 * turn). What a round waits for is its shortest chain, from e by Sigma1 to the next e, so
 * - Sigma(a) is one rotation beside two nested ones: 5 % faster than three nested ones, and than three beside each other,
 *   which take more registers than there are;
 * - all is added to h one by one, Sigma1, the last to be ready, last, and Sigma0 after Maj: 3 % faster than Maj and Sigma0
 *   added up first, 10 to 20 % than Sigma1 first;
 * - to add Sigma1 to d and h apart, which makes the chain one addition shorter, gains nothing.
 *
 * An unrolled loop of 16 rounds runs as fast as all 64 unrolled, in half the code.
 */
import { SHA256_DIGEST, SHA256_SCHEDULE, SHA256_STATE, SHA256_TAIL } from "./memory";

/** K[0..63], FIPS 180-4, 4.2.2: the first 32 bits of the fractional parts of the cube roots of the first 64 primes. */
const K: usize = memory.data<u32>([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
], 16);

/**
 * Blocks per inner call. V8 replaces a function by its optimised form only between calls, so a fresh process starts
 * with short ones.
 */
const BLOCKS_PER_CALL: u32 = 128;

/** A block's four vectors arrive big-endian. */
// @ts-ignore: decorator
@inline export function bigEndian(x: v128): v128 {
  return v128.swizzle(x, i8x16(3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12));
}

/** The small sigma0 of four words. */
// @ts-ignore: decorator
@inline function sigma0(x: v128): v128 {
  return v128.xor(
    v128.xor(v128.xor(v128.xor(i32x4.shr_u(x, 3), i32x4.shr_u(x, 7)), i32x4.shl(x, 14)), i32x4.shr_u(x, 18)),
    i32x4.shl(x, 25),
  );
}

/**
 * The small sigma1 of two words, each filling both halves of a 64-bit lane, so that one shift of the lane is a
 * rotation.
 */
// @ts-ignore: decorator
@inline function sigma1(x: v128): v128 {
  return v128.xor(v128.xor(i64x2.shr_u(x, 17), i64x2.shr_u(x, 19)), i32x4.shr_u(x, 10));
}

/** h + W[t] + K[t] + Ch(e,f,g) + Sigma1(e). */
// @ts-ignore: decorator
@inline function t1(h: u32, offset: usize, e: u32, f: u32, g: u32): u32 {
  return h + load<u32>(SHA256_SCHEDULE + offset) + (g ^ (e & (f ^ g))) + (rotr(e, 6) ^ rotr(rotr(e, 14) ^ e, 11));
}

/** h + Maj(a,b,c) + Sigma0(a), where ab = a^b and bc = b^c. */
// @ts-ignore: decorator
@inline function t2(h: u32, a: u32, b: u32, ab: u32, bc: u32): u32 {
  return h + ((bc & ab) ^ b) + (rotr(a, 2) ^ rotr(rotr(a, 9) ^ a, 13));
}

/** Sets slot 0 or 1 to H(0), FIPS 180-4, 5.3.3. */
export function sha256Reset(slot: usize): void {
  const state = SHA256_STATE + (slot << 5);
  store<u64>(state, 0xbb67ae856a09e667, 0);
  store<u64>(state, 0xa54ff53a3c6ef372, 8);
  store<u64>(state, 0x9b05688c510e527f, 16);
  store<u64>(state, 0x5be0cd191f83d9ab, 24);
}

/** Hashes `blocks` blocks of 64 bytes at `pointer` into a slot. */
export function sha256Process(slot: usize, pointer: usize, blocks: u32): void {
  while (blocks > BLOCKS_PER_CALL) {
    compress(slot, pointer, BLOCKS_PER_CALL);
    pointer += <usize>BLOCKS_PER_CALL << 6;
    blocks -= BLOCKS_PER_CALL;
  }
  compress(slot, pointer, blocks);
}

/**
 * Pads and hashes the last `length` bytes (below 64) at `pointer`, which may be the tail region itself, and writes
 * the digest. `total` is the length of the whole message in bytes, below 2^53.
 */
export function sha256Finish(slot: usize, pointer: usize, length: usize, total: f64): void {
  const end: usize = length < 56 ? 64 : 128;
  memory.copy(SHA256_TAIL, pointer, length);
  memory.fill(SHA256_TAIL + length, 0, end - length);
  store<u8>(SHA256_TAIL + length, 0x80);
  store<u64>(SHA256_TAIL + end - 8, bswap<u64>(<u64>total << 3));
  compress(slot, SHA256_TAIL, <u32>(end >>> 6));
  const state = SHA256_STATE + (slot << 5);
  const digest = SHA256_DIGEST + (slot << 5);
  v128.store(digest, bigEndian(v128.load(state, 0)), 0);
  v128.store(digest, bigEndian(v128.load(state, 16)), 16);
}

function compress(slot: usize, pointer: usize, blocks: u32): void {
  const state = SHA256_STATE + (slot << 5);
  const zero = i32x4(0, 0, 0, 0);
  let s0: v128, s1: v128, s2: v128;
  let x: u32, y: u32;
  while (blocks > 0) {
    let a = load<u32>(state, 0), b = load<u32>(state, 4), c = load<u32>(state, 8), d = load<u32>(state, 12);
    let e = load<u32>(state, 16), f = load<u32>(state, 20), g = load<u32>(state, 24), h = load<u32>(state, 28);
    x = b ^ c;

    let w0 = bigEndian(v128.load(pointer, 0));
    let w1 = bigEndian(v128.load(pointer, 16));
    let w2 = bigEndian(v128.load(pointer, 32));
    let w3 = bigEndian(v128.load(pointer, 48));
    v128.store(SHA256_SCHEDULE, i32x4.add(w0, v128.load(K, 0)), 0);
    v128.store(SHA256_SCHEDULE, i32x4.add(w1, v128.load(K, 16)), 16);
    v128.store(SHA256_SCHEDULE, i32x4.add(w2, v128.load(K, 32)), 32);
    v128.store(SHA256_SCHEDULE, i32x4.add(w3, v128.load(K, 48)), 48);

    for (let k: usize = K + 64; k < K + 256; k += 64) {
      s0 = sigma0(v128.shuffle<u32>(w0, w1, 1, 2, 3, 4));
      h = t1(h, 0, e, f, g);  d += h; y = a ^ b; h = t2(h, a, b, y, x);
      s1 = i32x4.add(i32x4.add(w0, v128.shuffle<u32>(w2, w3, 1, 2, 3, 4)), s0);
      s2 = sigma1(v128.shuffle<u32>(w3, w3, 2, 2, 3, 3));
      g = t1(g, 4, d, e, f);  c += g; x = h ^ a; g = t2(g, h, a, x, y);
      s1 = i32x4.add(s1, v128.shuffle<u32>(s2, zero, 0, 2, 4, 4));
      f = t1(f, 8, c, d, e);  b += f; y = g ^ h; f = t2(f, g, h, y, x);
      s2 = sigma1(v128.shuffle<u32>(s1, s1, 0, 0, 1, 1));
      w0 = i32x4.add(s1, v128.shuffle<u32>(zero, s2, 0, 0, 4, 6));
      e = t1(e, 12, b, c, d); a += e; x = f ^ g; e = t2(e, f, g, x, y);
      v128.store(SHA256_SCHEDULE, i32x4.add(w0, v128.load(k, 0)), 0);

      s0 = sigma0(v128.shuffle<u32>(w1, w2, 1, 2, 3, 4));
      d = t1(d, 16, a, b, c); h += d; y = e ^ f; d = t2(d, e, f, y, x);
      s1 = i32x4.add(i32x4.add(w1, v128.shuffle<u32>(w3, w0, 1, 2, 3, 4)), s0);
      s2 = sigma1(v128.shuffle<u32>(w0, w0, 2, 2, 3, 3));
      c = t1(c, 20, h, a, b); g += c; x = d ^ e; c = t2(c, d, e, x, y);
      s1 = i32x4.add(s1, v128.shuffle<u32>(s2, zero, 0, 2, 4, 4));
      b = t1(b, 24, g, h, a); f += b; y = c ^ d; b = t2(b, c, d, y, x);
      s2 = sigma1(v128.shuffle<u32>(s1, s1, 0, 0, 1, 1));
      w1 = i32x4.add(s1, v128.shuffle<u32>(zero, s2, 0, 0, 4, 6));
      a = t1(a, 28, f, g, h); e += a; x = b ^ c; a = t2(a, b, c, x, y);
      v128.store(SHA256_SCHEDULE, i32x4.add(w1, v128.load(k, 16)), 16);

      s0 = sigma0(v128.shuffle<u32>(w2, w3, 1, 2, 3, 4));
      h = t1(h, 32, e, f, g); d += h; y = a ^ b; h = t2(h, a, b, y, x);
      s1 = i32x4.add(i32x4.add(w2, v128.shuffle<u32>(w0, w1, 1, 2, 3, 4)), s0);
      s2 = sigma1(v128.shuffle<u32>(w1, w1, 2, 2, 3, 3));
      g = t1(g, 36, d, e, f); c += g; x = h ^ a; g = t2(g, h, a, x, y);
      s1 = i32x4.add(s1, v128.shuffle<u32>(s2, zero, 0, 2, 4, 4));
      f = t1(f, 40, c, d, e); b += f; y = g ^ h; f = t2(f, g, h, y, x);
      s2 = sigma1(v128.shuffle<u32>(s1, s1, 0, 0, 1, 1));
      w2 = i32x4.add(s1, v128.shuffle<u32>(zero, s2, 0, 0, 4, 6));
      e = t1(e, 44, b, c, d); a += e; x = f ^ g; e = t2(e, f, g, x, y);
      v128.store(SHA256_SCHEDULE, i32x4.add(w2, v128.load(k, 32)), 32);

      s0 = sigma0(v128.shuffle<u32>(w3, w0, 1, 2, 3, 4));
      d = t1(d, 48, a, b, c); h += d; y = e ^ f; d = t2(d, e, f, y, x);
      s1 = i32x4.add(i32x4.add(w3, v128.shuffle<u32>(w1, w2, 1, 2, 3, 4)), s0);
      s2 = sigma1(v128.shuffle<u32>(w2, w2, 2, 2, 3, 3));
      c = t1(c, 52, h, a, b); g += c; x = d ^ e; c = t2(c, d, e, x, y);
      s1 = i32x4.add(s1, v128.shuffle<u32>(s2, zero, 0, 2, 4, 4));
      b = t1(b, 56, g, h, a); f += b; y = c ^ d; b = t2(b, c, d, y, x);
      s2 = sigma1(v128.shuffle<u32>(s1, s1, 0, 0, 1, 1));
      w3 = i32x4.add(s1, v128.shuffle<u32>(zero, s2, 0, 0, 4, 6));
      a = t1(a, 60, f, g, h); e += a; x = b ^ c; a = t2(a, b, c, x, y);
      v128.store(SHA256_SCHEDULE, i32x4.add(w3, v128.load(k, 48)), 48);
    }

    h = t1(h, 0, e, f, g);  d += h; y = a ^ b; h = t2(h, a, b, y, x);
    g = t1(g, 4, d, e, f);  c += g; x = h ^ a; g = t2(g, h, a, x, y);
    f = t1(f, 8, c, d, e);  b += f; y = g ^ h; f = t2(f, g, h, y, x);
    e = t1(e, 12, b, c, d); a += e; x = f ^ g; e = t2(e, f, g, x, y);
    d = t1(d, 16, a, b, c); h += d; y = e ^ f; d = t2(d, e, f, y, x);
    c = t1(c, 20, h, a, b); g += c; x = d ^ e; c = t2(c, d, e, x, y);
    b = t1(b, 24, g, h, a); f += b; y = c ^ d; b = t2(b, c, d, y, x);
    a = t1(a, 28, f, g, h); e += a; x = b ^ c; a = t2(a, b, c, x, y);
    h = t1(h, 32, e, f, g); d += h; y = a ^ b; h = t2(h, a, b, y, x);
    g = t1(g, 36, d, e, f); c += g; x = h ^ a; g = t2(g, h, a, x, y);
    f = t1(f, 40, c, d, e); b += f; y = g ^ h; f = t2(f, g, h, y, x);
    e = t1(e, 44, b, c, d); a += e; x = f ^ g; e = t2(e, f, g, x, y);
    d = t1(d, 48, a, b, c); h += d; y = e ^ f; d = t2(d, e, f, y, x);
    c = t1(c, 52, h, a, b); g += c; x = d ^ e; c = t2(c, d, e, x, y);
    b = t1(b, 56, g, h, a); f += b; y = c ^ d; b = t2(b, c, d, y, x);
    a = t1(a, 60, f, g, h); e += a;            a = t2(a, b, c, b ^ c, y);

    store<u32>(state, load<u32>(state, 0) + a, 0);
    store<u32>(state, load<u32>(state, 4) + b, 4);
    store<u32>(state, load<u32>(state, 8) + c, 8);
    store<u32>(state, load<u32>(state, 12) + d, 12);
    store<u32>(state, load<u32>(state, 16) + e, 16);
    store<u32>(state, load<u32>(state, 20) + f, 20);
    store<u32>(state, load<u32>(state, 24) + g, 24);
    store<u32>(state, load<u32>(state, 28) + h, 28);
    pointer += 64;
    blocks--;
  }
}
