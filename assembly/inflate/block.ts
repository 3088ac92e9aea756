/**
 * The blocks of a DEFLATE stream (RFC 1951, 3.2): their headers, stored ones, and symbols by the fast loop as far as
 * it goes and the careful one elsewhere.
 */
import { alignToByte, drop, have, peek } from "./bits";
import { PLENTY, decodeCarefully } from "./careful";
import { BLOCK_END, FAULT_AHEAD, INPUT_MINIMUM, decodeFast } from "./fast";
import { gatherField, startField } from "./fields";
import {
  AFTER_MEMBER, AT_BLOCK, AT_DYNAMIC_COUNTS, BLOCK_START, FAST_STOP, FIELD, FINAL_BLOCK, GZIP, INPUT, INPUT_STOP,
  IN_STORED, IN_STORED_LENGTH, IN_SYMBOLS, IN_TRAILER_CRC, MEMBERS, MODE, NEEDS_INPUT, NEEDS_ROOM, ON, OUTPUT,
  OUTPUT_STOP, REMAINING, RESERVED_BLOCK, STORED_LENGTH_MISMATCH, failAt, inputOffset,
} from "./state";
import { buildFixed } from "./tables";

const STORED: u32 = 0;
const FIXED: u32 = 1;
const DYNAMIC: u32 = 2;

/** Larger than any input: the careful loop is not to be left. */
const NEVER_PLENTY: usize = 0x7fffffff;

/** Reads BFINAL and BTYPE. */
export function readBlockHeader(): u32 {
  if (!have(3)) return NEEDS_INPUT;
  const header = peek(3);
  store<u64>(BLOCK_START, inputOffset());
  drop(3);
  store<u32>(FINAL_BLOCK, header & 1);
  switch (header >>> 1) {
    case STORED: {
      alignToByte();
      startField();
      store<u32>(MODE, IN_STORED_LENGTH);
      return ON;
    }
    case FIXED: {
      buildFixed();
      store<u32>(MODE, IN_SYMBOLS);
      return ON;
    }
    case DYNAMIC: {
      store<u32>(MODE, AT_DYNAMIC_COUNTS);
      return ON;
    }
    default:
      return failAt(RESERVED_BLOCK, load<u64>(BLOCK_START));
  }
}

/** Reads LEN and its complement. */
export function readStoredLength(): u32 {
  if (!gatherField(4)) return NEEDS_INPUT;
  const field = load<u32>(FIELD);
  const length = field & 0xffff;
  if (length != (field >>> 16 ^ 0xffff)) return failAt(STORED_LENGTH_MISMATCH, inputOffset() - 4);
  store<u32>(REMAINING, length);
  store<u32>(MODE, IN_STORED);
  return ON;
}

/** Copies the bytes of a stored block. */
export function readStored(): u32 {
  const input: usize = load<u32>(INPUT);
  const output: usize = load<u32>(OUTPUT);
  const stop: usize = load<u32>(OUTPUT_STOP);
  const remaining: usize = load<u32>(REMAINING);
  const room: usize = output < stop ? stop - output : 0;
  const length = min(min(remaining, room), <usize>load<u32>(INPUT_STOP) - input);
  memory.copy(output, input, length);
  store<u32>(INPUT, <u32>(input + length));
  store<u32>(OUTPUT, <u32>(output + length));
  store<u32>(REMAINING, <u32>(remaining - length));
  if (length < remaining) return length == room ? NEEDS_ROOM : NEEDS_INPUT;
  return endBlock();
}

/** Reads symbols to the end of the block. */
export function readSymbols(): u32 {
  const inputStop: usize = load<u32>(INPUT_STOP);
  const outputStop: usize = load<u32>(FAST_STOP);
  let plenty = INPUT_MINIMUM;
  while (true) {
    if (load<u32>(OUTPUT) >= <u32>outputStop) plenty = NEVER_PLENTY;
    if (inputStop - load<u32>(INPUT) >= plenty) {
      const outcome = decodeFast(inputStop, outputStop);
      if (outcome == BLOCK_END) return endBlock();
      if (outcome == FAULT_AHEAD) plenty = NEVER_PLENTY;
    }
    const outcome = decodeCarefully(plenty);
    if (outcome == ON) return endBlock();
    if (outcome != PLENTY) return outcome;
  }
}

/** After the last block come the trailer of gzip, or the end of DEFLATE alone, on a byte boundary. */
function endBlock(): u32 {
  if (!load<u32>(FINAL_BLOCK)) {
    store<u32>(MODE, AT_BLOCK);
    return ON;
  }
  alignToByte();
  startField();
  if (load<u32>(GZIP)) store<u32>(MODE, IN_TRAILER_CRC);
  else {
    store<u32>(MEMBERS, 1);
    store<u32>(MODE, AFTER_MEMBER);
  }
  return ON;
}
