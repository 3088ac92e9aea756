/**
 * Code lengths from frequencies, codewords from code lengths.
 *
 * 1. The symbols that occur are sorted by frequency, ties by symbol: a radix sort of keys `frequency << 9 | symbol`,
 *    6 bits a pass.
 * 2. Minimum-redundancy lengths are computed in place on the sorted frequencies, in three sweeps (Moffat and Katajainen,
 *    "In-place calculation of minimum-redundancy codes", 1995): build the tree as parent links, turn links into depths,
 *    count leaves at each depth.
 * 3. Lengths above the limit are cut to it; the codeword space that this overdraws is won back by lengthening the rarest
 *    of the symbols whose codes are still short enough, one step at a time, until the Kraft sum is 1 again.
 * 4. Codewords are assigned as RFC 1951, 3.2.2 has it, and bit-reversed, since the bit writer sends the first bit of a
 *    codeword lowest.
 *
 * Nothing here rounds, and ties have one order, so equal histograms give equal codes on every machine.
 */
import { HUFFMAN_COUNTS, HUFFMAN_KEYS } from "../memory";

const SYMBOL_BITS: u32 = 9;
const SYMBOL_MASK: u32 = (1 << SYMBOL_BITS) - 1;
const DIGIT_BITS: u32 = 6;
const DIGITS: u32 = 1 << DIGIT_BITS;
/** The longest codeword of all (RFC 1951, 3.2.7), and the number of counters by length. */
const MAX_BITS: u32 = 15;

/** Room for two arrays of keys; the sort moves from one to the other. */
const KEYS: usize = HUFFMAN_KEYS;
const SORTED: usize = HUFFMAN_KEYS + 288 * 4;

/**
 * Writes a length for each of `symbols` symbols (at least 2, at most 288) to `lengths`, u8 each, of the best prefix
 * code for the frequencies at `histogram`, u32 each and below 2^18, under which no codeword is longer than `limit`
 * bits. Symbols that don't occur get 0. When fewer than two symbols occur, others are added, so that the code is
 * complete.
 */
export function buildCodeLengths(histogram: usize, symbols: u32, limit: u32, lengths: usize): void {
  memory.fill(lengths, 0, symbols);
  let used: u32 = 0;
  let all: u32 = 0;
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const frequency = load<u32>(histogram + (symbol << 2));
    store<u32>(KEYS + (used << 2), (frequency << SYMBOL_BITS) | symbol);
    used += u32(frequency != 0);
    all |= frequency;
  }
  if (used < 2) {
    const only: u32 = used ? load<u32>(KEYS) & SYMBOL_MASK : 0;
    store<u8>(lengths + only, 1);
    store<u8>(lengths + (only ? 0 : 1), 1);
    return;
  }
  const keys = sortKeys(used, all);
  const tree = keys == KEYS ? SORTED : KEYS;
  for (let i: u32 = 0; i < used; i++) store<u32>(tree + (i << 2), load<u32>(keys + (i << 2)) >>> SYMBOL_BITS);
  buildTree(tree, used);
  countLengths(tree, used, limit);
  // The rarest symbols get the longest codewords.
  let key = keys;
  for (let length = limit; length > 0; length--) {
    for (let n = load<u32>(HUFFMAN_COUNTS + (length << 2)); n > 0; n--) {
      store<u8>(lengths + (load<u32>(key) & SYMBOL_MASK), length);
      key += 4;
    }
  }
}

/** Sorts the keys by frequency, whose bits `all` covers, and returns where they stand. */
function sortKeys(used: u32, all: u32): usize {
  let from = KEYS;
  let to = SORTED;
  for (let shift = SYMBOL_BITS; all; shift += DIGIT_BITS, all >>>= DIGIT_BITS) {
    memory.fill(HUFFMAN_COUNTS, 0, DIGITS << 2);
    for (let i: u32 = 0; i < used; i++) {
      const counter = HUFFMAN_COUNTS + (((load<u32>(from + (i << 2)) >>> shift) & (DIGITS - 1)) << 2);
      store<u32>(counter, load<u32>(counter) + 1);
    }
    let place = to;
    for (let digit: u32 = 0; digit < DIGITS; digit++) {
      const n = load<u32>(HUFFMAN_COUNTS + (digit << 2));
      store<u32>(HUFFMAN_COUNTS + (digit << 2), <u32>place);
      place += <usize>n << 2;
    }
    for (let i: u32 = 0; i < used; i++) {
      const key = load<u32>(from + (i << 2));
      const counter = HUFFMAN_COUNTS + (((key >>> shift) & (DIGITS - 1)) << 2);
      const target = load<u32>(counter);
      store<u32>(target, key);
      store<u32>(counter, target + 4);
    }
    const swap = from;
    from = to;
    to = swap;
  }
  return from;
}

