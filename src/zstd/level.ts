import { CompressionLevelError } from "../core/index.js";

const MINIMUM = 1;
const MAXIMUM = 22;

/** That of the `zstd` command. */
export const DEFAULT_LEVEL = 3;

/** A zstd level that doesn't exist. It is a {@link CompressionLevelError}, and so a `RangeError`. */
export class ZstdLevelError extends CompressionLevelError {
  constructor(level: unknown) {
    super(level);
    this.message = `zstd level ${String(level)} is not available: use an integer from ${MINIMUM} (fastest) to ${MAXIMUM} (smallest)`;
  }
}

/** Returns the level when it exists. @throws {ZstdLevelError} */
export function checkZstdLevel(level: number): number {
  if (!Number.isInteger(level) || level < MINIMUM || level > MAXIMUM) throw new ZstdLevelError(level);
  return level;
}
