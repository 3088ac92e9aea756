/**
 * The fast loop: symbols, while there is plenty of input and of room.
 *
 * Bit buffer, positions and the next entry live in locals. Here the buffer stands ENTRY_SHIFT bits further to the left
 * than elsewhere, with what was dropped last below: so its lowest bits, masked, are the offset of an entry in a table.
 *
 * It is filled without a branch: eight bytes are ORed in above what is there, and the position moves on by as many as
 * went in whole; the bits of the next byte that went in, too, are ORed again, unchanged, the next time. So right after
 * filling all 62 bits are true. `used` says how many of them have been taken since, and begins with those of the first
 * byte that had been, 0 to 7. It is kept modulo 64 only: its higher bits hold what the flags of entries left there.
 *
 * What decides how long a symbol takes is the way from its entry over the shift to the entry of the next, and the
 * branches that nobody can foresee: whether a literal comes or a match. So as soon as the bits of a symbol are dropped,
 * and before it is asked what it was, what may follow is looked up, in both tables where both may be needed: when
 * the guess was wrong, the entry is there already. Each is looked up before the buffer is filled, too. Speed of the
 * whole inflater, on system files and on packages:
 *
 *     one table after the branch, masked index shifted   1.00  1.00
 *     distance before the branch, buffer shifted         1.10  1.09
 *     the symbol after it, too                           1.12  1.11
 *     the same behind the second literal, too            1.11  1.11
 *     the symbol behind a distance, too                  1.05  1.10
 *     extra bits of lengths in the table                 1.12  1.13
 *     no branches: symbols first, then all copies        0.95  0.89
 *
 * An iteration takes two literals, or up to one and a match. From one filling to the next it takes at most
 *
 *     11 bits (literal) + 11 + 5 (length) + 8 + 13 (distance) + 11 (looked at for the next entry) = 59 of 62
 *
 * and the buffer is filled behind every match and every second literal, and wherever a subtable was needed. The loop
 * never decides what is wrong with a stream: when it meets something that has no meaning, it returns as if nothing had
 * been read, and the careful loop reads it all again and says what and where. What this one has written is written
 * again then, to the same places.
 */
import { DIST_TABLE, LITLEN_TABLE } from "../memory";
import { copyMatch } from "./copy";
import { BIT_BUFFER, BIT_COUNT, FLOOR, INPUT, OUTPUT } from "./state";
import { DIST_BITS, END, ENTRY_SHIFT, EXCEPTION, LITLEN_BITS, SUBTABLE } from "./tables";

/** Input that must be there for the loop to be entered, and how much of it is left alone: an iteration reads 22. */
export const INPUT_MINIMUM: usize = 64;
const INPUT_RESERVE: usize = 32;
/** Output of one iteration at most, beyond the stop: a literal and a match, less the byte before the stop. */
export const OUTPUT_OVERRUN: usize = 258;

/** What it returns: it has used up input or room, */
export const LIMIT: u32 = 0;
/** it has read the end of a block, */
export const BLOCK_END: u32 = 1;
/** or there is something wrong ahead. */
export const FAULT_AHEAD: u32 = 2;

const LITLEN_MASK: u32 = ((1 << LITLEN_BITS) - 1) << ENTRY_SHIFT;
const DIST_MASK: u32 = ((1 << DIST_BITS) - 1) << ENTRY_SHIFT;

/**
 * Bits that count right after filling, when no bit of the first byte had been used. There are never more when the loop
 * is entered, for a block's header has taken three of the 63 that there can be elsewhere.
 */
const FULL: u32 = 61;

/** How far the position moves when the buffer is filled. */
// @ts-ignore: decorator
@inline function filled(used: u32): usize {
  return (used >>> 3) & 7;
}

/** Base and extra bits of a length or distance; `bits` begin with its codeword. */
// @ts-ignore: decorator
@inline function value(entry: u32, bits: u64): u32 {
  return (entry >>> 16) + ((<u32>bits & ~((<u32>-1 << ENTRY_SHIFT) << entry)) >>> (entry >>> 8));
}