/**
 * Turns `n` ascending frequencies at `a` into the depths of their tree's internal nodes, a[n-2] being the root at
 * depth 0.
 */
function buildTree(a: usize, n: u32): void {
  // Join the two lightest of the leaves (from `leaf` on) and the internal nodes (from `root` on); an internal node that
  // has been joined becomes a link to its parent.
  let root: u32 = 0;
  let leaf: u32 = 0;
  for (let next: u32 = 0; next < n - 1; next++) {
    let weight: u32 = 0;
    for (let child = 0; child < 2; child++) {
      if (leaf >= n || (root < next && load<u32>(a + (root << 2)) < load<u32>(a + (leaf << 2)))) {
        weight += load<u32>(a + (root << 2));
        store<u32>(a + (root << 2), next);
        root++;
      } else {
        weight += load<u32>(a + (leaf << 2));
        leaf++;
      }
    }
    store<u32>(a + (next << 2), weight);
  }
  store<u32>(a + ((n - 2) << 2), 0);
  for (let node = <i32>n - 3; node >= 0; node--) {
    const parent = load<u32>(a + (node << 2));
    store<u32>(a + (node << 2), load<u32>(a + (parent << 2)) + 1);
  }
}

/** Counts the leaves at each depth of the tree of `n` leaves at `a`, none deeper than `limit`, into HUFFMAN_COUNTS. */
function countLengths(a: usize, n: u32, limit: u32): void {
  memory.fill(HUFFMAN_COUNTS, 0, (MAX_BITS + 1) << 2);
  let places: u32 = 1;
  let node = <i32>n - 2;
  for (let depth: u32 = 0; places > 0; depth++) {
    let internal: u32 = 0;
    while (node >= 0 && load<u32>(a + (node << 2)) == depth) {
      internal++;
      node--;
    }
    const leaves = places - internal;
    const counter = HUFFMAN_COUNTS + (min(depth, limit) << 2);
    store<u32>(counter, load<u32>(counter) + leaves);
    places = internal << 1;
  }
  let kraft: u32 = 0;
  for (let length: u32 = 1; length <= limit; length++) {
    kraft += load<u32>(HUFFMAN_COUNTS + (length << 2)) << (limit - length);
  }
  // The Kraft sum, in units of 2^-limit, may be 2^limit.
  for (let overdrawn = kraft - (1 << limit); overdrawn > 0; overdrawn--) {
    // A codeword of `length` bits becomes two of one bit more: its own, and one for a symbol that was at the limit.
    let length = limit - 1;
    while (load<u32>(HUFFMAN_COUNTS + (length << 2)) == 0) length--;
    const counter = HUFFMAN_COUNTS + (length << 2);
    store<u32>(counter, load<u32>(counter) - 1, 0);
    store<u32>(counter, load<u32>(counter, 4) + 2, 4);
    const atLimit = HUFFMAN_COUNTS + (limit << 2);
    store<u32>(atLimit, load<u32>(atLimit) - 1);
  }
}

// @ts-ignore: decorator
@inline function reverseBits(codeword: u32, length: u32): u32 {
  codeword = ((codeword & 0x5555) << 1) | ((codeword >>> 1) & 0x5555);
  codeword = ((codeword & 0x3333) << 2) | ((codeword >>> 2) & 0x3333);
  codeword = ((codeword & 0x0f0f) << 4) | ((codeword >>> 4) & 0x0f0f);
  codeword = ((codeword & 0x00ff) << 8) | (codeword >>> 8);
  return codeword >>> (16 - length);
}

/** Writes the bit-reversed codewords, u32 each, of the code whose lengths stand at `lengths` (RFC 1951, 3.2.2). */
export function buildCodewords(lengths: usize, symbols: u32, codewords: usize): void {
  memory.fill(HUFFMAN_COUNTS, 0, (MAX_BITS + 1) << 2);
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const counter = HUFFMAN_COUNTS + (<usize>load<u8>(lengths + symbol) << 2);
    store<u32>(counter, load<u32>(counter) + 1);
  }
  let codeword: u32 = 0;
  let previous: u32 = 0;
  for (let length: u32 = 1; length <= MAX_BITS; length++) {
    codeword = (codeword + previous) << 1;
    const counter = HUFFMAN_COUNTS + (length << 2);
    previous = load<u32>(counter);
    store<u32>(counter, codeword);
  }
  for (let symbol: u32 = 0; symbol < symbols; symbol++) {
    const length: u32 = load<u8>(lengths + symbol);
    const next = HUFFMAN_COUNTS + (<usize>length << 2);
    const own = load<u32>(next);
    store<u32>(next, own + 1);
    store<u32>(codewords + (symbol << 2), length ? reverseBits(own, length) : 0);
  }
}
