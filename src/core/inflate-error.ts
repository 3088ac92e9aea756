import { type ErrorCode, VarveError } from "./error.js";

/** What may be wrong with a stream, by the numbers of assembly/inflate/state.ts, and how it is said. */
const FAULTS = [
  ["bad-magic", "it does not begin like a gzip file"],
  ["bad-method", "its header names a compression method other than DEFLATE"],
  ["reserved-flags", "its header sets flags that are reserved"],
  ["header-crc", "its header does not match the header's CRC"],
  ["reserved-block", "a block is of the reserved type"],
  ["stored-length", "the length of a stored block does not match its complement"],
  ["too-many-codes", "a block has more codes than there are symbols"],
  ["over-subscribed", "a code has more codewords than their lengths allow"],
  ["under-subscribed", "a code leaves codewords unused"],
  ["bad-repeat", "a code length is repeated that isn't there, or past the last symbol"],
  ["no-end-of-block", "a code has no end of block"],
  ["invalid-symbol", "a codeword stands for no literal and no length"],
  ["invalid-distance", "a match begins before the data, or its codeword stands for no distance"],
  ["crc-mismatch", "the data does not match its CRC-32"],
  ["length-mismatch", "the data is not as long as the trailer says"],
  ["trailing-data", "bytes follow that are neither a gzip member nor zeros"],
  ["truncated", "it ends before its end"],
] as const;

/** Why a stream can't be inflated. */
export type InflateReason = (typeof FAULTS)[number][0];

/** The reason that the core gives a number, from 1 on. */
export function inflateReason(fault: number): InflateReason {
  const found = FAULTS[fault - 1];
  if (found === undefined) throw new RangeError(`the core reports the unknown fault ${fault}`);
  return found[0];
}

/**
 * A compressed stream is damaged, incomplete, or no compressed stream. Its `code` is `ERR_VARVE_INFLATE`; `reason` and
 * `offset` say what is wrong, and where. What was handed out before is how the data begins; that it is what was once
 * compressed is certain only of members whose end has been seen.
 */
export class InflateError extends VarveError {
  override readonly name = "InflateError";
  readonly reason: InflateReason;
  /**
   * Offset in the compressed stream, in bytes, of what is wrong: of the header's byte, of the block whose code it is,
   * of the byte in which the symbol begins, of the trailer's field, of the first trailing byte; when the stream is
   * truncated, its length.
   */
  readonly offset: number;

  constructor(reason: InflateReason, offset: number) {
    const words = FAULTS.find(([name]) => name === reason)?.[1];
    const advice =
      reason === "trailing-data" ? 'cut them off, or pass { trailing: "ignore" }' : "fetch or make it anew";
    super("ERR_VARVE_INFLATE", `the compressed stream is bad at byte ${offset}: ${words}; ${advice}`);
    this.reason = reason;
    this.offset = offset;
  }
}

/** A stream inflates to more bytes than were allowed. Its `code` is `ERR_VARVE_OUTPUT_LIMIT`. */
export class OutputLimitError extends VarveError {
  override readonly name = "OutputLimitError";
  /** The limit, in bytes. */
  readonly maxBytes: number;
  /** How many bytes of the compressed stream had been read when it was passed. */
  readonly offset: number;

  constructor(maxBytes: number, offset: number) {
    super(
      "ERR_VARVE_OUTPUT_LIMIT",
      `the first ${offset} bytes of the compressed stream inflate to more than the ${maxBytes} bytes allowed: raise maxBytes, if the source is to be trusted`,
    );
    this.maxBytes = maxBytes;
    this.offset = offset;
  }
}

/** An option of an inflater has a value that it can't have. */
export class InflateOptionError extends RangeError {
  override readonly name = "InflateOptionError";
  readonly code: ErrorCode = "ERR_VARVE_INFLATE_OPTION";
  readonly retryable = false;
}
