/**
 * The gzip file format (RFC 1952) around DEFLATE: members one after the other, each with a header and a trailer.
 *
 *     1f 8b 08 FLG MTIME(4) XFL OS | FEXTRA: XLEN(2) bytes | FNAME: text 0 | FCOMMENT: text 0 | FHCRC: CRC16(2)
 *     DEFLATE | CRC-32(4) ISIZE(4)
 *
 * What the optional fields say is skipped, however long it is; the CRC16 is checked. After a member there may be
 * another, or zeros up to the end, as tapes and block devices leave them. Anything else is trailing data.
 */
import { crc32 } from "../crc32";
import { gatherField, skipText, startField } from "./fields";
import {
  AFTER_MEMBER, AT_BLOCK, BAD_MAGIC, BAD_METHOD, CHECKED, CRC_MISMATCH, FIELD, FLAGS, FLOOR, GATHERED, GZIP,
  HEADER_CRC, HEADER_CRC_MISMATCH, IGNORE_TRAILING, INPUT, INPUT_STOP, IN_COMMENT, IN_EXTRA, IN_EXTRA_LENGTH,
  IN_HEADER, IN_HEADER_CRC, IN_NAME, IN_PADDING, IN_TRAILER_CRC, IN_TRAILER_SIZE, IN_TRAILING, MEMBERS, MEMBER_CRC,
  MEMBER_SIZE, MODE, NEEDS_INPUT, ON, OUTPUT, REMAINING, RESERVED_FLAGS, SIZE_MISMATCH, TRAILING_DATA, failAt,
  inputOffset,
} from "./state";

const HEADER_SIZE: u32 = 10;
const ID1: u32 = 0x1f;
const ID2: u32 = 0x8b;
const DEFLATE: u32 = 8;

const FHCRC: u32 = 0x02;
const FEXTRA: u32 = 0x04;
const FNAME: u32 = 0x08;
const FCOMMENT: u32 = 0x10;
const RESERVED: u32 = 0xe0;

/** Reads on in a header, whichever part of it comes next. */
export function readHeader(): u32 {
  const start: usize = load<u32>(INPUT);
  const outcome = readHeaderFields();
  store<u32>(HEADER_CRC, crc32(load<u32>(HEADER_CRC), start, <usize>load<u32>(INPUT) - start));
  return outcome;
}

/** All of the header that its CRC covers. */
function readHeaderFields(): u32 {
  if (load<u32>(MODE) == IN_HEADER) {
    const outcome = readFixedFields();
    if (load<u32>(MODE) != IN_HEADER || outcome != ON) return outcome;
    startField();
    store<u32>(MODE, IN_EXTRA_LENGTH);
  }
  if (load<u32>(MODE) == IN_EXTRA_LENGTH) {
    if (load<u32>(FLAGS) & FEXTRA && !gatherField(2)) return NEEDS_INPUT;
    store<u32>(REMAINING, load<u32>(FIELD));
    store<u32>(MODE, IN_EXTRA);
  }
  if (load<u32>(MODE) == IN_EXTRA) {
    const skipped = min(load<u32>(REMAINING), load<u32>(INPUT_STOP) - load<u32>(INPUT));
    store<u32>(INPUT, load<u32>(INPUT) + skipped);
    store<u32>(REMAINING, load<u32>(REMAINING) - skipped);
    if (load<u32>(REMAINING)) return NEEDS_INPUT;
    store<u32>(MODE, IN_NAME);
  }
  if (load<u32>(MODE) == IN_NAME) {
    if (load<u32>(FLAGS) & FNAME && !skipText()) return NEEDS_INPUT;
    store<u32>(MODE, IN_COMMENT);
  }
  if (load<u32>(FLAGS) & FCOMMENT && !skipText()) return NEEDS_INPUT;
  startField();
  store<u32>(MODE, IN_HEADER_CRC);
  return ON;
}

