/**
 * What a block would cost, before its code is built: the estimate that decides where blocks end.
 *
 * A symbol that occurs f times among n costs f log2(n / f) bits in an ideal code, so a histogram costs n log2 n - sum
 * f log2 f. Costs are integers in units of 1/256 bit, and f log2 f comes from a table that is computed in integers
 * too: block boundaries decide bytes, and no byte may depend on how a machine rounds.
 */
import { ENTROPY } from "../memory";
import { DIST, DIST_SYMBOLS, LITLEN_SYMBOLS } from "./symbols";

/** f log2 f is tabulated for f up to here; 16 KiB serve as well as 256. */
const TABLE_BITS: u32 = 12;
/** Bits after the binary point. */
export const FRACTION_BITS: u32 = 8;
/** What a symbol adds to a block's header, about: its code length in the precode. */
export const SYMBOL_COST: u32 = 5 << FRACTION_BITS;
/** What a dynamic block costs before its first symbol, about: its type, counts and precode. */
export const BLOCK_COST: u32 = 80 << FRACTION_BITS;

/** Bits after the binary point of a logarithm. */
export const LOG2_BITS: u32 = 24;

/**
 * log2 of n, n from 1 to 2^31, in units of 2^-24: the integer part is the top bit, each further bit comes from
 * squaring.
 */
export function log2(n: u64): u64 {
  const integer = 63 - clz(n);
  let mantissa: u64 = n << (31 - integer);
  let result: u64 = integer;
  for (let bit = 0; bit < <i32>LOG2_BITS; bit++) {
    mantissa = (mantissa * mantissa) >> 31;
    const carry = mantissa >> 32;
    mantissa >>= carry;
    result = (result << 1) | carry;
  }
  return result;
}

/** Fills the table. */
export function entropyInitialize(): void {
  store<u32>(ENTROPY, 0);
  for (let n: u32 = 1; n <= 1 << TABLE_BITS; n++) {
    store<u32>(ENTROPY + (n << 2), <u32>((n * log2(n)) >> (LOG2_BITS - FRACTION_BITS)));
  }
}

/** f log2 f, f below 2^18: beyond the table interpolated between the two nearest multiples of a power of two. */
// @ts-ignore: decorator
@inline export function frequencyCost(f: u32): u32 {
  if (f < 1 << TABLE_BITS) return load<u32>(ENTROPY + (<usize>f << 2));
  const shift = 32 - TABLE_BITS - clz(f);
  const entry = ENTROPY + (<usize>(f >>> shift) << 2);
  const below = load<u32>(entry, 0);
  const above = load<u32>(entry, 4);
  return (below << shift) + (above - below) * (f & ((1 << shift) - 1)) + ((f * shift) << FRACTION_BITS);
}

/** The estimates of `estimateBlocks`, extra bits of lengths and distances aside. */
export let partCost: u32 = 0;
export let jointCost: u32 = 0;

/**
 * Estimates a dynamic block with the joint histogram at `part` alone, and one with that at `open` as well: one sweep
 * for both.
 */
export function estimateBlocks(open: usize, part: usize): void {
  partCost = BLOCK_COST;
  jointCost = BLOCK_COST;
  addAlphabet(open, part, LITLEN_SYMBOLS);
  addAlphabet(open + (<usize>DIST << 2), part + (<usize>DIST << 2), DIST_SYMBOLS);
}

function addAlphabet(open: usize, part: usize, symbols: u32): void {
  let partTotal: u32 = 0, partUsed: u32 = 0, partSum: u32 = 0;
  let jointTotal: u32 = 0, jointUsed: u32 = 0, jointSum: u32 = 0;
  for (const end = part + (<usize>symbols << 2); part < end; part += 4, open += 4) {
    const f = load<u32>(part);
    const joint = f + load<u32>(open);
    jointTotal += joint;
    jointUsed += u32(joint != 0);
    jointSum += frequencyCost(joint);
    partTotal += f;
    partUsed += u32(f != 0);
    partSum += frequencyCost(f);
  }
  partCost += frequencyCost(partTotal) - partSum + partUsed * SYMBOL_COST;
  jointCost += frequencyCost(jointTotal) - jointSum + jointUsed * SYMBOL_COST;
}
