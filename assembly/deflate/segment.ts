/**
 * One segment, a pure function: (level, the window before it, its bytes, whether it is the last) to DEFLATE bytes
 * that begin and end on a byte boundary.
 *
 * The match finder starts from nothing but the window, and whatever probes may read around the bytes, before the
 * first window and after the end, is set to zero. So the same arguments give the same bytes in any instance, in any
 * order, on any machine: that is what threads and checkpoints stand on.
 *
 * Blocks are settled greedily. The segment is parsed in parts of 4 to 16 KiB (levels.ts); each is added to the open block when one
 * code for both is estimated to cost no more than two codes, and the block is short enough; otherwise the open block
 * is written and the part opens the next.
 */
import {
  BLOCK_HISTOGRAM, HISTOGRAM, OUTPUT_CARRY, SEGMENT, SEGMENT_SLACK, TOKENS, WINDOW, WINDOW_SIZE,
} from "../memory";
import { alignToByte } from "./bits";
import { putBlock, putEmptyFixed, putStored } from "./block";
import { parseBuckets, primeBuckets } from "./buckets";
import { parseChains, primeChains } from "./chains";
import { estimateBlocks, jointCost, partCost } from "./entropy";
import { parseFast, primeFast } from "./fast";
import { BUCKETS, CHAINS, FAST, OPTIMAL, PAIRS, ROWS, STORED, partSizeOf, rowOf, strategyOf } from "./levels";
import { parseLiterals } from "./literals";
import { parsedEnd } from "./match";
import { parsePairs, primePairs } from "./pairs";
import { parseRows, primeRows } from "./rows";
import { encodeOptimal } from "./optimal";
import { SYMBOLS } from "./symbols";

/**
 * Bytes of a full segment. Shorter ones prime the table more often and cut more blocks; longer ones gain nothing more,
 * but hold the thread, the memory and the first byte of output for longer. Measured at level 1 (MB/s best/median of 15
 * interleaved rounds, output by input, milliseconds of one call):
 *
 *     segment     system files                  npm packages
 *     64 KiB      206/158   .44636   0.4        291/234   .23064   0.3
 *     128 KiB     169/155   .44545   0.9        290/237   .22990   0.6
 *     256 KiB     202/159   .44493   1.6        262/246   .22961   1.1
 *     512 KiB     203/159   .44467   3.3        257/244   .22943   2.2
 *     1 MiB       202/159   .44452   6.6        264/246   .22933   4.3
 */
export const SEGMENT_SIZE: usize = 0x40000;

/** Probes reach up to 16 bytes beyond the 258 of a match, and so past the end of the segment; there zeros stand. */
const SLACK_SIZE: usize = OUTPUT_CARRY - SEGMENT_SLACK;

/** A rest that is shorter than a part by this shift is parsed with the part before it: a quarter. */
const REST_SHIFT: usize = 2;
/** A block that has reached this size is written. */
const BLOCK_SIZE: usize = 0x20000;

/**
 * Encodes the `length` bytes at SEGMENT with the `window` bytes before them (0 or 32 KiB), and writes them where the
 * bit writer stands. A segment that isn't the last ends with an empty stored block (a sync flush); the last carries
 * BFINAL.
 */
export function encodeSegment(level: i32, window: usize, length: usize, last: bool): void {
  const row = rowOf(level);
  if (length == 0) {
    if (last) putEmptyFixed();
  } else if (strategyOf(row) == STORED) putStored(SEGMENT, length, last);
  else deflate(row, window, length, last);
  if (!last) putStored(SEGMENT, 0, false);
  alignToByte();
}

/** Empties the match finder of a strategy, then shows it the `window` bytes before the segment. */
function prime(strategy: u32, row: usize, window: usize): void {
  if (strategy == FAST) primeFast(row, window);
  else if (strategy == PAIRS) primePairs(row, window);
  else if (strategy == BUCKETS) primeBuckets(row, window);
  else if (strategy == ROWS) primeRows(row, window);
  else if (strategy == CHAINS) primeChains(row, window);
}

/**
 * Parses from p until `stop` is reached or passed, never past `end`, the end of the segment. Matches begin no earlier
 * than `start`. Stores tokens at `token`, counts symbols in HISTOGRAM, sets `parsedEnd`, and returns the end of the
 * tokens. Called once for each part; each strategy has its own loop, compiled for it alone.
 */
function parse(
  strategy: u32, row: usize, p: usize, stop: usize, end: usize, start: usize, token: usize,
): usize {
  if (strategy == FAST) return parseFast(p, stop, end, start, token);
  if (strategy == PAIRS) return parsePairs(p, stop, end, start, token);
  if (strategy == BUCKETS) return parseBuckets(row, p, stop, end, start, token);
  if (strategy == ROWS) return parseRows(row, p, stop, end, start, token);
  if (strategy == CHAINS) return parseChains(row, p, stop, end, start, token);
  return parseLiterals(p, stop, token);
}

function deflate(row: usize, window: usize, length: usize, last: bool): void {
  const strategy = strategyOf(row);
  const partSize = partSizeOf(row);
  if (window < WINDOW_SIZE) memory.fill(WINDOW, 0, WINDOW_SIZE - window);
  memory.fill(SEGMENT + length, 0, SLACK_SIZE);
  if (strategy == OPTIMAL) {
    encodeOptimal(row, window, length, last);
    return;
  }
  prime(strategy, row, window);
  const end = SEGMENT + length;
  const start = SEGMENT - window;
  let position = SEGMENT;
  let blockStart = SEGMENT;
  let blockTokens = TOKENS;
  let blockCost: u32 = 0;
  while (position < end) {
    const partStart = position;
    const partTokens = blockTokens;
    memory.fill(HISTOGRAM, 0, SYMBOLS << 2);
    const stop = end - position < partSize + (partSize >>> REST_SHIFT) ? end : position + partSize;
    const partTokensEnd = parse(strategy, row, position, stop, end, start, partTokens);
    position = parsedEnd;
    estimateBlocks(BLOCK_HISTOGRAM, HISTOGRAM);
    if (partStart > blockStart) {
      if (position - blockStart <= BLOCK_SIZE && jointCost <= blockCost + partCost) {
        addHistogram();
        blockTokens = partTokensEnd;
        blockCost = jointCost;
        continue;
      }
      putBlock(blockStart, partStart, TOKENS, partTokens, false);
      memory.copy(TOKENS, partTokens, partTokensEnd - partTokens);
    }
    memory.copy(BLOCK_HISTOGRAM, HISTOGRAM, SYMBOLS << 2);
    blockStart = partStart;
    blockTokens = TOKENS + (partTokensEnd - partTokens);
    blockCost = partCost;
  }
  putBlock(blockStart, end, TOKENS, blockTokens, last);
}

function addHistogram(): void {
  for (let i: usize = 0; i < SYMBOLS << 2; i += 16) {
    v128.store(BLOCK_HISTOGRAM + i, i32x4.add(v128.load(BLOCK_HISTOGRAM + i), v128.load(HISTOGRAM + i)));
  }
}
