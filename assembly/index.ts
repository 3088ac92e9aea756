/**
 * The ABI of `core.wasm`. One instance serves one stream at a time; nothing is imported, nothing is allocated,
 * nothing grows once it is in use.
 *
 * Bytes go in at `SEGMENT`, up to `SEGMENT_SIZE` of them, and come out at `OUTPUT`. Lengths are bytes; addresses are
 * offsets in the exported memory.
 *
 * A gzip stream
 *   reserveMemory(level)           once, before any view of the memory is made: grows it to what the level needs
 *   gzipReset(level)               begins; level -2 to 12, see deflate/levels.ts
 *   gzipSegment(length, last)      encodes the bytes at SEGMENT: a full segment unless it is the last; returns how
 *                                  many bytes wait at OUTPUT.
 *                                  At most 64 KiB may wait when it is called
 *   gzipTaken()                    the bytes at OUTPUT have been taken; before the next gzipSegment
 *
 * A layer: the same, with both digests
 *   layerReset(level)
 *   layerHash(length, paired)      hashes the bytes at SEGMENT and the output that waits; before gzipSegment of the
 *                                  same bytes
 *   layerTaken()                   instead of gzipTaken; after layerHash
 *   gzipSegment(length, last)
 *   layerFinish(length)            after the last gzipSegment: the diffID stands at DIGEST, the digest at DIGEST + 32
 *
 * Threads: segments encoded apart, by any instance, and joined in order
 *   segmentEncode(level, window, length, last, at)
 *                                  encodes the bytes at SEGMENT with the `window` bytes before them to the address `at`,
 *                                  at or behind OUTPUT; returns how many bytes that gave. It needs no reset
 *   gzipNext()                     the address where the bytes of the stream's next segment belong
 *   gzipAppend(length, size, crc, last)
 *                                  instead of gzipSegment: `size` bytes stand at gzipNext(), of `length` bytes of input
 *                                  with that CRC-32; returns how many bytes wait at OUTPUT
 *   sha256Finish(0, pointer, length, total) and, at the end, layerFinishOutput()
 *                                  instead of layerFinish
 *   crc32Combine(first, second, length)
 *
 * Inflating (inflate/inflate.ts): input goes to COMPRESSED, up to COMPRESSED_SIZE bytes, output grows up to INFLATED_STOP
 *   inflateReset(gzip, ignoreTrailing)  begins a gzip stream, or DEFLATE alone
 *   inflate(length, limit)              inflates the bytes at COMPRESSED; returns how many of them it has used. Where
 *                                       output ends stands in INFLATE_STATE
 *   inflateTaken()                      all output has been taken, and the room is free; returns where it goes on
 *
 * A layer that is read: the same, with both digests
 *   inflateLayerReset(ignoreTrailing)
 *   inflateLayerHash(used, paired)      after each inflate, before inflateTaken
 *   inflateLayerFinish()                the diffID stands at DIGEST, the digest at DIGEST + 32
 *
 * Resuming a stream that is read: inflateReset or inflateLayerReset, then its fields go to INFLATE_STATE, its code lengths
 *   to READ_PRECODE_LENGTHS and READ_CODE_LENGTHS, the output before to just before INFLATED
 *   inflateResume(history, tail)        of that output, distances may reach `history` bytes, and the last `tail` aren't
 *                                       hashed yet; false if the code lengths are those of no code. Of a layer both
 *                                       hash states go to STATE, the input's incomplete block to just before COMPRESSED
 *
 * Resuming a stream at a segment boundary
 *   gzipReset or layerReset with its level, then its counters go to STREAM, the 32 KiB before the boundary to WINDOW;
 *   of a layer also both hash states to STATE, and the incomplete block of the output to just before OUTPUT, its length
 *   to the counter CARRY
 *
 * Anything may be called again after a reset. crc32 stands alone, and may be called at any time.
 *
 * The counters of the stream stand at `STREAM`; gzip.ts says which.
 */
import {
  OUTPUT as OUTPUT_ADDRESS, SEGMENT as SEGMENT_ADDRESS, SHA256_DIGEST, SHA256_STATE, STREAM as STREAM_ADDRESS,
  WINDOW as WINDOW_ADDRESS,
} from "./memory";
import {
  COMPRESSED as COMPRESSED_ADDRESS, INFLATED as INFLATED_ADDRESS, INFLATED_SLACK,
  INFLATE_STATE as INFLATE_STATE_ADDRESS, READ_CODE_LENGTHS as READ_CODE_LENGTHS_ADDRESS,
  READ_PRECODE_LENGTHS as READ_PRECODE_LENGTHS_ADDRESS,
} from "./memory";
import { COMPRESSED_SIZE as COMPRESSED_BYTES } from "./inflate/inflate";
import { crc32Initialize } from "./crc32";
import { entropyInitialize } from "./deflate/entropy";
import { SEGMENT_SIZE as SEGMENT_BYTES } from "./deflate/segment";
import { symbolsInitialize } from "./deflate/symbols";

export { crc32 } from "./crc32";
export { reserveMemory } from "./deflate/levels";
export { gzipReset, gzipSegment, gzipTaken } from "./gzip";
export { crc32Combine } from "./crc32-combine";
export { gzipAppend, gzipNext, segmentEncode } from "./segments";
export { layerFinish, layerFinishOutput, layerHash, layerReset, layerTaken } from "./layer";
export { sha256Finish, sha256Process, sha256Reset } from "./sha256";

export const SEGMENT: usize = SEGMENT_ADDRESS;
export const SEGMENT_SIZE: usize = SEGMENT_BYTES;
export const OUTPUT: usize = OUTPUT_ADDRESS;
export const DIGEST: usize = SHA256_DIGEST;
export const STATE: usize = SHA256_STATE;
export const STREAM: usize = STREAM_ADDRESS;
export const WINDOW: usize = WINDOW_ADDRESS;

export { inflate, inflateReset, inflateResume, inflateTaken } from "./inflate/inflate";
export { inflateLayerFinish, inflateLayerHash, inflateLayerReset } from "./inflate/layer";
export const INFLATE_STATE: usize = INFLATE_STATE_ADDRESS;
export const COMPRESSED: usize = COMPRESSED_ADDRESS;
export const COMPRESSED_SIZE: usize = COMPRESSED_BYTES;
export const INFLATED: usize = INFLATED_ADDRESS;
export const INFLATED_STOP: usize = INFLATED_SLACK;
export const READ_PRECODE_LENGTHS: usize = READ_PRECODE_LENGTHS_ADDRESS;
export const READ_CODE_LENGTHS: usize = READ_CODE_LENGTHS_ADDRESS;

crc32Initialize();
symbolsInitialize();
entropyInitialize();
