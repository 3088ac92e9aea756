/**
 * The inflater: RFC 1951 alone or in RFC 1952, a piece of input at a time, in and out of any byte.
 *
 *     COMPRESSED                    HISTORY        INFLATED                          INFLATED_SLACK
 *     | input at hand ....... |     | 32 KiB .... | output .......... | room ...... | beyond .... |
 *                                        < distances reach back to here         OUTPUT_STOP
 *
 * Output is laid down in a row behind the 32 KiB before it: JavaScript takes it as a view, and matches are copied
 * without asking where a ring ends. When what was taken reaches half of the room or more, the last 32 KiB move to the
 * front. 128 KiB of room and pieces of 32 KiB of input are as fast as any more.
 *
 * Each step belongs to a mode. It goes on as far as input and room reach, keeps what it needs in the state, and says
 * why it stopped. A step that stops for room gives the whole bytes in the bit buffer back, so the bytes that are used
 * are exactly those whose meaning has been laid down, or that are part of something incomplete.
 */
import { COMPRESSED, HISTORY, INFLATED, INFLATED_SLACK, WINDOW_SIZE } from "../memory";
import { giveBack } from "./bits";
import { readBlockHeader, readStored, readStoredLength, readSymbols } from "./block";
import { copyInitialize } from "./copy";
import { readDynamic } from "./dynamic";
import { OUTPUT_OVERRUN } from "./fast";
import {
  checksum, readAfterMember, readHeader, readHeaderCrc, readPadding, readTrailer, readTrailing,
} from "./framing";
import {
  AFTER_MEMBER, AT_BLOCK, AT_DYNAMIC_COUNTS, FAST_STOP, FAULTY, FLOOR, HASHED, INPUT, INPUT_STOP, INPUT_TOTAL,
  IN_CODE_LENGTHS, IN_COMMENT, IN_EXTRA, IN_EXTRA_LENGTH, IN_HEADER, IN_HEADER_CRC, IN_NAME, IN_PADDING, IN_PRECODE,
  IN_STORED, IN_STORED_LENGTH, IN_SYMBOLS, IN_TRAILER_CRC, IN_TRAILER_SIZE, IN_TRAILING, CHECKED, MODE, NEEDS_ROOM, ON,
  OUTPUT, OUTPUT_STOP, OUTPUT_TOTAL, FIXED_TABLES, NO_FAULT, placeOutput, resetState,
} from "./state";
import { buildDynamic, buildFixed, buildPrecode, templatesInitialize } from "./tables";

/** Bytes of input that are given at once at most. */
export const COMPRESSED_SIZE: usize = HISTORY - COMPRESSED;

/** Output that must have been taken for the rest to be moved to the front. */
const SLIDE_MINIMUM: usize = (INFLATED_SLACK - INFLATED) / 2;

/** Begins a stream: nothing of an earlier one remains. */
export function inflateReset(gzip: bool, ignoreTrailing: bool): void {
  resetState(gzip, ignoreTrailing);
  templatesInitialize();
  copyInitialize();
}

/**
 * Inflates the `length` bytes at COMPRESSED, until they are used up, there is no more room, or `limit` bytes have been
 * added to the output; a symbol under way may pass the latter two. Returns how many bytes it has used.
 */
export function inflate(length: usize, limit: usize): usize {
  const end = <usize>load<u32>(OUTPUT) + limit;
  store<u32>(INPUT, <u32>COMPRESSED);
  store<u32>(INPUT_STOP, <u32>(COMPRESSED + length));
  store<u32>(OUTPUT_STOP, <u32>min(end, INFLATED_SLACK));
  store<u32>(FAST_STOP, <u32>min(end - OUTPUT_OVERRUN, INFLATED_SLACK));
  let outcome = ON;
  while (outcome == ON) outcome = step();
  if (outcome == NEEDS_ROOM) giveBack();
  if (outcome != FAULTY) checksum();
  const used = <usize>load<u32>(INPUT) - COMPRESSED;
  store<u64>(INPUT_TOTAL, load<u64>(INPUT_TOTAL) + used);
  store<u32>(INPUT, <u32>COMPRESSED);
  store<u32>(INPUT_STOP, <u32>COMPRESSED);
  return used;
}

function step(): u32 {
  switch (load<u32>(MODE)) {
    case IN_HEADER:
    case IN_EXTRA_LENGTH:
    case IN_EXTRA:
    case IN_NAME:
    case IN_COMMENT: return readHeader();
    case IN_HEADER_CRC: return readHeaderCrc();
    case AT_BLOCK: return readBlockHeader();
    case IN_STORED_LENGTH: return readStoredLength();
    case IN_STORED: return readStored();
    case AT_DYNAMIC_COUNTS:
    case IN_PRECODE:
    case IN_CODE_LENGTHS: return readDynamic();
    case IN_SYMBOLS: return readSymbols();
    case IN_TRAILER_CRC:
    case IN_TRAILER_SIZE: return readTrailer();
    case AFTER_MEMBER: return readAfterMember();
    case IN_PADDING: return readPadding();
    case IN_TRAILING: return readTrailing();
    default: return FAULTY;
  }
}

/** The state has been set from outside: sets what follows from it. False if its code lengths are those of no code. */
export function inflateResume(history: usize, tail: usize): bool {
  placeOutput(history, tail);
  const mode = load<u32>(MODE);
  // Whatever tables the saved stream had, this instance has others.
  const fixed = load<u32>(FIXED_TABLES);
  store<u32>(FIXED_TABLES, 0);
  if (mode == IN_CODE_LENGTHS) return buildPrecode() == NO_FAULT;
  if (mode != IN_SYMBOLS) return true;
  if (!fixed) return buildDynamic() == NO_FAULT;
  buildFixed();
  return true;
}

/** All output has been taken. Returns the address of what comes next. */
export function inflateTaken(): usize {
  const output: usize = load<u32>(OUTPUT);
  const way = output - INFLATED;
  if (way < SLIDE_MINIMUM) return output;
  memory.copy(HISTORY, output - WINDOW_SIZE, WINDOW_SIZE);
  const floor: usize = load<u32>(FLOOR);
  store<u32>(FLOOR, <u32>(floor > HISTORY + way ? floor - way : HISTORY));
  store<u32>(CHECKED, load<u32>(CHECKED) - <u32>way);
  store<u32>(HASHED, load<u32>(HASHED) - <u32>way);
  store<u32>(OUTPUT, <u32>INFLATED);
  store<u64>(OUTPUT_TOTAL, load<u64>(OUTPUT_TOTAL) + way);
  return INFLATED;
}
