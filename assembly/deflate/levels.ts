/**
 * The levels: which strategy finds matches at each, and how hard it tries.
 *
 *     strategy   how matches are found                                             file
 *     STORED     not at all; bytes are stored
 *     LITERALS   not at all; bytes get a Huffman code                              literals.ts
 *     FAST       the latest position for each hash                                 fast.ts
 *     PAIRS      the latest two positions for each hash                            pairs.ts
 *     BUCKETS    a few latest positions for each of two hashes, packed in words    buckets.ts
 *     ROWS       many positions for each hash, told apart by tags                  rows.ts
 *     CHAINS     all positions with a hash, one by one, the latest first           chains.ts
 *     OPTIMAL    the cheapest of all ways through the matches                      optimal.ts
 *
 *     column     what it says
 *     PART       bytes that are parsed before the question is put whether the block goes on (segment.ts)
 *     PRIME      every how manyth position of the window is inserted before a segment
 *     WAYS       positions that are kept for the shorter hash (BUCKETS)
 *     STEP       every how manyth position within a match is inserted; 0: only its ends (BUCKETS)
 *     DEPTH      positions that a search looks at, at most (ROWS, CHAINS, OPTIMAL)
 *     NICE       a match of this length ends a search (ROWS, CHAINS, OPTIMAL)
 *     LAZY       a match shorter than this gives way when one that begins later is better (BUCKETS, ROWS, CHAINS)
 *     AHEAD      how many positions later that may be (CHAINS)
 *     PASSES     how often a path is looked for, in LAZY's place (OPTIMAL)
 *     SETTLED    before how many of them blocks are settled anew, in AHEAD's place (OPTIMAL)
 *
 * A column that a strategy doesn't know is 0. Smaller parts and denser priming gain 0.1 % each: not worth their time at the
 * first levels, but at the others.
 *
 * Work: at every level, whatever the input, a match finder looks at no more than a bounded number of candidates for each
 * byte, and makes no more 16-byte comparisons, counted together (work.ts). From -2 to 9, as WORK_BOUND has it:
 *
 *     0 0 0   2 4   4 4 16   48 96   75 84
 *
 * Above, where steps of paths and symbols of parts count too, it is 2 DEPTH + 64.
 */
import { MEMORY_END, OPTIMAL_MEMORY_END } from "../memory";

export const STORED: u16 = 0;
export const LITERALS: u16 = 1;
export const FAST: u16 = 2;
export const PAIRS: u16 = 3;
export const BUCKETS: u16 = 4;
export const ROWS: u16 = 5;
export const CHAINS: u16 = 6;
export const OPTIMAL: u16 = 7;

export const MINIMUM_LEVEL: i32 = -2;

const STRATEGY: usize = 0;
const PART: usize = 2;
const PRIME: usize = 4;
const WAYS: usize = 6;
const STEP: usize = 8;
const DEPTH: usize = 10;
const NICE: usize = 12;
const LAZY: usize = 14;
const AHEAD: usize = 16;
const ROW_SIZE: usize = 18;

/** Level -1 is level 6, which whoever calls has put in its place. */
const LEVELS: usize = memory.data<u16>([
  // strategy  PART  PRIME   WAYS   STEP  DEPTH   NICE   LAZY  AHEAD    level
  LITERALS,   16384,     0,     0,     0,     0,     0,     0,     0, // -2
  ROWS,        4096,     1,     0,     0,    32,    65,    32,     1, // -1
  STORED,         0,     0,     0,     0,     0,     0,     0,     0, //  0
  FAST,       16384,     4,     0,     0,     0,     0,     0,     0, //  1
  PAIRS,      16384,     4,     0,     0,     0,     0,     0,     0, //  2
  BUCKETS,     8192,     4,     1,     0,     0,     0,     8,     1, //  3
  BUCKETS,     8192,     2,     1,     1,     0,     0,    32,     1, //  4
  BUCKETS,     4096,     1,     2,     1,     0,     0,    32,     1, //  5
  ROWS,        4096,     1,     0,     0,    32,    65,    32,     1, //  6
  ROWS,        4096,     1,     0,     0,    64,    65,    32,     1, //  7
  CHAINS,      4096,     1,     0,     0,    46,   130,    32,     1, //  8
  CHAINS,      4096,     1,     0,     0,    54,   130,    32,     2, //  9
  OPTIMAL,     4096,     1,     0,     0,    35,    75,     3,     2, // 10
  OPTIMAL,     2048,     1,     0,     0,   100,   150,     4,     2, // 11
  OPTIMAL,     1024,     1,     0,     0,   300,   258,     7,     3, // 12
]);

/** The row of a level, to be asked by the functions below. */
// @ts-ignore: decorator
@inline export function rowOf(level: i32): usize {
  return LEVELS + <usize>(level - MINIMUM_LEVEL) * ROW_SIZE;
}

// @ts-ignore: decorator
@inline export function strategyOf(row: usize): u32 { return load<u16>(row, STRATEGY); }
// @ts-ignore: decorator
@inline export function partSizeOf(row: usize): usize { return load<u16>(row, PART); }
// @ts-ignore: decorator
@inline export function primeStepOf(row: usize): usize { return load<u16>(row, PRIME); }
// @ts-ignore: decorator
@inline export function waysOf(row: usize): u32 { return load<u16>(row, WAYS); }
// @ts-ignore: decorator
@inline export function stepOf(row: usize): usize { return load<u16>(row, STEP); }
// @ts-ignore: decorator
@inline export function depthOf(row: usize): u32 { return load<u16>(row, DEPTH); }
// @ts-ignore: decorator
@inline export function niceLengthOf(row: usize): u32 { return load<u16>(row, NICE); }
// @ts-ignore: decorator
@inline export function lazyLengthOf(row: usize): u32 { return load<u16>(row, LAZY); }
// @ts-ignore: decorator
@inline export function aheadOf(row: usize): u32 { return load<u16>(row, AHEAD); }
// @ts-ignore: decorator
@inline export function passesOf(row: usize): u32 { return load<u16>(row, LAZY); }
// @ts-ignore: decorator
@inline export function settledOf(row: usize): u32 { return load<u16>(row, AHEAD); }

/** The memory that a level needs, in bytes. */
// @ts-ignore: decorator
@inline function memoryEndOf(level: i32): usize {
  return strategyOf(rowOf(level)) == OPTIMAL ? OPTIMAL_MEMORY_END : MEMORY_END;
}

/**
 * Grows the memory to what a level needs. Views of it that exist are detached, so this comes before there are any. False if
 * the host has no more memory to give.
 */
export function reserveMemory(level: i32): bool {
  const missing = <i32>((memoryEndOf(level) + 0xffff) >>> 16) - memory.size();
  return missing <= 0 || memory.grow(missing) >= 0;
}
