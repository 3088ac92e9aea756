import { checkChunk } from "./check-bytes.js";
import { type InflaterKind, type InflaterState, writeInflaterState } from "./checkpoint/inflater-state.js";
import { type CoreInstance, coreInstances } from "./core-instance.js";
import { InflateError, InflateOptionError, inflateReason, OutputLimitError } from "./inflate-error.js";
import {
  AFTER_MEMBER,
  FAULT,
  FAULT_OFFSET,
  GATHERED,
  IN_HEADER,
  IN_TRAILING,
  INPUT_TOTAL,
  MEMBERS,
  MODE,
  OUTPUT,
} from "./inflater-fields.js";
import { enterInflater, saveInflater } from "./inflater-save.js";
import { type Encoder, MachineStateError } from "./machine.js";

/** How to inflate. */
export interface InflateOptions {
  /**
   * The most bytes of output, over all members: one more is an {@link OutputLimitError}. DEFLATE can expand a byte to
   * a thousand, so set it for streams that others made. Default: no limit.
   */
  readonly maxBytes?: number | undefined;
  /** What bytes after the end are that aren't zeros: an error, or nothing. Default: `"error"`. */
  readonly trailing?: "error" | "ignore" | undefined;
}

/** More than the room for output, so no limit. */
const UNLIMITED = 2 ** 30;

/** @throws InflateOptionError */
export function checkMaxBytes(maxBytes: number | undefined): number {
  if (maxBytes === undefined || maxBytes === Number.POSITIVE_INFINITY) return Number.POSITIVE_INFINITY;
  if (Number.isSafeInteger(maxBytes) && maxBytes >= 0) return maxBytes;
  throw new InflateOptionError(`maxBytes is ${String(maxBytes)}: give a whole number of bytes from 0 on`);
}

/** @throws InflateOptionError */
export function ignoresTrailing(trailing: InflateOptions["trailing"]): boolean {
  if (trailing === undefined || trailing === "error") return false;
  if (trailing === "ignore") return true;
  throw new InflateOptionError(`trailing is ${String(trailing)}: give "error" or "ignore"`);
}

/** The options that a state was saved under. */
export function optionsOf({ maxBytes, ignoreTrailing }: InflaterState): InflateOptions {
  return { maxBytes, trailing: ignoreTrailing ? "ignore" : "error" };
}

/**
 * What the inflating machines share. They are driven like an {@link Encoder}, with compressed bytes going in:
 *
 *     for each chunk: offset = 0; while offset < chunk.length: offset = update(chunk, offset); take the output
 *     finish(); release()
 *
 * Output is there as soon as the bytes are that it is made of, and `take` gives all of it, up to some 128 KiB; it may
 * be left for later calls of `update` to add to, which take no more input when there is no more room. When the stream
 * turns out to be bad, what came before can still be taken: only the call of `update` or `finish` that finds no output
 * waiting throws, and so do all after it.
 */
export abstract class Inflater implements Encoder {
  #instance: CoreInstance | undefined;
  readonly #maxBytes: number;
  readonly #ignoreTrailing: boolean;
  /** Addresses of the output that waits. */
  #from = 0;
  #to = 0;
  /** Bytes of output so far. */
  #total = 0;
  #failure: InflateError | OutputLimitError | undefined;
  #finished = false;

