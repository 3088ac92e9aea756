/**
 * The code of a dynamic block (RFC 1951, 3.2.7): three counts, the code lengths of the precode, and written with it
 * the run-length coded code lengths of both alphabets, in one row. What is wrong with it is said to lie where the
 * block begins, except for a repetition that can't be, which is said to lie where it stands.
 */
import { PRECODE_TABLE, READ_CODE_LENGTHS, READ_PRECODE_LENGTHS } from "../memory";
import { DIST_USED, LITLEN_USED } from "../deflate/symbols";
import { drop, have, peek, refill } from "./bits";
import {
  AT_DYNAMIC_COUNTS, BAD_REPEAT, BIT_BUFFER, BIT_COUNT, BLOCK_START, DIST_COUNT, GATHERED, IN_CODE_LENGTHS, IN_PRECODE,
  IN_SYMBOLS, LITLEN_COUNT, MODE, NEEDS_INPUT, ON, PRECODE_COUNT, TOO_MANY_CODES, failAt, inputOffset,
} from "./state";
import { PRECODE_BITS, buildDynamic, buildPrecode } from "./tables";

/** The order in which the precode's lengths are written: the likelier to be zero, the later. */
const PRECODE_ORDER: usize = memory.data<u8>([16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]);

/** Repeats the length before 3 to 6 times; 3 to 10 zeros; 11 to 138 zeros. */
const REPEAT: u32 = 16;
const ZEROS: u32 = 17;

/** Reads on in a dynamic block's description, whichever part of it comes next. */
export function readDynamic(): u32 {
  if (load<u32>(MODE) == AT_DYNAMIC_COUNTS) {
    if (!have(14)) return NEEDS_INPUT;
    const counts = peek(14);
    drop(14);
    store<u32>(LITLEN_COUNT, 257 + (counts & 31));
    store<u32>(DIST_COUNT, 1 + ((counts >>> 5) & 31));
    store<u32>(PRECODE_COUNT, 4 + (counts >>> 10));
    if (load<u32>(LITLEN_COUNT) > LITLEN_USED || load<u32>(DIST_COUNT) > DIST_USED) {
      return failAt(TOO_MANY_CODES, load<u64>(BLOCK_START));
    }
    memory.fill(READ_PRECODE_LENGTHS, 0, 32);
    store<u32>(GATHERED, 0);
    store<u32>(MODE, IN_PRECODE);
  }
  if (load<u32>(MODE) == IN_PRECODE) {
    const end = load<u32>(PRECODE_COUNT);
    for (let i = load<u32>(GATHERED); i < end; i++) {
      if (!have(3)) return NEEDS_INPUT;
      store<u8>(READ_PRECODE_LENGTHS + load<u8>(PRECODE_ORDER + i), <u8>peek(3));
      drop(3);
      store<u32>(GATHERED, i + 1);
    }
    const fault = buildPrecode();
    if (fault) return failAt(fault, load<u64>(BLOCK_START));
    store<u32>(GATHERED, 0);
    store<u32>(MODE, IN_CODE_LENGTHS);
  }
  const outcome = readCodeLengths();
  if (outcome != ON) return outcome;
  const fault = buildDynamic();
  if (fault) return failAt(fault, load<u64>(BLOCK_START));
  store<u32>(MODE, IN_SYMBOLS);
  return ON;
}

/** An item of the run-length code is at most 14 bits, and is used as a whole or not at all. */
function readCodeLengths(): u32 {
  const end = load<u32>(LITLEN_COUNT) + load<u32>(DIST_COUNT);
  let at = load<u32>(GATHERED);
  let buffer = load<u64>(BIT_BUFFER);
  let count = load<u32>(BIT_COUNT);
  let outcome = ON;
  while (at < end) {
    if (count < 14) {
      keep(buffer, count, at);
      refill();
      buffer = load<u64>(BIT_BUFFER);
      count = load<u32>(BIT_COUNT);
    }
    const entry = load<u32>(PRECODE_TABLE + (<usize>(<u32>buffer & ((1 << PRECODE_BITS) - 1)) << 2));
    const symbol = entry >>> 16;
    const codeword = entry & 63;
    const extraBits: u32 = symbol < REPEAT ? 0 : symbol == REPEAT ? 2 : symbol == ZEROS ? 3 : 7;
    const taken = codeword + extraBits;
    if (taken > count) {
      outcome = NEEDS_INPUT;
      break;
    }
    const target = READ_CODE_LENGTHS + at;
    if (symbol < REPEAT) {
      store<u8>(target, <u8>symbol);
      at++;
    } else {
      const extra = <u32>(buffer >> codeword) & ((1 << extraBits) - 1);
      const times = extra + (symbol <= ZEROS ? 3 : 11);
      if (at + times > end || (symbol == REPEAT && at == 0)) {
        keep(buffer, count, at);
        return failAt(BAD_REPEAT, inputOffset());
      }
      memory.fill(target, symbol == REPEAT ? load<u8>(target - 1) : 0, times);
      at += times;
    }
    buffer >>= taken;
    count -= taken;
  }
  keep(buffer, count, at);
  return outcome;
}

// @ts-ignore: decorator
@inline function keep(buffer: u64, count: u32, at: u32): void {
  store<u64>(BIT_BUFFER, buffer);
  store<u32>(BIT_COUNT, count);
  store<u32>(GATHERED, at);
}
