/**
 * Levels 10 to 12: near-optimal parsing. All matches of a segment are found first (optimal-matches.ts); then path and
 * code are brought to fit each other, for each depends on the other:
 *
 *     the longest matches are a first path
 *     PASSES times:
 *         the segment is one block; SETTLED times from the second on,
 *         blocks are settled for the path                                   optimal-blocks.ts
 *         each block's symbols get costs from their frequencies in it       optimal-costs.ts
 *         the cheapest path for these costs is the next                     optimal-path.ts
 *         its symbols are counted                                           optimal-parts.ts
 *     the blocks are written
 *
 * The last pass takes its costs from the Huffman codes of the path before. To begin with one block keeps the first
 * path, which is poor, from deciding where blocks end: without that, what a de Bruijn sequence becomes is a third
 * larger.
 *
 * Measured (output by that of libdeflate-gzip -12, three slices of 5 MB each, with DEPTH 300 and NICE 258):
 *
 *     PART               2048                          1024                          4096
 *     PASSES, SETTLED    1, 0    2, 1    4, 2    7, 3   4, 2    5, 3    7, 3   12, 6  4, 2
 *     system files       1.027   .9969   .9956   .9954  .9941   .9939   .9938  .9938  .9975
 *     npm packages       1.010   .9987   .9967   .9962  .9962   .9959   .9958  .9956  .9971
 *
 * At 2048 and 4, 2, DEPTH 100 and NICE 150 cost 0.01 and 0.03 %, DEPTH 35 and NICE 75 cost 0.07 and 0.25 %.
 */
import {
  BLOCK_HISTOGRAM, CODE_LENGTHS, FIXED_CODE_LENGTHS, SEGMENT, TOKENS,
} from "../memory";
import { buildBlockCode, measureBlock, putBlock } from "./block";
import { partSizeOf, passesOf, settledOf } from "./levels";
import { blockEnd, blockStart, joinParts, settleBlocks } from "./optimal-blocks";
import { estimateCosts, takeCosts } from "./optimal-costs";
import { collectMatches, distanceLess1Of, lengthOf } from "./optimal-matches";
import { addParts, countParts, cutParts, partStart, parts } from "./optimal-parts";
import { LITERAL, choiceAt, endPath, findPath, takeLongest } from "./optimal-path";
import { putLiteral, putLiterals, putMatch } from "./tokens";

/** A segment of up to this many bytes may be best in one block of the fixed code, with a path of its own. */
const FIXED_LENGTH: usize = 4096;

/** Encodes the `length` bytes at SEGMENT, at least 1, with the `window` bytes before them. */
export function encodeOptimal(row: usize, window: usize, length: usize, last: bool): void {
  const match = collectMatches(row, window, length);
  cutParts(partSizeOf(row), length);
  const fixed: u32 = length <= FIXED_LENGTH ? findFixedPath(length, match) : -1;
  takeLongest(length, match);
  countParts();
  const passes = passesOf(row), settled = settledOf(row);
  let blocks: u32 = 0;
  for (let pass: u32 = 1; pass <= passes; pass++) {
    if (pass == 1) blocks = joinParts();
    else if (pass <= settled + 1) blocks = settleBlocks();
    findDynamicPath(blocks, length, match, pass == passes);
    countParts();
  }
  if (blocks == 1) {
    addParts(0, parts);
    if (fixed < measureBlock(length)) findFixedPath(length, match);
  }
  putBlocks(blocks, last);
}

/** Finds and counts the path that is cheapest in the fixed code, and returns its size as one block, in bits. */
function findFixedPath(length: usize, match: usize): u32 {
  takeCosts(FIXED_CODE_LENGTHS);
  endPath(length);
  findPath(SEGMENT, SEGMENT + length, match);
  countParts();
  addParts(0, parts);
  return measureBlock(length);
}

/** Finds the path that is cheapest in the codes of the last path's blocks; these are estimated unless `exact`. */
function findDynamicPath(blocks: u32, length: usize, match: usize, exact: bool): void {
  endPath(length);
  for (let block = blocks; block-- > 0; ) {
    const first = blockStart(block), end = blockEnd(block);
    addParts(first, end);
    if (exact) {
      buildBlockCode();
      takeCosts(CODE_LENGTHS);
    } else estimateCosts(BLOCK_HISTOGRAM);
    match = findPath(partStart(first), partStart(end), match);
  }
}

/** Writes the path. A match that reaches over the end of a block belongs to it, and the next begins where it ends. */
function putBlocks(blocks: u32, last: bool): void {
  let p = SEGMENT;
  for (let block: u32 = 0; block < blocks; block++) {
    const first = p;
    const stop = partStart(blockEnd(block));
    let token = TOKENS;
    while (p < stop) {
      const choice = choiceAt(p);
      if (choice != LITERAL) {
        putMatch(token, lengthOf(choice), distanceLess1Of(choice));
        p += lengthOf(choice);
      } else if (p + 1 < stop && choiceAt(p + 1) == LITERAL) {
        putLiterals(token, load<u8>(p, 0), load<u8>(p, 1));
        p += 2;
      } else putLiteral(token, load<u8>(p++));
      token += 4;
    }
    addParts(blockStart(block), blockEnd(block));
    putBlock(first, p, TOKENS, token, last && block + 1 == blocks);
  }
}