// @ts-ignore: decorator
@inline function litlenEntry(buffer: u64): u32 {
  return load<u32>(<usize>(<u32>buffer & LITLEN_MASK), LITLEN_TABLE);
}

// @ts-ignore: decorator
@inline function distEntry(buffer: u64): u32 {
  return load<u32>(<usize>(<u32>buffer & DIST_MASK), DIST_TABLE);
}

/** Where in a table the entry of a subtable is. */
// @ts-ignore: decorator
@inline function inSubtable(entry: u32, buffer: u64): usize {
  const mask = ((1 << ((entry >>> 8) & 15)) - 1) << ENTRY_SHIFT;
  return <usize>(((entry >>> 16) << ENTRY_SHIFT) + (<u32>buffer & mask));
}

export function decodeFast(inputStop: usize, outputStop: usize): u32 {
  inputStop -= INPUT_RESERVE;
  let next: usize = load<u32>(INPUT);
  let to: usize = load<u32>(OUTPUT);
  let buffer = load<u64>(BIT_BUFFER) << ENTRY_SHIFT;
  let used = FULL - load<u32>(BIT_COUNT);
  const floor: usize = load<u32>(FLOOR);
  let outcome: u32 = LIMIT;

  buffer |= load<u64>(next) << ~used;
  next += filled(used);
  used &= 7;
  let entry = litlenEntry(buffer);
  do {
    let bits = buffer;
    buffer >>= entry;
    used += entry;
    let dist = distEntry(buffer);
    const second = litlenEntry(buffer);
    if (<i32>entry < 0) {
      let literal = entry >>> 16;
      entry = second;
      bits = buffer;
      buffer >>= entry;
      used += entry;
      dist = distEntry(buffer);
      store<u8>(to++, literal);
      if (<i32>entry < 0) {
        literal = entry >>> 16;
        entry = litlenEntry(buffer);
        buffer |= load<u64>(next) << ~used;
        next += filled(used);
        used &= 7;
        store<u8>(to++, literal);
        continue;
      }
    }
    if (entry & EXCEPTION) {
      if (entry & SUBTABLE) {
        entry = load<u32>(inSubtable(entry, buffer), LITLEN_TABLE);
        bits = buffer;
        buffer >>= entry;
        used += entry;
        if (<i32>entry < 0) {
          const literal = entry >>> 16;
          entry = litlenEntry(buffer);
          buffer |= load<u64>(next) << ~used;
          next += filled(used);
          used &= 7;
          store<u8>(to++, literal);
          continue;
        }
      }
      if (entry & END) {
        outcome = BLOCK_END;
        break;
      }
      if (entry & EXCEPTION) return FAULT_AHEAD;
      buffer |= load<u64>(next) << ~used;
      next += filled(used);
      used &= 7;
      dist = distEntry(buffer);
    }
    const length = value(entry, bits);
    if (dist & EXCEPTION) {
      if (!(dist & SUBTABLE)) return FAULT_AHEAD;
      buffer |= load<u64>(next) << ~used;
      next += filled(used);
      used &= 7;
      buffer >>= DIST_BITS;
      used += DIST_BITS;
      dist = load<u32>(inSubtable(dist, buffer), DIST_TABLE);
      if (dist & EXCEPTION) return FAULT_AHEAD;
    }
    entry = dist;
    const distance = value(entry, buffer);
    buffer >>= entry;
    used += entry;
    if (distance > <u32>(to - floor)) return FAULT_AHEAD;
    entry = litlenEntry(buffer);
    buffer |= load<u64>(next) << ~used;
    next += filled(used);
    used &= 7;
    const end = to + length;
    copyMatch(to, distance, end);
    to = end;
  } while (next < inputStop && to < outputStop);

  const count = (FULL - used) & 63;
  store<u32>(INPUT, <u32>next);
  store<u32>(OUTPUT, <u32>to);
  store<u64>(BIT_BUFFER, (buffer >> ENTRY_SHIFT) & ((<u64>1 << count) - 1));
  store<u32>(BIT_COUNT, count);
  return outcome;
}
