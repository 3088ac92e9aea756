import { Boundary, enterState } from "./boundary.js";
import { checkChunk } from "./check-bytes.js";
import { type EncoderState, writeEncoderState } from "./checkpoint/encoder-state.js";
import { checkCompressionLevel } from "./compression-level.js";
import { type CoreInstance, coreInstancesFor } from "./core-instance.js";
import { type Encoder, MachineStateError } from "./machine.js";
import type { Pool } from "./pool.js";

/**
 * Less output than this is kept until more has come: every piece costs its receiver a call, a promise, perhaps a
 * packet.
 */
const PIECE = 65536;

/**
 * What the gzip machines share: filling segments, and handing out what came of them.
 *
 * The first output of a machine and the rest after `finish` apart, output waits in linear memory until a piece is
 * full. It is handed out as a view, and stays in place until the next segment is encoded.
 */
export abstract class SegmentEncoder implements Encoder {
  /** The last boundary whose output has been handed out, unless the machine still stands at it. */
  protected readonly boundary: Boundary = new Boundary();
  readonly #pool: Pool<CoreInstance>;
  #instance: CoreInstance | undefined;
  /** Bytes of the segment that are filled. */
  #filled = 0;
  /** Bytes of output that wait, once they make a piece. */
  #ready = 0;
  /** Whether the output in linear memory has been handed out. */
  #taken = false;
  #finished = false;

  /** @throws CompressionLevelError @throws NotInitializedError */
  constructor(level: number) {
    const checked = checkCompressionLevel(level);
    this.#pool = coreInstancesFor(checked);
    this.#instance = this.#pool.acquire();
    this.reset(this.#instance, checked);
    this.keep(this.#instance);
  }

  /** Begins a stream. */
  protected abstract reset(instance: CoreInstance, level: number): void;
  /**
   * Encodes the bytes in the segment region, after `taken` output has been dropped, and returns how many bytes of
   * output wait.
   */
  protected abstract encode(instance: CoreInstance, length: number, last: boolean, taken: boolean): number;

  update(chunk: Uint8Array, offset: number): number {
    const instance = this.open();
    checkChunk(chunk, offset);
    if (this.#finished)
      throw new MachineStateError("the stream is finished: make a new machine for the next one");
    if (this.#ready > 0) return offset;
    const { segment } = instance;
    while (offset < chunk.length) {
      const piece = Math.min(chunk.length - offset, segment.length - this.#filled);
      segment.set(
        offset === 0 && piece === chunk.length ? chunk : chunk.subarray(offset, offset + piece),
        this.#filled,
      );
      offset += piece;
      this.#filled += piece;
      if (this.#filled === segment.length) {
        this.#filled = 0;
        const waiting = this.#encode(instance, segment.length, false);
        if (waiting >= PIECE) {
          this.#ready = waiting;
          break;
        }
      }
    }
    return offset;
  }

  take(): Uint8Array<ArrayBuffer> | undefined {
    const { exports, outputAddress } = this.open();
    if (this.#ready === 0) return undefined;
    const view = new Uint8Array(exports.memory.buffer as ArrayBuffer, outputAddress, this.#ready);
    this.#ready = 0;
    this.#taken = true;
    return view;
  }

  finish(): void {
    const instance = this.open();
    if (this.#finished) return;
    if (this.#ready > 0)
      throw new MachineStateError("output is ready: take it before the stream is finished");
    this.#finished = true;
    this.#ready = this.#encode(instance, this.#filled, true);
  }

  /**
   * The state of the stream at the last segment boundary whose output has been handed out by `take` in full, as a
   * value of at most 48 KiB; before the first `take` that is the start of the stream, and `finish` moves it no
   * further. `resume` goes on from it: in another process, on another runtime, in another build of the same format.
   * May be called at any time until `release`, and changes nothing.
   *
   * It holds 32 KiB of the input and the states of the hashes, and is to be kept like the input itself. Its checksum
   * finds damage; it authenticates nothing.
   *
   * {@link describeCheckpoint} tells its offsets.
   *
   * @throws MachineStateError after `release`
   */
  checkpoint(): Uint8Array<ArrayBuffer> {
    const instance = this.open();
    if (this.#taken && !this.#finished) this.keep(instance);
    return writeEncoderState(this.boundary.state);
  }

  release(): void {
    const instance = this.#instance;
    this.#instance = undefined;
    if (instance) this.#pool.release(instance);
  }

  /** Whether `finish` has been called. */
  protected get finished(): boolean {
    return this.#finished;
  }

  /** The instance, while it is this object's. @throws MachineStateError */
  protected open(): CoreInstance {
    if (!this.#instance)
      throw new MachineStateError("the machine is released: make a new one for the next stream");
    return this.#instance;
  }

  /** Keeps the boundary at which the stream stands, all output having been handed out. */
  protected keep(instance: CoreInstance): void {
    this.boundary.keepStream(instance);
  }

  /** Goes behind the boundary of a state. To be called once, before anything else. */
  protected enter(state: EncoderState): void {
    const instance = this.open();
    enterState(instance, state);
    this.keep(instance);
  }

  #encode(instance: CoreInstance, length: number, last: boolean): number {
    const taken = this.#taken;
    this.#taken = false;
    if (taken) this.boundary.keepStream(instance);
    return this.encode(instance, length, last, taken);
  }
}
