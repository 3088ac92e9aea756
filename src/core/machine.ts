import { VarveError } from "./error.js";

/** What a machine knows when its stream is over. */
export interface MachineResult {
  /** SHA-256 of the output, 32 bytes. */
  readonly digest: Uint8Array<ArrayBuffer>;
  /** SHA-256 of the input, 32 bytes. */
  readonly diffID: Uint8Array<ArrayBuffer>;
  /** Bytes of output. */
  readonly size: number;
  /** Bytes of input. */
  readonly uncompressedSize: number;
  /** How many threads encoded segments; 1 if absent. */
  readonly threads?: number;
  /** Whose SHA-256 it was; this package's own, `"wasm"`, if absent. */
  readonly sha256?: "wasm" | "native";
}

/**
 * A compressor without hashes or with them, synchronous, over one stream.
 *
 *     for each chunk: offset = 0; while offset < chunk.length: offset = update(chunk, offset); take the output
 *     finish(); take the output until there is none; release()
 *
 * Output comes in pieces of at least 64 KiB, but for the last.
 */
export interface Encoder {
  /**
   * Takes bytes of `chunk` from `offset` on until they are used up or output is ready, and returns the offset of the
   * first byte not taken. Output that is ready is to be taken first.
   */
  update(chunk: Uint8Array, offset: number): number;
  /**
   * Output that is ready, as a view into linear memory: valid until the next call of this object. Undefined when
   * there is none.
   */
  take(): Uint8Array<ArrayBuffer> | undefined;
  /**
   * A turn of the event loop in which other threads are heard; undefined when there is nobody to hear, and absent on
   * encoders with one thread. To be asked before each call of `update`, `take` and `finish`, and waited for: whoever
   * doesn't gets the same bytes, but less help.
   */
  pending?(): Promise<void> | undefined;
  /** Ends the stream. What `take` gives afterwards is the rest of the output. */
  finish(): void;
  /**
   * The state of the stream at the last boundary whose output `take` has handed out in full, from which a machine of
   * the same class resumes. Absent, or undefined, when this encoder's state can't be saved. @throws MachineStateError
   * after `release`
   */
  checkpoint?(): Uint8Array<ArrayBuffer> | undefined;
  /** Gives the WebAssembly instance back. May be called at any time, and again; the other calls throw afterwards. */
  release(): void;
}

/** An {@link Encoder} that hashes both sides: what makes a layer. */
export interface Machine extends Encoder {
  /**
   * Digests and sizes of the whole stream.
   *
   * @throws MachineStateError before `finish`; with several threads also before all output has been taken
   */
  result(): MachineResult;
}

/** A machine was called in a state in which the call has no meaning. */
export class MachineStateError extends VarveError {
  override readonly name = "MachineStateError";

  constructor(problem: string) {
    super("ERR_VARVE_MACHINE_STATE", problem);
  }
}
