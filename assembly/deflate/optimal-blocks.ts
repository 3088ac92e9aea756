/**
 * Where blocks end at levels 10 to 12: of all ways to put the parts of a segment together, the one that is estimated to
 * be smallest.
 *
 * The best blocks for the first j parts are the best for the first i, and one block of the parts i to j - 1, for some
 * i. From each i the open block takes up part after part; it is estimated anew for the symbols of the part only, as the
 * estimate is a sum over symbols (entropy.ts). Extra bits are counted, for a block that can't be compressed is taken to
 * be stored.
 */
import {
  BLOCK_ENDS, OPEN_SYMBOLS, PART_EXTRA_BITS, SPLIT_COSTS, SPLIT_STARTS,
} from "../memory";
import { BLOCK_COST, FRACTION_BITS, SYMBOL_COST, frequencyCost } from "./entropy";
import { itemFrequency, itemSymbol, itemsEndOf, itemsOf, partStart, parts } from "./optimal-parts";
import { DIST, SYMBOLS } from "./symbols";
import { countWork } from "./work";

/** What a stored block costs beside its bytes: its type, five bits of alignment, LEN and NLEN. */
const STORED_COST: u32 = 40 << FRACTION_BITS;
const BYTE_SHIFT: u32 = 3 + FRACTION_BITS;

/** Which part the first of a block's is, and which follows its last. */
// @ts-ignore: decorator
@inline export function blockStart(block: u32): u32 {
  return block ? blockEnd(block - 1) : 0;
}

// @ts-ignore: decorator
@inline export function blockEnd(block: u32): u32 {
  return load<u32>(BLOCK_ENDS + (<usize>block << 2));
}

/** Makes one block of all parts, and returns how many there are: 1. */
export function joinParts(): u32 {
  store<u32>(BLOCK_ENDS, parts);
  return 1;
}

/** Puts the parts, whose symbols are counted, together as blocks, and returns how many there are. */
export function settleBlocks(): u32 {
  memory.fill(SPLIT_COSTS, 0xff, (<usize>parts + 1) << 2);
  store<u32>(SPLIT_COSTS, 0);
  for (let first: u32 = 0; first < parts; first++) openBlock(first);
  let blocks: u32 = 0;
  for (let part = parts; part > 0; part = load<u32>(SPLIT_STARTS + (<usize>part << 2))) blocks++;
  let block = BLOCK_ENDS + (<usize>blocks << 2);
  for (let part = parts; part > 0; part = load<u32>(SPLIT_STARTS + (<usize>part << 2))) {
    block -= 4;
    store<u32>(block, part);
  }
  return blocks;
}

/** Lets a block begin with the part `first`, and end after each that follows, and keeps what is the best way so far. */
function openBlock(first: u32): void {
  memory.fill(OPEN_SYMBOLS, 0, SYMBOLS << 3);
  const before = load<u32>(SPLIT_COSTS + (<usize>first << 2));
  const start = partStart(first);
  // The end of the block counts, once.
  let litlen: u32 = 1, dist: u32 = 0, used: u32 = 1;
  let sum: u32 = 0, extraBits: u32 = 0;
  for (let part = first; part < parts; part++) {
    const end = itemsEndOf(part);
    for (let item = itemsOf(part); item < end; item += 4) {
      countWork(1);
      const symbol = itemSymbol(load<u32>(item)), frequency = itemFrequency(load<u32>(item));
      const open = OPEN_SYMBOLS + (<usize>symbol << 3);
      const joint = load<u32>(open, 0) + frequency;
      const cost = frequencyCost(joint);
      used += u32(joint == frequency);
      sum += cost - load<u32>(open, 4);
      store<u32>(open, joint, 0);
      store<u32>(open, cost, 4);
      if (symbol < DIST) litlen += frequency;
      else dist += frequency;
    }
    extraBits += load<u32>(PART_EXTRA_BITS + (<usize>part << 2));
    const coded = BLOCK_COST + frequencyCost(litlen) + frequencyCost(dist) - sum + used * SYMBOL_COST +
      (extraBits << FRACTION_BITS);
    const stored = STORED_COST + (<u32>(partStart(part + 1) - start) << BYTE_SHIFT);
    const cost = before + min(coded, stored);
    const best = SPLIT_COSTS + (<usize>(part + 1) << 2);
    if (cost < load<u32>(best)) {
      store<u32>(best, cost);
      store<u32>(SPLIT_STARTS + (<usize>(part + 1) << 2), first);
    }
  }
}
