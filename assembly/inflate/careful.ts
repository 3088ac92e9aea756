/**
 * The careful loop: one symbol at a time, with whatever input and room there are. It reads the ends of pieces, and
 * finds what is wrong.
 *
 * A literal, or a length and its distance, is at most 48 bits; it is used as a whole or not at all. Beyond the
 * bits that count there are zeros in the buffer, or what comes next: an entry found with their help tells by its length
 * that it isn't to be believed.
 *
 * The last bits of the input may stand for symbols, fewer than eight: these are read though the room is used up.
 * So whatever the input at hand stands for is there as soon as all of it is used.
 */
import { DIST_TABLE, LITLEN_TABLE } from "../memory";
import { refill } from "./bits";
import {
  BIT_BUFFER, BIT_COUNT, FAULTY, FLOOR, INPUT, INPUT_STOP, INVALID_DISTANCE, INVALID_SYMBOL, NEEDS_INPUT, NEEDS_ROOM,
  ON, OUTPUT, OUTPUT_STOP, failAt, inputOffset,
} from "./state";
import { DIST_BITS, END, ENTRY_SHIFT, EXCEPTION, LITERAL, LITLEN_BITS, SUBTABLE } from "./tables";

/** It returns this, besides what a step ends with, when there is input for the fast loop again. */
export const PLENTY: u32 = 16;

const LITLEN_MASK: u32 = (1 << LITLEN_BITS) - 1;
const DIST_MASK: u32 = (1 << DIST_BITS) - 1;
const BITS_TO_DROP: u32 = 63;

// @ts-ignore: decorator
@inline function entryAt(table: usize, index: u32): u32 {
  return load<u32>(table + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline function subtableIndex(entry: u32, bits: u64): u32 {
  return (entry >>> 16) + (<u32>bits & ((1 << ((entry >>> 8) & 15)) - 1));
}

/** Base and extra bits; `bits` begin with the codeword. */
// @ts-ignore: decorator
@inline function value(entry: u32, bits: u64): u32 {
  const codeword = ((entry >>> 8) & 15) - ENTRY_SHIFT;
  const extraBits = (entry & BITS_TO_DROP) - codeword;
  return (entry >>> 16) + ((<u32>bits >>> codeword) & ((1 << extraBits) - 1));
}

/** Reads symbols up to the end of the block (ON), or until `plenty` bytes of input are at hand (PLENTY). */
export function decodeCarefully(plenty: usize): u32 {
  const floor: usize = load<u32>(FLOOR);
  const inputStop: usize = load<u32>(INPUT_STOP);
  const outputStop: usize = load<u32>(OUTPUT_STOP);
  let to: usize = load<u32>(OUTPUT);
  while (true) {
    refill();
    const left = inputStop - load<u32>(INPUT);
    const count = load<u32>(BIT_COUNT);
    if (to >= outputStop && (left > 0 || count >= 8)) return NEEDS_ROOM;
    if (left >= plenty) return PLENTY;

    let bits = load<u64>(BIT_BUFFER);
    let entry = entryAt(LITLEN_TABLE, <u32>bits & LITLEN_MASK);
    let taken: u32 = 0;
    if (!(entry & LITERAL) && entry & SUBTABLE) {
      bits >>= LITLEN_BITS;
      taken = LITLEN_BITS;
      entry = entryAt(LITLEN_TABLE, subtableIndex(entry, bits));
    }
    taken += entry & BITS_TO_DROP;
    if (taken > count) return NEEDS_INPUT;
    if (entry & LITERAL) {
      store<u8>(to++, <u8>(entry >>> 16));
      use(taken, to);
      continue;
    }
    if (entry & EXCEPTION) {
      if (!(entry & END)) return failAt(INVALID_SYMBOL, inputOffset());
      use(taken, to);
      return ON;
    }

    const length = value(entry, bits);
    bits >>= entry & BITS_TO_DROP;
    entry = entryAt(DIST_TABLE, <u32>bits & DIST_MASK);
    if (entry & SUBTABLE) {
      bits >>= DIST_BITS;
      taken += DIST_BITS;
      entry = entryAt(DIST_TABLE, subtableIndex(entry, bits));
    }
    taken += entry & BITS_TO_DROP;
    if (taken > count) return NEEDS_INPUT;
    if (entry & EXCEPTION) return failAt(INVALID_DISTANCE, inputOffset());
    const distance = value(entry, bits);
    if (distance > <u32>(to - floor)) return failAt(INVALID_DISTANCE, inputOffset());
    for (const end = to + length; to < end; to++) store<u8>(to, load<u8>(to - distance));
    use(taken, to);
  }
}

/** A symbol of `count` bits has been read, and output reaches up to `to`. */
// @ts-ignore: decorator
@inline function use(count: u32, to: usize): void {
  store<u64>(BIT_BUFFER, load<u64>(BIT_BUFFER) >> count);
  store<u32>(BIT_COUNT, load<u32>(BIT_COUNT) - count);
  store<u32>(OUTPUT, <u32>to);
}
