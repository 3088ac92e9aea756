import { type FrameHeader, LARGEST_BLOCK } from "./frame-header.js";
import type { History } from "./history.js";
import { LiteralsReader } from "./literals.js";
import { SequencesReader } from "./sequences.js";
import { BlockFault } from "./zstd-error.js";

/** Bytes of a block's header. */
export const BLOCK_HEADER = 3;

/** Values of `Block_Type` (RFC 8878, 3.1.1.2.2). */
const RAW = 0;
const RLE = 1;
const COMPRESSED = 2;

/** What a block says of itself (3.1.1.2). */
export interface BlockHeader {
  readonly last: boolean;
  readonly type: number;
  /** Bytes of content, of a block that is not compressed; otherwise, of what follows the header. */
  readonly size: number;
  /** Bytes that follow the header. */
  readonly bytes: number;
}

/**
 * Reads a block's header.
 *
 * @throws {BlockFault} `bad-block`, if the type is reserved, or the block larger than its frame allows
 */
export function readBlockHeader(view: DataView, position: number, largest: number): BlockHeader {
  const header = view.getUint16(position, true) | (view.getUint8(position + 2) << 16);
  const type = (header >>> 1) & 3;
  const size = header >>> 3;
  if (type > COMPRESSED) {
    throw new BlockFault("bad-block", position, "the block is of the type that is reserved");
  }
  if (size > largest) {
    throw new BlockFault(
      "bad-block",
      position,
      `the block has ${size} bytes, where ${largest} is the most in this frame`,
    );
  }
  return { last: (header & 1) !== 0, type, size, bytes: type === RLE ? 1 : size };
}

/** Decodes the blocks of one frame after the other; what goes on from block to block is here. */
export class BlockDecoder {
  readonly #literals: LiteralsReader = new LiteralsReader(LARGEST_BLOCK);
  readonly #sequences: SequencesReader = new SequencesReader();

  /** Begins a new frame. */
  reset(): void {
    this.#literals.reset();
    this.#sequences.reset();
  }

  /**
   * Appends a block's content to the history.
   *
   * @param view of a buffer that has at least sixteen bytes before `start` and behind the block
   * @returns how many bytes were appended
   * @throws {BlockFault}
   */
  decode(block: BlockHeader, frame: FrameHeader, view: DataView, start: number, history: History): number {
    const { windowSize, largestBlock } = frame;
    history.reserve(largestBlock);
    const before = history.end;
    if (block.type === RAW) {
      history.bytes.set(new Uint8Array(view.buffer, view.byteOffset + start, block.size), before);
      history.end += block.size;
    } else if (block.type === RLE) {
      history.bytes.fill(view.getUint8(start), before, before + block.size);
      history.end += block.size;
    } else {
      const end = start + block.size;
      const sequences = this.#literals.read(view, start, end, largestBlock);
      this.#sequences.execute(view, sequences, end, this.#literals, history, windowSize, largestBlock);
    }
    return history.end - before;
  }
}
