/**
 * SHA-512 (FIPS 180-4), and the ABI of `sha512.wasm`: for digests that name SHA-512, which are rare.
 *
 * The words are 64 bits wide, as WebAssembly's are, so it takes no SIMD: the rounds run in scalar registers, and the
 * message schedule stands in a ring of 16 words. Sixteen rounds are unrolled, in which a..h come back to their places
 * without being moved. The letters are those of section 6.4.2; Maj and the Sigmas are computed as sha256.ts has them.
 *
 * Copy bytes to `INPUT`, at most `INPUT_SIZE` of them, hash the whole blocks of 128 bytes with `sha512Process(INPUT,
 * blocks)`, and end with `sha512Finish(pointer, length, total)`; the digest then stands at `DIGEST`, 64 bytes. `STATE`
 * holds H0..H7, native words, and may be read and set between two calls.
 *
 *     address    size      what lives there
 *     ------------------------------------------------------------------
 *     0x000000   0x00040   SHA512_STATE      H0..H7, native words
 *     0x000040   0x00040   SHA512_DIGEST     the digest, big-endian bytes
 *     0x000080   0x00080   SHA512_SCHEDULE   W of 16 rounds
 *     0x000100   0x00100   SHA512_TAIL       the last incomplete block and its padding
 *     0x000400   0x00c00   what the compiler places: K
 *     0x001000   0x10000   SHA512_INPUT
 */
const SHA512_STATE: usize = 0x000000;
const SHA512_DIGEST: usize = 0x000040;
const SHA512_SCHEDULE: usize = 0x000080;
const SHA512_TAIL: usize = 0x000100;
const SHA512_INPUT: usize = 0x001000;

export const STATE: usize = SHA512_STATE;
export const DIGEST: usize = SHA512_DIGEST;
export const INPUT: usize = SHA512_INPUT;
export const INPUT_SIZE: usize = 0x10000;

/** K[0..79], FIPS 180-4, 4.2.3: the first 64 bits of the fractional parts of the cube roots of the first 80 primes. */
const K: usize = memory.data<u64>([
  0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc,
  0x3956c25bf348b538, 0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118,
  0xd807aa98a3030242, 0x12835b0145706fbe, 0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2,
  0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235, 0xc19bf174cf692694,
  0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
  0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5,
  0x983e5152ee66dfab, 0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4,
  0xc6e00bf33da88fc2, 0xd5a79147930aa725, 0x06ca6351e003826f, 0x142929670a0e6e70,
  0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed, 0x53380d139d95b3df,
  0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
  0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30,
  0xd192e819d6ef5218, 0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8,
  0x19a4c116b8d2d0c8, 0x1e376c085141ab53, 0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8,
  0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373, 0x682e6ff3d6b2b8a3,
  0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
  0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b,
  0xca273eceea26619c, 0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178,
  0x06f067aa72176fba, 0x0a637dc5a2c898a6, 0x113f9804bef90dae, 0x1b710b35131c471b,
  0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc, 0x431d67c49c100d4c,
  0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
], 16);

const BLOCK_SIZE: usize = 128;
/** Where the length stands in the last block: it has 128 bits, of which the upper half is never needed. */
const LENGTH_OFFSET: usize = 112;

// @ts-ignore: decorator
@inline function Ch(e: u64, f: u64, g: u64): u64 { return g ^ (e & (f ^ g)); }
// @ts-ignore: decorator
@inline function Maj(a: u64, b: u64, c: u64): u64 { return ((a ^ b) & (b ^ c)) ^ b; }
// @ts-ignore: decorator
@inline function Sigma0(a: u64): u64 { return rotr(rotr(rotr(a, 5) ^ a, 6) ^ a, 28); }
// @ts-ignore: decorator
@inline function Sigma1(e: u64): u64 { return rotr(rotr(rotr(e, 23) ^ e, 4) ^ e, 14); }
// @ts-ignore: decorator
@inline function sigma0(w: u64): u64 { return rotr(w, 1) ^ rotr(w, 8) ^ (w >> 7); }
// @ts-ignore: decorator
@inline function sigma1(w: u64): u64 { return rotr(w, 19) ^ rotr(w, 61) ^ (w >> 6); }

/** Word t of the schedule, t being a multiple of 16 plus `i`, from the ring; words before 16 are in it already. */
// @ts-ignore: decorator
@inline function w(first: bool, i: usize): u64 {
  const word = load<u64>(SHA512_SCHEDULE + (i << 3));
  if (first) return word;
  const next = word + sigma0(load<u64>(SHA512_SCHEDULE + (((i + 1) & 15) << 3)))
    + load<u64>(SHA512_SCHEDULE + (((i + 9) & 15) << 3)) + sigma1(load<u64>(SHA512_SCHEDULE + (((i + 14) & 15) << 3)));
  store<u64>(SHA512_SCHEDULE + (i << 3), next);
  return next;
}

/** T1 of round t = 16 n + i, where `k` is the address of K[16 n]. */
// @ts-ignore: decorator
@inline function t1(first: bool, k: usize, i: usize, e: u64, f: u64, g: u64, h: u64): u64 {
  return h + Ch(e, f, g) + load<u64>(k + (i << 3)) + w(first, i) + Sigma1(e);
}

