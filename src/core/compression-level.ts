import type { ErrorCode } from "./error.js";

/** The levels of `varve-gzip/0`: -2 is a Huffman code alone, -1 the default, 0 stores, 1 is fast, 12 the smallest. */
const MINIMUM = -2;
const MAXIMUM = 12;
const DEFAULT = -1;
/** What -1 stands for, as in zlib. */
const DEFAULT_LEVEL = 6;

/** A gzip level that doesn't exist. */
export class CompressionLevelError extends RangeError {
  override readonly name = "CompressionLevelError";
  readonly code: ErrorCode = "ERR_VARVE_COMPRESSION_LEVEL";
  readonly retryable = false;

  constructor(level: unknown) {
    super(
      `compression level ${String(level)} is not available: use an integer from ${MINIMUM} to ${MAXIMUM} ` +
        "(-2: Huffman code only, -1: the default, 0: store, 1: fastest, 12: smallest)",
    );
  }
}

/** Returns the level when it exists, 6 for -1. @throws CompressionLevelError */
export function checkCompressionLevel(level: number): number {
  if (!Number.isInteger(level) || level < MINIMUM || level > MAXIMUM) throw new CompressionLevelError(level);
  return level === DEFAULT ? DEFAULT_LEVEL : level;
}