  /** @throws InflateOptionError @throws NotInitializedError */
  constructor({ maxBytes, trailing }: InflateOptions = {}) {
    this.#maxBytes = checkMaxBytes(maxBytes);
    this.#ignoreTrailing = ignoresTrailing(trailing);
    this.#instance = coreInstances.acquire();
    this.begin(this.#instance, this.#ignoreTrailing);
    this.#from = this.#to = this.#instance.exports.inflateTaken();
  }

  /** What its states are states of. */
  protected abstract readonly kind: InflaterKind;
  /** Begins a stream. */
  protected abstract begin(instance: CoreInstance, ignoreTrailing: boolean): void;
  /** A piece has been inflated: `used` bytes of it, into `produced` bytes. */
  protected advanced(_instance: CoreInstance, _used: number, _produced: number): void {}
  /** The stream has ended as it should. */
  protected ended(_instance: CoreInstance): void {}

  /** @throws InflateError @throws OutputLimitError @throws MachineStateError after `finish` or `release` */
  update(chunk: Uint8Array, offset: number): number {
    const instance = this.open();
    checkChunk(chunk, offset);
    const { exports, inflater } = instance;
    if (this.#finished)
      throw new MachineStateError("the stream is finished: make a new machine for the next one");
    if (this.#from === this.#to) {
      if (this.#failure) throw this.#failure;
      this.#from = this.#to = exports.inflateTaken();
    }
    while (offset < chunk.length && this.#to < inflater.stop && !this.#failure) {
      const piece = Math.min(chunk.length - offset, inflater.compressed.length);
      inflater.compressed.set(
        offset === 0 && piece === chunk.length ? chunk : chunk.subarray(offset, offset + piece),
      );
      const used = exports.inflate(piece, Math.min(this.#maxBytes - this.#total + 1, UNLIMITED));
      offset += used;
      const produced = inflater.state.getUint32(OUTPUT, true) - this.#to;
      this.#to += produced;
      this.#total += produced;
      this.#failure = this.#judge(inflater.state);
      if (!this.#failure) this.advanced(instance, used, produced);
    }
    if (this.#failure && this.#from === this.#to) throw this.#failure;
    return offset;
  }

  take(): Uint8Array<ArrayBuffer> | undefined {
    const { exports } = this.open();
    if (this.#from === this.#to) return undefined;
    const view = new Uint8Array(exports.memory.buffer as ArrayBuffer, this.#from, this.#to - this.#from);
    this.#from = this.#to;
    return view;
  }

  /**
   * The input is over: checks that the stream is, too. There is no output left then. @throws InflateError
   * @throws OutputLimitError @throws MachineStateError while output waits, or after `release`
   */
  finish(): void {
    const instance = this.open();
    if (this.#finished) return;
    if (this.#from !== this.#to)
      throw new MachineStateError("output is ready: take it before the stream is finished");
    if (!this.#failure && !this.#complete(instance.inflater.state)) {
      this.#failure = new InflateError("truncated", this.inputTotal);
    }
    if (this.#failure) throw this.#failure;
    this.#finished = true;
    this.ended(instance);
  }

  /**
   * The state of the stream behind the input that has been used and the output that has been handed out, as a value of
   * at most 48 KiB; undefined while output waits to be taken, after `finish`, and when the stream is bad. `resume` goes on from it, with
   * the same options: in another process, on another runtime, in another build. May be called at any time until
   * `release`, between blocks, members, or any two bytes, and changes nothing.
   *
   * It holds up to 32 KiB of the output, and is to be kept like the output itself. Its checksum finds damage; it
   * authenticates nothing. {@link describeCheckpoint} tells its offsets.
   *
   * @throws MachineStateError after `release`
   */
  checkpoint(): Uint8Array<ArrayBuffer> | undefined {
    const instance = this.open();
    if (this.#from !== this.#to || this.#failure || this.#finished) return undefined;
    const limits = { maxBytes: this.#maxBytes, ignoreTrailing: this.#ignoreTrailing };
    return writeInflaterState(saveInflater(instance, this.kind, limits));
  }

  /** Goes to where a state was saved. To be called once, before anything else. @throws CheckpointError */
  protected enter(state: InflaterState): void {
    try {
      this.#total = state.outputOffset;
      this.#from = this.#to = enterInflater(this.open(), state);
    } catch (error) {
      this.release();
      throw error;
    }
  }

  release(): void {
    const instance = this.#instance;
    this.#instance = undefined;
    if (instance) coreInstances.release(instance);
  }

  /** The instance, while it is this object's. @throws MachineStateError */
  protected open(): CoreInstance {
    if (!this.#instance)
      throw new MachineStateError("the machine is released: make a new one for the next stream");
    return this.#instance;
  }

  /** Bytes of input that have been used. */
  protected get inputTotal(): number {
    return Number(this.open().inflater.state.getBigUint64(INPUT_TOTAL, true));
  }

  /** Bytes of output that have been inflated. */
  protected get outputTotal(): number {
    return this.#total;
  }

  /** What is wrong, if anything is: the limit comes first, for a fault lies behind the bytes that pass it. */
  #judge(state: DataView): InflateError | OutputLimitError | undefined {
    if (this.#total > this.#maxBytes) {
      this.#to -= this.#total - this.#maxBytes;
      return new OutputLimitError(this.#maxBytes, this.inputTotal);
    }
    const fault = state.getUint32(FAULT, true);
    if (fault === 0) return undefined;
    return new InflateError(inflateReason(fault), Number(state.getBigUint64(FAULT_OFFSET, true)));
  }

  /** Whether the stream may end here. The first byte of a member's header alone is as well one of trailing data. */
  #complete(state: DataView): boolean {
    const mode = state.getUint32(MODE, true);
    if (mode >= AFTER_MEMBER && mode <= IN_TRAILING) return true;
    const lone = mode === IN_HEADER && state.getUint32(GATHERED, true) === 1;
    return lone && this.#ignoreTrailing && state.getUint32(MEMBERS, true) > 0;
  }
}
