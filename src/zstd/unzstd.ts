import { type Encoder, InflateOptionError, MachineStateError, OutputLimitError } from "../core/index.js";
import { checkMaxBytes } from "../core/inflater.js";
import { BLOCK_HEADER, BlockDecoder, type BlockHeader, readBlockHeader } from "./block.js";
import { type FrameHeader, LARGEST_BLOCK, readFrameStart } from "./frame-header.js";
import { History } from "./history.js";
import { Xxh64 } from "./xxh64.js";
import { BlockFault, ZstdError } from "./zstd-error.js";

/** Output is handed out in pieces of at least this, but for the last: the contract of {@link Encoder}. */
const PIECE = 65536;

/** Before and behind what is read: a damaged sequence may reach 89 bits before the first of its bits. */
const PAD = 16;

/**
 * RFC 8878, 3.1.1.1.2, wants 8 MiB at least, which is what the reference encoder takes up to level 19. Encoders in Go, which
 * make most layers, take up to 32 MiB; and so much more still fits where a program has 128 MB.
 */
const DEFAULT_WINDOW = 32 * 1024 * 1024;

/** Bytes of a frame's first field, and of its last. */
const MAGIC = 4;
const CHECKSUM = 4;

/** What a stream may ask for. */
export interface UnzstdOptions {
  /** The most bytes of content, over all frames; more is an {@link OutputLimitError}. Default: as many as come. */
  readonly maxBytes?: number | undefined;
  /**
   * The largest window, in bytes; a frame that claims more is an error `window-too-large`. The decoder holds at most
   * one and a half windows and a megabyte, and no more than twice what has really come. Default: 32 MiB, which levels
   * up to 20 of the reference encoder keep to; its level 22 needs 128 MiB.
   */
  readonly maxWindowSize?: number | undefined;
}

/** What the next bytes of the stream are. */
type Part = "frame start" | "skippable content" | "block header" | "block" | "checksum";

/**
 * A synchronous, streaming decoder of Zstandard (RFC 8878): any number of frames and skippable frames, with or
 * without content size and checksum, cut in any way. Checksums are verified. Dictionaries are refused.
 *
 * What it hands out before an error is a true prefix of the content of a damaged stream, as far as that can be known:
 * a checksum comes after its frame, so content may be wrong until `finish` has returned.
 */
export class Unzstd implements Encoder {
  readonly #maxBytes: number;
  readonly #maxWindowSize: number;
  readonly #input: Uint8Array<ArrayBuffer> = new Uint8Array(PAD + LARGEST_BLOCK + PAD);
  readonly #view: DataView<ArrayBuffer> = new DataView(this.#input.buffer);
  readonly #blocks: BlockDecoder = new BlockDecoder();
  readonly #checksum: Xxh64 = new Xxh64();
  #history: History | undefined = new History();
  #part: Part = "frame start";
  /** Bytes of the part that are to be gathered before it can be read, and how many are. */
  #needed = MAGIC;
  #gathered = 0;
  /** Bytes of a skippable frame that are still to come. */
  #skip = 0;
  /** Where in the stream the part begins. */
  #offset = 0;
  #frames = 0;
  #header: FrameHeader | undefined;
  #block: BlockHeader | undefined;
  /** Bytes of content: of the frame, and of the stream. */
  #frameBytes = 0;
  #bytes = 0;
  #finished = false;
  #failure: ZstdError | OutputLimitError | undefined;

  /** @throws {InflateOptionError} (a `RangeError`) if an option is no number of bytes */
  constructor({ maxBytes, maxWindowSize = DEFAULT_WINDOW }: UnzstdOptions = {}) {
    this.#maxBytes = checkMaxBytes(maxBytes);
    if (!(maxWindowSize >= 0)) {
      throw new InflateOptionError(
        `maxWindowSize is ${String(maxWindowSize)}: give a number of bytes from 0 on`,
      );
    }
    this.#maxWindowSize = maxWindowSize;
  }

