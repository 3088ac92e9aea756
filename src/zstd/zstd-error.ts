import { VarveError } from "../core/error.js";

/** What is wrong with a Zstandard stream (RFC 8878; the section is given where one names the rule). */
export type ZstdFault =
  /** Neither a frame nor a skippable frame starts where one must (3.1), or a reserved bit is set (3.1.1.1). */
  | "bad-header"
  /** The frame needs a dictionary (5), and none can be given. */
  | "dictionary"
  /** The frame needs a larger window than is allowed (3.1.1.1.2). */
  | "window-too-large"
  /** A block is of the reserved type, or larger than the frame allows (3.1.1.2). */
  | "bad-block"
  /** The description of a Huffman code or of an FSE table is not one (4.1.1, 4.2.1). */
  | "bad-table"
  /** The literals of a block are not what its header says (3.1.1.3.1). */
  | "bad-literals"
  /** The sequences of a block are not what its header says (3.1.1.3.2). */
  | "bad-sequences"
  /** A match begins before the frame's first byte, or beyond its window (3.1.1.4). */
  | "invalid-distance"
  /** The frame's content is longer or shorter than its header says (3.1.1.1.4). */
  | "length-mismatch"
  /** The content's XXH64 is not the one after the last block (3.1.1). */
  | "checksum-mismatch"
  /** The input ends inside a frame, or before the first one. */
  | "truncated";

/**
 * A stream is not Zstandard, is damaged or incomplete, or needs what is not allowed. Its `code` is `ERR_VARVE_ZSTD`;
 * `reason` and `offset` say what is wrong, and where.
 */
export class ZstdError extends VarveError {
  override readonly name = "ZstdError";
  readonly reason: ZstdFault;
  /**
   * Offset in the compressed stream, in bytes: of the header, or the block, or the part of a block that is wrong; when
   * the stream is truncated, its length.
   */
  readonly offset: number;

  /** @param detail what was found and what can be done, to end the message with */
  constructor(reason: ZstdFault, offset: number, detail: string) {
    super("ERR_VARVE_ZSTD", `the zstd stream is bad at byte ${offset}: ${detail}`);
    this.reason = reason;
    this.offset = offset;
  }
}

/**
 * A fault inside one block, before it is known where in the stream the block lies: `position` counts from the start
 * of the buffer that the block is in.
 */
export class BlockFault extends Error {
  override readonly name = "BlockFault";
  readonly reason: ZstdFault;
  readonly position: number;

  constructor(reason: ZstdFault, position: number, detail: string) {
    super(detail);
    this.reason = reason;
    this.position = position;
  }
}
