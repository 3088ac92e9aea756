/**
 * Segments apart from their stream, which is what threads need: any instance encodes any segment, and the stream's
 * own instance joins what came of them, in order.
 *
 *     encoding:  (window, segment) at SEGMENT  ->  bytes at any place of the output region, and their CRC-32
 *     joining:   put the bytes at gzipNext(), then call gzipAppend
 *
 * Joined so, a stream has the same bytes as one that `gzipSegment` makes.
 */
import { OUTPUT } from "./memory";
import { crc32Combine } from "./crc32-combine";
import { outputPosition, startBits } from "./deflate/bits";
import { encodeSegment } from "./deflate/segment";
import { CRC32, INPUT_TOTAL, OUTPUT_TOTAL, PENDING, putHeader, putTrailer } from "./gzip";

/**
 * Encodes the `length` bytes at SEGMENT, with the `window` bytes before them, to the address `at` in the output region,
 * and returns how many bytes that gave. The stream's counters stay as they are.
 */
export function segmentEncode(level: i32, window: usize, length: usize, last: bool, at: usize): usize {
  startBits(at);
  encodeSegment(level, window, length, last);
  return outputPosition - at;
}

/** Where the next segment's bytes belong: behind what waits at OUTPUT and, if none has come yet, behind the header. */
export function gzipNext(): usize {
  const end = OUTPUT + load<u32>(PENDING);
  return load<u64>(OUTPUT_TOTAL) == 0 ? putHeader(end) : end;
}

/**
 * Takes in a segment of `length` bytes with the CRC-32 `crc`, of which `size` bytes came, which stand at `gzipNext()`.
 * Returns how many bytes wait at OUTPUT now.
 */
export function gzipAppend(length: usize, size: usize, crc: u32, last: bool): usize {
  const from = OUTPUT + load<u32>(PENDING);
  const end = gzipNext() + size;
  const joined = crc32Combine(load<u32>(CRC32), crc, length);
  const total = load<u64>(INPUT_TOTAL) + length;
  store<u32>(CRC32, joined);
  store<u64>(INPUT_TOTAL, total);
  const stop = last ? putTrailer(end, joined, total) : end;
  store<u64>(OUTPUT_TOTAL, load<u64>(OUTPUT_TOTAL) + (stop - from));
  store<u32>(PENDING, <u32>(stop - OUTPUT));
  return stop - OUTPUT;
}
