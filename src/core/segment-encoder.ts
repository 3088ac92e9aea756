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
        const waiting = this.encode(instance, segment.length, false, this.#drop());
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
    this.#ready = this.encode(instance, this.#filled, true, this.#drop());
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

  #drop(): boolean {
    const taken = this.#taken;
    this.#taken = false;
    return taken;
  }
}
