import { type Machine, type MachineResult, MachineStateError } from "../core/index.js";
import { MAGIC_BYTES } from "../v1/index.js";

/** Input is handed on in pieces of this size, so that small chunks don't make small pieces. */
const PIECE = 256 * 1024;

/**
 * The machine of input that is compressed already: it goes out as it comes in, and a reading machine looks on, whose
 * output is dropped. So both sides are hashed, and nothing is handed out that the reading machine has not taken; what
 * it throws fails the layer.
 */
export class CompressedMachine implements Machine {
  readonly #choose: (start: Uint8Array) => Machine;
  readonly #piece: Uint8Array<ArrayBuffer> = new Uint8Array(PIECE);
  #reader: Machine | undefined;
  #filled = 0;
  /** How many of the filled bytes the reading machine has taken. */
  #read = 0;
  #ready = 0;
  #finished = false;
  #released = false;

  /**
   * @param choose makes the reading machine, given the stream's first bytes: {@link MAGIC_BYTES}, or all that there
   *   are
   */
  constructor(choose: (start: Uint8Array) => Machine) {
    this.#choose = choose;
  }

  update(chunk: Uint8Array, offset: number): number {
    this.#open();
    if (this.#finished) {
      throw new MachineStateError("the stream is finished: make a new machine for the next one");
    }
    if (this.#ready > 0) return offset;
    const bytes = Math.min(chunk.length - offset, PIECE - this.#filled);
    this.#piece.set(chunk.subarray(offset, offset + bytes), this.#filled);
    this.#filled += bytes;
    if (this.#filled >= MAGIC_BYTES) this.#readOn();
    if (this.#filled === PIECE) this.#ready = PIECE;
    return offset + bytes;
  }

  take(): Uint8Array<ArrayBuffer> | undefined {
    this.#open();
    if (this.#ready === 0) return undefined;
    const view = this.#piece.subarray(0, this.#ready);
    this.#ready = 0;
    this.#filled = 0;
    this.#read = 0;
    return view;
  }

  finish(): void {
    this.#open();
    if (this.#finished) return;
    if (this.#ready > 0) {
      throw new MachineStateError("output is ready: take it before the stream is finished");
    }
    const reader = this.#readOn();
    reader.finish();
    dropOutput(reader);
    this.#finished = true;
    this.#ready = this.#filled;
  }

  result(): MachineResult {
    if (!this.#finished || this.#reader === undefined) {
      throw new MachineStateError("the digests are not known before finish()");
    }
    return this.#reader.result();
  }

  release(): void {
    this.#released = true;
    this.#reader?.release();
  }

  #readOn(): Machine {
    this.#reader ??= this.#choose(this.#piece.subarray(0, this.#filled));
    const part = this.#piece.subarray(0, this.#filled);
    while (this.#read < part.length) {
      this.#read = this.#reader.update(part, this.#read);
      dropOutput(this.#reader);
    }
    return this.#reader;
  }

  #open(): void {
    if (this.#released) {
      throw new MachineStateError("the machine is released: make a new one for the next stream");
    }
  }
}

function dropOutput(reader: Machine): void {
  while (reader.take() !== undefined);
}
