/**
 * The envelope of every saved state, whatever is saved.
 *
 *     offset  size
 *     0       8     89 "varve" 0d 0a: no text, and damaged by whatever takes it for text
 *     8       2     version
 *     10      4     bytes of the whole, this envelope included
 *     14      8     bytes of input up to here
 *     22      8     bytes of output up to here
 *     30      1+n   kind: what was saved, in ASCII
 *             1+n   format: the name of the bytes that it writes, in ASCII; empty for what only reads
 *                   the fields of that kind
 *     -32     32    SHA-256 of all bytes before it
 *
 * Integers are little-endian and have a fixed width, so a state means the same everywhere. The checksum finds damage
 * and authenticates nothing: anyone can make one.
 */
import { CheckpointError } from "./error.js";

export const MAGIC: readonly number[] = [0x89, 0x76, 0x61, 0x72, 0x76, 0x65, 0x0d, 0x0a];
/** The version that is written and read. A state with a higher one may have other fields, so it is refused. */
export const VERSION = 1;
export const VERSION_OFFSET = 8;
export const LENGTH_OFFSET = 10;
export const HEAD_OFFSET = 14;
export const CHECKSUM_SIZE = 32;

/** No checkpoint is longer, in bytes. */
export const CHECKPOINT_MAXIMUM = 49152;

/** What a checkpoint says of itself. */
export interface CheckpointDescription {
  /** What was saved, such as `"gzip-layer"` or `"sha256"`. */
  readonly kind: string;
  /** The format of the bytes that it goes on to write, such as `"varve-gzip/0"`; empty for what only reads. */
  readonly format: string;
  /** Bytes of input that it stands for: what is supplied to the resumed one begins there. */
  readonly inputOffset: number;
  /** Bytes of output that had been made up to there: the resumed one's output begins there. */
  readonly outputOffset: number;
}

/** Refuses fields that no intact state has. */
export function damaged(problem: string): CheckpointError {
  return new CheckpointError("damaged", `it is damaged (${problem})`);
}
