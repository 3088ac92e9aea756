import type { ErrorCode } from "./error.js";

/** The levels of `varve-gzip/0`: 0 stores, 1 is the fastest that compresses. */
const MINIMUM = 0;
const MAXIMUM = 1;

/** A gzip level that doesn't exist. */
export class CompressionLevelError extends RangeError {
  override readonly name = "CompressionLevelError";
  readonly code: ErrorCode = "ERR_VARVE_COMPRESSION_LEVEL";
  readonly retryable = false;

  constructor(level: unknown) {
    super(
      `compression level ${String(level)} is not available: use an integer from ${MINIMUM} (store) to ${MAXIMUM} (fast)`,
    );
  }
}

/** Returns the level when it exists. @throws CompressionLevelError */
export function checkCompressionLevel(level: number): number {
  if (!Number.isInteger(level) || level < MINIMUM || level > MAXIMUM) throw new CompressionLevelError(level);
  return level;
}