/** The ten bytes that every header has. */
function readFixedFields(): u32 {
  while (load<u32>(GATHERED) < HEADER_SIZE) {
    const next: usize = load<u32>(INPUT);
    if (next == load<u32>(INPUT_STOP)) return NEEDS_INPUT;
    const byte = <u32>load<u8>(next);
    const place = load<u32>(GATHERED);
    if ((place == 0 && byte != ID1) || (place == 1 && byte != ID2)) {
      return load<u32>(MEMBERS) ? trailing(inputOffset() - place) : failAt(BAD_MAGIC, inputOffset());
    }
    if (place == 2 && byte != DEFLATE) return failAt(BAD_METHOD, inputOffset());
    if (place == 3) {
      if (byte & RESERVED) return failAt(RESERVED_FLAGS, inputOffset());
      store<u32>(FLAGS, byte);
    }
    store<u32>(INPUT, <u32>(next + 1));
    store<u32>(GATHERED, place + 1);
  }
  return ON;
}

/** Checks the header's CRC, where there is one. */
export function readHeaderCrc(): u32 {
  if (load<u32>(FLAGS) & FHCRC) {
    if (!gatherField(2)) return NEEDS_INPUT;
    if (load<u32>(FIELD) != (load<u32>(HEADER_CRC) & 0xffff)) return failAt(HEADER_CRC_MISMATCH, inputOffset() - 2);
  }
  store<u32>(MODE, AT_BLOCK);
  return ON;
}

/** Checks the trailer, and leaves everything as the next member needs it. */
export function readTrailer(): u32 {
  if (load<u32>(MODE) == IN_TRAILER_CRC) {
    if (!gatherField(4)) return NEEDS_INPUT;
    checksum();
    if (load<u32>(FIELD) != load<u32>(MEMBER_CRC)) return failAt(CRC_MISMATCH, inputOffset() - 4);
    startField();
    store<u32>(MODE, IN_TRAILER_SIZE);
  }
  if (!gatherField(4)) return NEEDS_INPUT;
  if (load<u32>(FIELD) != load<u32>(MEMBER_SIZE)) return failAt(SIZE_MISMATCH, inputOffset() - 4);
  const members = load<u32>(MEMBERS);
  store<u32>(MEMBERS, members + (members != <u32>-1 ? 1 : 0));
  store<u32>(FLAGS, 0);
  store<u32>(HEADER_CRC, 0);
  store<u32>(MEMBER_CRC, 0);
  store<u32>(MEMBER_SIZE, 0);
  store<u32>(FLOOR, load<u32>(OUTPUT));
  startField();
  store<u32>(MODE, AFTER_MEMBER);
  return ON;
}

/** Brings CRC and size of the member up to the output at hand. */
export function checksum(): void {
  const output: usize = load<u32>(OUTPUT);
  const checked: usize = load<u32>(CHECKED);
  if (load<u32>(GZIP)) {
    store<u32>(MEMBER_CRC, crc32(load<u32>(MEMBER_CRC), checked, output - checked));
    store<u32>(MEMBER_SIZE, load<u32>(MEMBER_SIZE) + <u32>(output - checked));
  }
  store<u32>(CHECKED, <u32>output);
}

/** What comes after a member: the first byte tells. */
export function readAfterMember(): u32 {
  const next: usize = load<u32>(INPUT);
  if (next == load<u32>(INPUT_STOP)) return NEEDS_INPUT;
  const byte = load<u8>(next);
  if (byte == 0) store<u32>(MODE, IN_PADDING);
  else if (byte == ID1 && load<u32>(GZIP)) store<u32>(MODE, IN_HEADER);
  else return trailing(inputOffset());
  return ON;
}

/** Zeros, and nothing but zeros. */
export function readPadding(): u32 {
  const stop: usize = load<u32>(INPUT_STOP);
  let next: usize = load<u32>(INPUT);
  while (next < stop && load<u8>(next) == 0) next++;
  store<u32>(INPUT, <u32>next);
  return next < stop ? trailing(inputOffset()) : NEEDS_INPUT;
}

/** Passes over bytes that are to be ignored. */
export function readTrailing(): u32 {
  store<u32>(INPUT, load<u32>(INPUT_STOP));
  return NEEDS_INPUT;
}

function trailing(offset: u64): u32 {
  if (!load<u32>(IGNORE_TRAILING)) return failAt(TRAILING_DATA, offset);
  store<u32>(MODE, IN_TRAILING);
  return ON;
}
