/**
 * Gzip framing (RFC 1952) around the segments of one stream, and the stream's counters.
 *
 *     gzip = header || encodeSegment(0) || encodeSegment(1) || ... || CRC-32 || ISIZE
 *
 * Header: deflate, no flags, MTIME 0, OS 255 (unknown); XFL 4 at level 1 (fastest), 2 from level 9 on (best), else 0.
 *
 * The counters stand in the STREAM region, little-endian:
 *
 *     offset  type  what
 *     0x00    u64   bytes of input so far
 *     0x08    u64   bytes of output so far
 *     0x10    u32   CRC-32 of the input so far
 *     0x14    i32   level
 *     0x18    u32   bytes of window before the segment: 0 for the first, then 32768
 *     0x1c    u32   bytes at OUTPUT that have not been taken
 *     0x20    u32   of these, how many are hashed (layer.ts)
 *     0x24    u32   bytes before OUTPUT that have been taken, but not hashed (layer.ts)
 */
import { OUTPUT, SEGMENT, STREAM, WINDOW, WINDOW_SIZE } from "./memory";
import { crc32 } from "./crc32";
import { outputPosition, startBits } from "./deflate/bits";
import { encodeSegment } from "./deflate/segment";

export const INPUT_TOTAL: usize = STREAM;
export const OUTPUT_TOTAL: usize = STREAM + 0x08;
export const CRC32: usize = STREAM + 0x10;
export const LEVEL: usize = STREAM + 0x14;
export const WINDOW_LENGTH: usize = STREAM + 0x18;
export const PENDING: usize = STREAM + 0x1c;
export const HASHED: usize = STREAM + 0x20;
export const CARRY: usize = STREAM + 0x24;
const STREAM_SIZE: usize = 0x28;

const HEADER_SIZE: usize = 10;
const TRAILER_SIZE: usize = 8;

/** Begins a stream: nothing of an earlier one remains. */
export function gzipReset(level: i32): void {
  memory.fill(STREAM, 0, STREAM_SIZE);
  store<i32>(LEVEL, level);
}

/** Encodes the `length` bytes at SEGMENT behind what waits at OUTPUT, and returns how many bytes wait there now. */
export function gzipSegment(length: usize, last: bool): usize {
  const before: usize = load<u32>(PENDING);
  const from = OUTPUT + before;
  startBits(load<u64>(OUTPUT_TOTAL) == 0 ? putHeader(from) : from);
  const level = load<i32>(LEVEL);
  const window: usize = load<u32>(WINDOW_LENGTH);
  const crc = crc32(load<u32>(CRC32), SEGMENT, length);
  const total = load<u64>(INPUT_TOTAL) + length;
  store<u32>(CRC32, crc);
  store<u64>(INPUT_TOTAL, total);
  encodeSegment(level, window, length, last);
  const end = last ? putTrailer(outputPosition, crc, total) : outputPosition;
  if (!last) keepWindow(length);
  store<u64>(OUTPUT_TOTAL, load<u64>(OUTPUT_TOTAL) + (end - from));
  store<u32>(PENDING, <u32>(end - OUTPUT));
  return end - OUTPUT;
}

/** The output has been taken. */
export function gzipTaken(): void {
  store<u32>(PENDING, 0);
}

/** A full segment is longer than the window, so its end is the next window. */
function keepWindow(length: usize): void {
  memory.copy(WINDOW, SEGMENT + length - WINDOW_SIZE, WINDOW_SIZE);
  store<u32>(WINDOW_LENGTH, <u32>WINDOW_SIZE);
}

/** Writes the header, and returns its end. */
export function putHeader(position: usize): usize {
  const level = load<i32>(LEVEL);
  const extraFlags: u32 = level == 1 ? 4 : level >= 9 ? 2 : 0;
  store<u64>(position, 0x00088b1f);
  store<u16>(position, extraFlags | 0xff00, 8);
  return position + HEADER_SIZE;
}

/** Writes the trailer, and returns its end. */
export function putTrailer(position: usize, crc: u32, total: u64): usize {
  store<u32>(position, crc, 0);
  store<u32>(position, <u32>total, 4);
  return position + TRAILER_SIZE;
}
