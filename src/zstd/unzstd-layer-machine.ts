import { type Machine, type MachineResult, MachineStateError, Sha256 } from "../core/index.js";
import { Unzstd, type UnzstdOptions } from "./unzstd.js";

/**
 * The reading machine of zstd: a compressed layer goes in, its content comes out, and both are hashed. Its result is
 * the layer's: `digest` and `size` are those of the input.
 */
export class UnzstdLayerMachine implements Machine {
  readonly #decoder: Unzstd;
  readonly #compressed: Sha256;
  readonly #content: Sha256;
  #size = 0;
  #uncompressedSize = 0;
  /** The end of the content, which is hashed before it is taken. */
  #rest: Uint8Array<ArrayBuffer> | undefined;
  /** Whether the hashes have given their digests, and so their instances back. */
  #hashed = false;
  #result: MachineResult | undefined;

  /** @throws {NotInitializedError} if the core has not been initialised */
  constructor(options: UnzstdOptions = {}) {
    this.#decoder = new Unzstd(options);
    this.#compressed = new Sha256();
    this.#content = new Sha256();
  }

  /** @throws {ZstdError} */
  update(chunk: Uint8Array, offset: number): number {
    const next = this.#decoder.update(chunk, offset);
    this.#compressed.update(chunk.subarray(offset, next));
    this.#size += next - offset;
    return next;
  }

  take(): Uint8Array<ArrayBuffer> | undefined {
    if (this.#rest === undefined) return this.#takeHashed();
    const rest = this.#rest;
    this.#rest = undefined;
    return rest;
  }

  /** @throws {ZstdError} `truncated` */
  finish(): void {
    if (this.#result !== undefined) return;
    this.#decoder.finish();
    this.#rest = this.#takeHashed();
    this.#hashed = true;
    this.#result = {
      digest: this.#compressed.digest(),
      diffID: this.#content.digest(),
      size: this.#size,
      uncompressedSize: this.#uncompressedSize,
    };
  }

  result(): MachineResult {
    if (!this.#result) throw new MachineStateError("the digests are not known before finish()");
    return this.#result;
  }

  release(): void {
    this.#decoder.release();
    this.#rest = undefined;
    if (!this.#hashed) {
      this.#hashed = true;
      this.#compressed.digest();
      this.#content.digest();
    }
  }

  #takeHashed(): Uint8Array<ArrayBuffer> | undefined {
    const piece = this.#decoder.take();
    if (piece !== undefined) {
      this.#content.update(piece);
      this.#uncompressedSize += piece.length;
    }
    return piece;
  }
}
