/**
 * SHA-256 (FIPS 180-4) over whole blocks, one stream at a time.
 *
 * The message schedule runs four words at a time in SIMD lanes; the 64 rounds are scalar. `-(W[t] + K[t])` of the
 * 16 rounds in flight goes through a scratch of 64 bytes: each group of four rounds reads its words there, and the
 * schedule overwrites them with those of 16 rounds later. The schedule's steps stand between the rounds, so that its
 * latency hides under theirs: 1.8 times the speed of the same rounds with a scalar schedule.
 *
 * The variables a..h keep the letters of section 6.2.2. They come back to their places every 8 rounds, so nothing is
 * moved. An identity saves work: Maj(a,b,c) = ((a^b) & (b^c)) ^ b, whose a^b is the next round's b^c (kept in x and y in
 * turn).
 *
 * A core of its own waits for two chains, from e by Sigma1 to the next e and from a by Sigma0 to the next a; one that is
 * shared counts instructions; and V8 has few registers to give. Of some thousand forms measured on either (Sapphire
 * Rapids, V8 11.3), this was the fastest:
 * - each Sigma as one rotation beside two nested ones: 5 and 0 % faster than Sigma0 as three nested ones, and 7 and 0 %
 *   than both so. Three beside each other need too many registers;
 * - all is added up one by one, Sigma1, the last to be ready, last: 10 to 20 % faster than Sigma1 first;
 * - h is subtracted from -(W[t] + K[t]), which overwrites what was loaded and no variable that is still needed.
 * No gain came of keeping d in memory until its turn (no spills), of scheduling two blocks at once (a sixth less work in
 * lanes), and of W[t] as an operand in memory (V8 folds it where no store follows in the same basic block).
 *
 * An unrolled loop of 16 rounds runs as fast as all 64 unrolled, in half the code.
 */
import { SHA256_DIGEST, SHA256_SCHEDULE, SHA256_STATE, SHA256_TAIL } from "./memory";

/**
 * -K[0..63], modulo 2^32; FIPS 180-4, 4.2.2, has K: the first 32 bits of the fractional parts of the cube roots of the first
 * 64 primes.
 */
const NEGATED_K: usize = memory.data<u32>([
  0xbd75d068, 0x8ec8bb6f, 0x4a3f0431, 0x164a245b, 0xc6a93da5, 0xa60eee0f, 0x6dc07d5c, 0x54e3a12b,
  0x27f85568, 0xed7ca4ff, 0xdbce7a42, 0xaaf3823d, 0x8d41a28c, 0x7f214e02, 0x6423f959, 0x3e640e8c,
  0x1b64963f, 0x1041b87a, 0xf03e623a, 0xdbf35e34, 0xd216d391, 0xb58b7b56, 0xa34f5624, 0x89067726,
  0x67c1aeae, 0x57ce3993, 0x4ffcd838, 0x40a68039, 0x391ff40d, 0x2a586eb9, 0xf9359caf, 0xebd6d699,
  0xd848f57b, 0xd1e4dec8, 0xb2d39204, 0xacc7f2ed, 0x9af58cac, 0x8995f545, 0x7e3d36d2, 0x6d8dd37b,
  0x5d40175f, 0x57e599b5, 0x3db47490, 0x3893ae5d, 0x2e6d17e7, 0x2966f9dc, 0x0bf1ca7b, 0xef955f90,
  0xe65b3eea, 0xe1c893f8, 0xd8b788b4, 0xcb4f434b, 0xc6e3f34d, 0xb12755b6, 0xa46335b1, 0x97d1900d,
  0x8b707d12, 0x875a9c91, 0x7b3787ec, 0x7338fdf8, 0x6f410006, 0x5baf9315, 0x41065c09, 0x398e870e,
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

/** T1 = h + W[t] + K[t] + Ch(e,f,g) + Sigma1(e). */
// @ts-ignore: decorator
@inline function t1(h: u32, offset: usize, e: u32, f: u32, g: u32): u32 {
  return (g ^ (e & (f ^ g))) - (load<u32>(SHA256_SCHEDULE + offset) - h) + (rotr(e, 6) ^ rotr(rotr(e, 14) ^ e, 11));
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
    let w0 = bigEndian(v128.load(pointer, 0));
    let w1 = bigEndian(v128.load(pointer, 16));
    let w2 = bigEndian(v128.load(pointer, 32));
    let w3 = bigEndian(v128.load(pointer, 48));
    v128.store(SHA256_SCHEDULE, i32x4.sub(v128.load(NEGATED_K, 0), w0), 0);
    v128.store(SHA256_SCHEDULE, i32x4.sub(v128.load(NEGATED_K, 16), w1), 16);
    v128.store(SHA256_SCHEDULE, i32x4.sub(v128.load(NEGATED_K, 32), w2), 32);
    v128.store(SHA256_SCHEDULE, i32x4.sub(v128.load(NEGATED_K, 48), w3), 48);

    let a = load<u32>(state, 0), b = load<u32>(state, 4), c = load<u32>(state, 8), d = load<u32>(state, 12);
    let e = load<u32>(state, 16), f = load<u32>(state, 20), g = load<u32>(state, 24), h = load<u32>(state, 28);
    x = b ^ c;

    let k: usize = NEGATED_K + 64;
    do {
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
      v128.store(SHA256_SCHEDULE, i32x4.sub(v128.load(k, 0), w0), 0);

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
      v128.store(SHA256_SCHEDULE, i32x4.sub(v128.load(k, 16), w1), 16);

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
      v128.store(SHA256_SCHEDULE, i32x4.sub(v128.load(k, 32), w2), 32);

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
      v128.store(SHA256_SCHEDULE, i32x4.sub(v128.load(k, 48), w3), 48);
      k += 64;
    } while (k < NEGATED_K + 256);

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
