import { type Machine, type MachineResult, MachineStateError, Sha256 } from "../core/index.js";
import { checkZstdLevel } from "./level.js";
import { loadedPeer } from "./peer.js";

/**
 * Bytes of content in each frame but the last. Matches don't reach over a frame's start, so short frames are larger
 * in sum: at level 3, with 1, 2, 4 and 8 MiB, a tar of system files has 5.6, 2.6, 0.3 and 0 per cent more than with
 * 8 MiB, one of npm packages 13, 7.6, 3.7 and 0. Long ones take memory (some three times as much), and keep all else
 * waiting for as long as one is compressed.
 */
export const FRAME_CONTENT: number = 4 * 1024 * 1024;

/** Frames that are shorter are handed out together. */
const PIECE = 65536;

/**
 * The layer machine of zstd: a frame for each 4 MiB of input, cut by byte count alone, with the SHA-256 of both
 * sides. The same input, level and release of the encoder give the same bytes, however the input is cut into chunks
 * and on every runtime. Each frame tells its content's size, and has no checksum: the digest is one.
 */
export class ZstdLayerMachine implements Machine {
  readonly #level: number;
  readonly #compress: (bytes: Uint8Array, level: number) => Uint8Array<ArrayBuffer>;
  readonly #input: Sha256;
  readonly #output: Sha256;
  /** Grows to a frame's content as it comes, so that small layers stay small. */
  #content: Uint8Array<ArrayBuffer> = new Uint8Array(PIECE);
  #filled = 0;
  #frames: Uint8Array<ArrayBuffer>[] = [];
  #waiting = 0;
  #uncompressedSize = 0;
  #size = 0;
  #finished = false;
  #released = false;
  #result: MachineResult | undefined;

  /**
   * @throws {ZstdLevelError} if there is no such level
   * @throws {ZstdEncoderError} if the encoder has not been loaded
   * @throws {NotInitializedError} if the core has not
   */
  constructor(level: number) {
    this.#level = checkZstdLevel(level);
    this.#compress = loadedPeer().compress;
    this.#input = new Sha256();
    this.#output = new Sha256();
  }

  update(chunk: Uint8Array, offset: number): number {
    this.#open();
    if (this.#finished) {
      throw new MachineStateError("the stream is finished: make a new machine for the next one");
    }
    let position = offset;
    while (position < chunk.length && this.#waiting < PIECE) {
      const piece = Math.min(chunk.length - position, FRAME_CONTENT - this.#filled);
      const part = chunk.subarray(position, position + piece);
      this.#reserve(this.#filled + piece);
      this.#content.set(part, this.#filled);
      this.#input.update(part);
      this.#filled += piece;
      this.#uncompressedSize += piece;
      position += piece;
      if (this.#filled === FRAME_CONTENT) this.#encode();
    }
    return position;
  }

  take(): Uint8Array<ArrayBuffer> | undefined {
    this.#open();
    if (this.#waiting === 0 || (this.#waiting < PIECE && !this.#finished)) return undefined;
    const frames = this.#frames.splice(0);
    const [only] = frames;
    if (frames.length === 1 && only !== undefined) {
      this.#waiting = 0;
      return only;
    }
    const piece = new Uint8Array(this.#waiting);
    let end = 0;
    for (const frame of frames) {
      piece.set(frame, end);
      end += frame.length;
    }
    this.#waiting = 0;
    return piece;
  }

  finish(): void {
    this.#open();
    if (this.#finished) return;
    if (this.#waiting >= PIECE) {
      throw new MachineStateError("output is ready: take it before the stream is finished");
    }
    if (this.#filled > 0 || this.#uncompressedSize === 0) this.#encode();
    this.#finished = true;
    this.#result = {
      digest: this.#output.digest(),
      diffID: this.#input.digest(),
      size: this.#size,
      uncompressedSize: this.#uncompressedSize,
    };
  }

  result(): MachineResult {
    if (!this.#result) throw new MachineStateError("the digests are not known before finish()");
    return this.#result;
  }

  release(): void {
    if (this.#released) return;
    this.#released = true;
    this.#content = new Uint8Array(0);
    this.#frames = [];
    if (this.#result === undefined) {
      // A hash gives its instance back with its digest.
      this.#input.digest();
      this.#output.digest();
    }
  }

  #encode(): void {
    const frame = this.#compress(this.#content.subarray(0, this.#filled), this.#level);
    this.#output.update(frame);
    this.#frames.push(frame);
    this.#waiting += frame.length;
    this.#size += frame.length;
    this.#filled = 0;
  }

  #reserve(length: number): void {
    if (length <= this.#content.length) return;
    const larger = new Uint8Array(Math.min(FRAME_CONTENT, Math.max(length, 2 * this.#content.length)));
    larger.set(this.#content.subarray(0, this.#filled));
    this.#content = larger;
  }

  #open(): void {
    if (this.#released) {
      throw new MachineStateError("the machine is released: make a new one for the next stream");
    }
  }
}