  /** @throws {ZstdError} if the stream is not Zstandard, is damaged, or asks for more than the options allow */
  update(chunk: Uint8Array, offset: number): number {
    const history = this.#open();
    if (this.#finished) {
      throw new MachineStateError("the stream is finished: make a new decoder for the next one");
    }
    let position = offset;
    while (position < chunk.length && history.waiting < PIECE) {
      if (this.#part === "skippable content") {
        const piece = Math.min(chunk.length - position, this.#skip);
        position += piece;
        this.#skip -= piece;
        this.#offset += piece;
        if (this.#skip === 0) this.#expect("frame start", MAGIC);
        continue;
      }
      const piece = Math.min(chunk.length - position, this.#needed - this.#gathered);
      this.#input.set(chunk.subarray(position, position + piece), PAD + this.#gathered);
      this.#gathered += piece;
      position += piece;
      if (this.#gathered === this.#needed) this.#guarded(() => this.#readPart(history));
    }
    return position;
  }

  take(): Uint8Array<ArrayBuffer> | undefined {
    const history = this.#open();
    if (history.waiting === 0 || (history.waiting < PIECE && !this.#finished)) return undefined;
    return history.take();
  }

  /** @throws {ZstdError} `truncated`, if the stream does not end after a frame */
  finish(): void {
    const history = this.#open();
    if (this.#finished) return;
    if (history.waiting >= PIECE) {
      throw new MachineStateError("output is ready: take it before the stream is finished");
    }
    this.#guarded(() => {
      if (this.#frames === 0 || this.#part !== "frame start" || this.#gathered > 0) {
        const where =
          this.#frames === 0 && this.#gathered === 0 ? "before the first frame" : "inside a frame";
        throw new ZstdError("truncated", this.#offset + this.#gathered, `the input ends ${where}`);
      }
    });
    this.#finished = true;
  }

  release(): void {
    this.#history = undefined;
  }

  #open(): History {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#history === undefined) {
      throw new MachineStateError("the decoder is released: make a new one for the next stream");
    }
    return this.#history;
  }

  /** Has every later call fail as this one does, and says where in the stream a block's fault is. */
  #guarded(action: () => void): void {
    try {
      action();
    } catch (error) {
      const failure =
        error instanceof BlockFault
          ? new ZstdError(error.reason, this.#offset + error.position - PAD, error.message)
          : error;
      if (failure instanceof ZstdError || failure instanceof OutputLimitError) {
        this.#failure = failure;
        this.#history = undefined;
      }
      throw failure;
    }
  }

  /** Begins the next part, after the one that has been gathered. */
  #expect(part: Part, needed: number): void {
    this.#offset += this.#gathered;
    this.#gathered = 0;
    this.#part = part;
    this.#needed = needed;
  }

  #readPart(history: History): void {
    if (this.#part === "frame start") this.#readFrameStart(history);
    else if (this.#part === "block header") this.#readBlockHeader(history);
    else if (this.#part === "block") this.#readBlock(history);
    else this.#readChecksum();
  }

  #readFrameStart(history: History): void {
    const start = readFrameStart(new DataView(this.#input.buffer, PAD, this.#gathered), this.#offset);
    if (start.kind === "needs") {
      this.#needed = start.bytes;
      return;
    }
    this.#frames++;
    if (start.kind === "skippable") {
      this.#skip = start.bytes;
      this.#expect(start.bytes === 0 ? "frame start" : "skippable content", MAGIC);
      return;
    }
    const { header } = start;
    if (header.windowSize > this.#maxWindowSize) {
      throw new ZstdError(
        "window-too-large",
        this.#offset,
        `the frame needs a window of ${header.windowSize} bytes, where ${this.#maxWindowSize} are allowed: raise maxWindowSize, if there is memory for it`,
      );
    }
    if (header.contentSize !== undefined) this.#checkTotal(header.contentSize);
    this.#header = header;
    this.#frameBytes = 0;
    this.#blocks.reset();
    this.#checksum.reset();
    history.startFrame(header.windowSize);
    this.#expect("block header", BLOCK_HEADER);
  }

  #readBlockHeader(history: History): void {
    const block = readBlockHeader(this.#view, PAD, this.#header!.largestBlock);
    this.#block = block;
    this.#expect("block", block.bytes);
    if (block.bytes === 0) this.#readBlock(history);
  }

  #readBlock(history: History): void {
    const header = this.#header!;
    const block = this.#block!;
    const size = this.#blocks.decode(block, header, this.#view, PAD, history);
    this.#checkTotal(size);
    this.#bytes += size;
    this.#frameBytes += size;
    const { contentSize, hasChecksum } = header;
    const { last } = block;
    if (
      contentSize !== undefined &&
      (last ? this.#frameBytes !== contentSize : this.#frameBytes > contentSize)
    ) {
      throw new ZstdError(
        "length-mismatch",
        this.#offset,
        `the frame's content has ${this.#frameBytes} bytes${last ? "" : " or more"}, where its header says ${contentSize}`,
      );
    }
    if (hasChecksum) this.#checksum.update(history.bytes, history.end - size, history.end);
    if (!last) this.#expect("block header", BLOCK_HEADER);
    else if (hasChecksum) this.#expect("checksum", CHECKSUM);
    else this.#expect("frame start", MAGIC);
  }

  #readChecksum(): void {
    const found = this.#view.getUint32(PAD, true);
    const expected = Number(this.#checksum.digest() & 0xffffffffn);
    if (found !== expected) {
      const [stored, computed] = [found, expected].map((sum) => sum.toString(16).padStart(8, "0"));
      throw new ZstdError(
        "checksum-mismatch",
        this.#offset,
        `the content's checksum is ${computed}, where the frame says ${stored}: the data is damaged`,
      );
    }
    this.#expect("frame start", MAGIC);
  }

  /** Whether so many bytes more are still allowed. */
  #checkTotal(more: number): void {
    if (this.#bytes + more > this.#maxBytes) {
      throw new OutputLimitError(this.#maxBytes, this.#offset);
    }
  }
}
