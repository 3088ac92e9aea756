/**
 * The symbols of a path, counted part by part: parts are what blocks are made of.
 *
 * A segment is cut into parts of PART bytes (levels.ts); what remains is a part of its own if it is at least half as
 * long, else it belongs to the last. A symbol belongs to the part in which its first byte lies. Half a part is longer
 * than any match, so none is without symbols.
 *
 * Of the 320 symbols a part has a hundred or so; PART_SYMBOLS lists only those, `frequency << 9 | symbol` each.
 */
import {
  BLOCK_HISTOGRAM, HISTOGRAM, PART_EXTRA_BITS, PART_SYMBOLS, PART_SYMBOL_COUNTS, SEGMENT,
} from "../memory";
import { distSymbolOf, lengthOf } from "./optimal-matches";
import { LITERAL, choiceAt } from "./optimal-path";
import { DIST, FIRST_LENGTH, SYMBOLS, distExtraBits, lengthExtraBits, lengthSymbol } from "./symbols";

const SYMBOL_BITS: u32 = 9;
const SYMBOL_MASK: u32 = (1 << SYMBOL_BITS) - 1;

/** How many parts the segment has. */
export let parts: u32 = 0;
let partSize: usize = 0;
let segmentLength: usize = 0;

/** Cuts a segment of `length` bytes into parts. */
export function cutParts(size: usize, length: usize): void {
  partSize = size;
  segmentLength = length;
  parts = max<u32>(1, <u32>((length + (size >>> 1)) / size));
}

/** Where a part begins, or for the number of parts, the segment's end. */
// @ts-ignore: decorator
@inline export function partStart(part: u32): usize {
  return SEGMENT + (part < parts ? <usize>part * partSize : segmentLength);
}

/** The items of a part in PART_SYMBOLS. */
// @ts-ignore: decorator
@inline export function itemsOf(part: u32): usize {
  return PART_SYMBOLS + <usize>(part * (SYMBOLS << 2));
}

/** Where the items of a part end. */
// @ts-ignore: decorator
@inline export function itemsEndOf(part: u32): usize {
  return itemsOf(part) + (<usize>load<u32>(PART_SYMBOL_COUNTS + (<usize>part << 2)) << 2);
}

// @ts-ignore: decorator
@inline export function itemSymbol(item: u32): u32 {
  return item & SYMBOL_MASK;
}

// @ts-ignore: decorator
@inline export function itemFrequency(item: u32): u32 {
  return item >>> SYMBOL_BITS;
}

// @ts-ignore: decorator
@inline function count(symbol: u32): void {
  const entry = HISTOGRAM + (<usize>symbol << 2);
  store<u32>(entry, load<u32>(entry) + 1);
}

/** Counts the symbols of the path that CHOICES holds. */
export function countParts(): void {
  let p = SEGMENT;
  for (let part: u32 = 0; part < parts; part++) {
    memory.fill(HISTOGRAM, 0, SYMBOLS << 2);
    let extraBits: u32 = 0;
    for (const stop = partStart(part + 1); p < stop; ) {
      const choice = choiceAt(p);
      const length = lengthOf(choice);
      if (length == LITERAL) count(load<u8>(p));
      else {
        const lengths = lengthSymbol(length), dists = distSymbolOf(choice);
        count(FIRST_LENGTH + lengths);
        count(DIST + dists);
        extraBits += lengthExtraBits(lengths) + distExtraBits(dists);
      }
      p += length;
    }
    store<u32>(PART_EXTRA_BITS + (<usize>part << 2), extraBits);
    listSymbols(part);
  }
}

function listSymbols(part: u32): void {
  const first = itemsOf(part);
  let item = first;
  for (let symbol: u32 = 0; symbol < SYMBOLS; symbol++) {
    const frequency = load<u32>(HISTOGRAM + (symbol << 2));
    store<u32>(item, (frequency << SYMBOL_BITS) | symbol);
    item += usize(frequency != 0) << 2;
  }
  store<u32>(PART_SYMBOL_COUNTS + (<usize>part << 2), <u32>((item - first) >>> 2));
}

/** Adds up the parts from `part` to `end` in BLOCK_HISTOGRAM. */
export function addParts(part: u32, end: u32): void {
  memory.fill(BLOCK_HISTOGRAM, 0, SYMBOLS << 2);
  for (; part < end; part++) {
    for (let item = itemsOf(part), last = itemsEndOf(part); item < last; item += 4) {
      const entry = BLOCK_HISTOGRAM + (<usize>itemSymbol(load<u32>(item)) << 2);
      store<u32>(entry, load<u32>(entry) + itemFrequency(load<u32>(item)));
    }
  }
}
