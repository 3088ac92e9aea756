/** How far something has come that moves bytes, such as writing an image. */
export interface Update {
  /** Bytes in all, as far as they are known. */
  readonly total: number;
  /** Bytes that have been dealt with; never more than `total`. */
  readonly complete: number;
  /** What it failed with, in the last update of one that failed. */
  readonly error?: unknown;
}
