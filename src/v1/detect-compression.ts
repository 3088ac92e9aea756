/** So many of a stream's first bytes are enough to tell its compression. */
export const MAGIC_BYTES = 4;

/** RFC 1952, 2.3.1. */
const GZIP = 0x8b1f;
/** RFC 8878, 3.1.1 and 3.1.2: a frame, and a skippable frame, whose lowest four bits are free. */
const ZSTD_FRAME = 0xfd2fb528;
const ZSTD_SKIPPABLE = 0x184d2a50;

/**
 * The name of the compression that a stream has, by its first bytes. What has no magic number that is known, or is
 * shorter than it, counts as not compressed.
 *
 * @param start the stream's first {@link MAGIC_BYTES} bytes or more, or all of it, if it is shorter
 */
export function detectCompression(start: Uint8Array): "gzip" | "zstd" | "none" {
  const [first = 0, second = 0, third = 0, fourth = 0] = start;
  if ((first | (second << 8)) === GZIP) return "gzip";
  const magic = (first | (second << 8) | (third << 16) | (fourth << 24)) >>> 0;
  const isZstd = magic === ZSTD_FRAME || (magic & ~15) >>> 0 === ZSTD_SKIPPABLE;
  return isZstd ? "zstd" : "none";
}
