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
 * Anything may be called again after a reset. crc32 stands alone, and may be called at any time.
 *
 * The counters of the stream stand at `STREAM`; gzip.ts says which.
 */
import {
  OUTPUT as OUTPUT_ADDRESS, SEGMENT as SEGMENT_ADDRESS, SHA256_DIGEST, SHA256_STATE, STREAM as STREAM_ADDRESS,
} from "./memory";
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

crc32Initialize();
symbolsInitialize();
entropyInitialize();
