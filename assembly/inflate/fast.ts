/**
 * The fast loop: symbols, while there is plenty of input and of room.
 *
 * Bit buffer, positions and the next entry live in locals. The buffer is filled without a branch: eight bytes are
 * ORed in above what is there, and the position moves on by as many as went in whole; the bits of the next byte that
 * went in, too, are ORed again, unchanged, the next time. So right after filling all 64 bits are true, though only 56
 * to 63 are counted. `count` is kept modulo 64 only: its higher bits hold what the flags of entries left there.
 *
 * Each entry is looked up before the buffer is filled again, so that the one load runs beside the other. An iteration
 * takes up to two literals and then another one or a match; from one filling to the next at most
 *
 *     2 x 11 (literals) + 20 (length) + 21 (dist without subtable)   or   8 + 7 + 13 (dist with one) + 11 (the next entry)
 *
 * bits, where the buffer is filled in between when it must be. It never decides what is wrong with a stream: when it
 * meets something that has no meaning, it returns as if nothing had been read, and the careful loop reads it all
 * again and says what and where. What the fast loop has written is written again then, to the same places.
 */
import { DIST_TABLE, LITLEN_TABLE } from "../memory";
import { copyMatch } from "./copy";
import { BIT_BUFFER, BIT_COUNT, FLOOR, INPUT, OUTPUT } from "./state";
import { DIST_BITS, END, EXCEPTION, LITLEN_BITS, SUBTABLE } from "./tables";

/** Input that must be there for the loop to be entered, and how much of it is left alone: an iteration reads 29. */
export const INPUT_MINIMUM: usize = 64;
const INPUT_RESERVE: usize = 32;
/** Output of one iteration at most, beyond the stop: two literals and a match, less the byte before the stop. */
export const OUTPUT_OVERRUN: usize = 260;

/** What it returns: it has used up input or room, */
export const LIMIT: u32 = 0;
/** it has read the end of a block, */
export const BLOCK_END: u32 = 1;
/** or there is something wrong ahead. */
export const FAULT_AHEAD: u32 = 2;

const LITLEN_MASK: u32 = (1 << LITLEN_BITS) - 1;
const DIST_MASK: u32 = (1 << DIST_BITS) - 1;
/** A dist codeword of the table's width, its extra bits, and the next lookup; one bit more is true than is counted. */
const DIST_NEEDS: u32 = DIST_BITS + 13 + LITLEN_BITS - 1;

/** How far the position moves when a buffer of `count` bits is filled. */
// @ts-ignore: decorator
@inline function filled(count: u32): usize {
  return 7 - ((count >>> 3) & 7);
}

/** Base and extra bits of a length or distance; `bits` begin with its codeword. */
// @ts-ignore: decorator
@inline function value(entry: u32, bits: u64): u32 {
  return (entry >>> 16) + ((<u32>bits & ~(<u32>-1 << entry)) >>> (entry >>> 8));
}

// @ts-ignore: decorator
@inline function litlenEntry(buffer: u64): u32 {
  return load<u32>(<usize>((<u32>buffer & LITLEN_MASK) << 2), LITLEN_TABLE);
}

/** Where in a table the entry of a subtable is. */
// @ts-ignore: decorator
@inline function inSubtable(entry: u32, buffer: u64): usize {
  return <usize>(((entry >>> 16) + (<u32>buffer & ((1 << ((entry >>> 8) & 15)) - 1))) << 2);
}

export function decodeFast(inputStop: usize, outputStop: usize): u32 {
  inputStop -= INPUT_RESERVE;
  let next: usize = load<u32>(INPUT);
  let to: usize = load<u32>(OUTPUT);
  let buffer = load<u64>(BIT_BUFFER);
  let count = load<u32>(BIT_COUNT);
  const floor: usize = load<u32>(FLOOR);
  let outcome: u32 = LIMIT;

  buffer |= load<u64>(next) << count;
  next += filled(count);
  count |= 56;
  let entry = litlenEntry(buffer);
  do {
    let bits = buffer;
    buffer >>= entry;
    count -= entry;
    if (<i32>entry < 0) {
      let literal = entry >>> 16;
      entry = litlenEntry(buffer);
      bits = buffer;
      buffer >>= entry;
      count -= entry;
      store<u8>(to++, literal);
      if (<i32>entry < 0) {
        literal = entry >>> 16;
        entry = litlenEntry(buffer);
        bits = buffer;
        buffer >>= entry;
        count -= entry;
        store<u8>(to++, literal);
        if (<i32>entry < 0) {
          literal = entry >>> 16;
          entry = litlenEntry(buffer);
          buffer |= load<u64>(next) << count;
          next += filled(count);
          count |= 56;
          store<u8>(to++, literal);
          continue;
        }
      }
    }
    if (entry & EXCEPTION) {
      if (entry & SUBTABLE) {
        entry = load<u32>(inSubtable(entry, buffer), LITLEN_TABLE);
        bits = buffer;
        buffer >>= entry;
        count -= entry;
        if (<i32>entry < 0) {
          const literal = entry >>> 16;
          entry = litlenEntry(buffer);
          buffer |= load<u64>(next) << count;
          next += filled(count);
          count |= 56;
          store<u8>(to++, literal);
          continue;
        }
      }
      if (entry & END) {
        outcome = BLOCK_END;
        break;
      }
      if (entry & EXCEPTION) return FAULT_AHEAD;
    }
    const length = value(entry, bits);
    entry = load<u32>(<usize>((<u32>buffer & DIST_MASK) << 2), DIST_TABLE);
    if (entry & EXCEPTION) {
      if (!(entry & SUBTABLE)) return FAULT_AHEAD;
      buffer |= load<u64>(next) << count;
      next += filled(count);
      count |= 56;
      buffer >>= DIST_BITS;
      count -= DIST_BITS;
      entry = load<u32>(inSubtable(entry, buffer), DIST_TABLE);
      if (entry & EXCEPTION) return FAULT_AHEAD;
    } else if ((count & 63) < DIST_NEEDS) {
      buffer |= load<u64>(next) << count;
      next += filled(count);
      count |= 56;
    }
    const distance = value(entry, buffer);
    buffer >>= entry;
    count -= entry;
    if (distance > <u32>(to - floor)) return FAULT_AHEAD;
    entry = litlenEntry(buffer);
    buffer |= load<u64>(next) << count;
    next += filled(count);
    count |= 56;
    const end = to + length;
    copyMatch(to, distance, end);
    to = end;
  } while (next < inputStop && to < outputStop);

  count &= 63;
  store<u32>(INPUT, <u32>next);
  store<u32>(OUTPUT, <u32>to);
  store<u64>(BIT_BUFFER, buffer & ((<u64>1 << count) - 1));
  store<u32>(BIT_COUNT, count);
  return outcome;
}