// @ts-ignore: decorator
@inline function t2(a: u64, b: u64, c: u64): u64 { return Sigma0(a) + Maj(a, b, c); }

/** Begins a message: H(0), FIPS 180-4, 5.3.5. */
export function sha512Reset(): void {
  store<u64>(SHA512_STATE, 0x6a09e667f3bcc908, 0);
  store<u64>(SHA512_STATE, 0xbb67ae8584caa73b, 8);
  store<u64>(SHA512_STATE, 0x3c6ef372fe94f82b, 16);
  store<u64>(SHA512_STATE, 0xa54ff53a5f1d36f1, 24);
  store<u64>(SHA512_STATE, 0x510e527fade682d1, 32);
  store<u64>(SHA512_STATE, 0x9b05688c2b3e6c1f, 40);
  store<u64>(SHA512_STATE, 0x1f83d9abfb41bd6b, 48);
  store<u64>(SHA512_STATE, 0x5be0cd19137e2179, 56);
}

/** Hashes `blocks` blocks of 128 bytes at `pointer`. */
export function sha512Process(pointer: usize, blocks: u32): void {
  for (; blocks > 0; blocks--, pointer += BLOCK_SIZE) {
    for (let i: usize = 0; i < BLOCK_SIZE; i += 8) store<u64>(SHA512_SCHEDULE + i, bswap<u64>(load<u64>(pointer + i)));
    compress();
  }
}

/**
 * Pads and hashes the last `length` bytes (below 128) at `pointer`, and writes the digest. `total` is the length of the
 * whole message in bytes, below 2^53.
 */
export function sha512Finish(pointer: usize, length: usize, total: f64): void {
  const end = length < LENGTH_OFFSET ? BLOCK_SIZE : 2 * BLOCK_SIZE;
  memory.copy(SHA512_TAIL, pointer, length);
  memory.fill(SHA512_TAIL + length, 0, end - length);
  store<u8>(SHA512_TAIL + length, 0x80);
  store<u64>(SHA512_TAIL + end - 8, bswap<u64>(<u64>total << 3));
  sha512Process(SHA512_TAIL, <u32>(end / BLOCK_SIZE));
  for (let i: usize = 0; i < 64; i += 8) store<u64>(SHA512_DIGEST + i, bswap<u64>(load<u64>(SHA512_STATE + i)));
}

/** Hashes the block whose words stand in the ring. */
function compress(): void {
  let a = load<u64>(SHA512_STATE, 0), b = load<u64>(SHA512_STATE, 8);
  let c = load<u64>(SHA512_STATE, 16), d = load<u64>(SHA512_STATE, 24);
  let e = load<u64>(SHA512_STATE, 32), f = load<u64>(SHA512_STATE, 40);
  let g = load<u64>(SHA512_STATE, 48), h = load<u64>(SHA512_STATE, 56);
  for (let t: usize = 0; t < 80; t += 16) {
    const k = K + (t << 3);
    const first = t == 0;
    h = t1(first, k, 0, e, f, g, h); d += h; h += t2(a, b, c);
    g = t1(first, k, 1, d, e, f, g); c += g; g += t2(h, a, b);
    f = t1(first, k, 2, c, d, e, f); b += f; f += t2(g, h, a);
    e = t1(first, k, 3, b, c, d, e); a += e; e += t2(f, g, h);
    d = t1(first, k, 4, a, b, c, d); h += d; d += t2(e, f, g);
    c = t1(first, k, 5, h, a, b, c); g += c; c += t2(d, e, f);
    b = t1(first, k, 6, g, h, a, b); f += b; b += t2(c, d, e);
    a = t1(first, k, 7, f, g, h, a); e += a; a += t2(b, c, d);
    h = t1(first, k, 8, e, f, g, h); d += h; h += t2(a, b, c);
    g = t1(first, k, 9, d, e, f, g); c += g; g += t2(h, a, b);
    f = t1(first, k, 10, c, d, e, f); b += f; f += t2(g, h, a);
    e = t1(first, k, 11, b, c, d, e); a += e; e += t2(f, g, h);
    d = t1(first, k, 12, a, b, c, d); h += d; d += t2(e, f, g);
    c = t1(first, k, 13, h, a, b, c); g += c; c += t2(d, e, f);
    b = t1(first, k, 14, g, h, a, b); f += b; b += t2(c, d, e);
    a = t1(first, k, 15, f, g, h, a); e += a; a += t2(b, c, d);
  }
  store<u64>(SHA512_STATE, load<u64>(SHA512_STATE, 0) + a, 0);
  store<u64>(SHA512_STATE, load<u64>(SHA512_STATE, 8) + b, 8);
  store<u64>(SHA512_STATE, load<u64>(SHA512_STATE, 16) + c, 16);
  store<u64>(SHA512_STATE, load<u64>(SHA512_STATE, 24) + d, 24);
  store<u64>(SHA512_STATE, load<u64>(SHA512_STATE, 32) + e, 32);
  store<u64>(SHA512_STATE, load<u64>(SHA512_STATE, 40) + f, 40);
  store<u64>(SHA512_STATE, load<u64>(SHA512_STATE, 48) + g, 48);
  store<u64>(SHA512_STATE, load<u64>(SHA512_STATE, 56) + h, 56);
}
