import { Gzip } from "./gzip.js";
import { type Machine, type MachineResult, MachineStateError } from "./machine.js";
import type { NativeLayerHashes } from "./native-layer-hashes.js";

/**
 * The layer of {@link GzipLayerMachine}, with the runtime's own hashes. The state of those can't be saved, so it has no
 * checkpoints.
 */
export class NativeGzipLayerMachine implements Machine {
  readonly #gzip: Gzip;
  readonly #hashes: NativeLayerHashes;
  /** Output that is hashed and waits to be taken. */
  #output: Uint8Array<ArrayBuffer> | undefined;
  #size = 0;
  #uncompressedSize = 0;
  #finished = false;
  #result: MachineResult | undefined;

  /** @throws CompressionLevelError @throws NotInitializedError */
  constructor(level: number, hashes: NativeLayerHashes) {
    this.#gzip = new Gzip(level);
    this.#hashes = hashes;
  }

  /** The hash is given the chunk itself: it is faster so than over the instance's memory. */
  update(chunk: Uint8Array, offset: number): number {
    if (this.#output !== undefined && !this.#finished) return offset;
    const end = this.#gzip.update(chunk, offset);
    if (end > offset) this.#hashes.input.update(chunk.subarray(offset, end));
    this.#uncompressedSize += end - offset;
    this.#fetch();
    return end;
  }

  take(): Uint8Array<ArrayBuffer> | undefined {
    const output = this.#output ?? this.#gzip.take();
    this.#output = undefined;
    return output;
  }

  finish(): void {
    if (this.#output !== undefined && !this.#finished)
      throw new MachineStateError("output is ready: take it before the stream is finished");
    this.#gzip.finish();
    if (this.#finished) return;
    this.#finished = true;
    this.#fetch();
    this.#result = {
      digest: this.#hashes.output.digest(),
      diffID: this.#hashes.input.digest(),
      size: this.#size,
      uncompressedSize: this.#uncompressedSize,
      sha256: "native",
    };
  }

  result(): MachineResult {
    if (!this.#result) throw new MachineStateError("the digests are not known before finish()");
    return this.#result;
  }

  release(): void {
    this.#output = undefined;
    this.#gzip.release();
  }

  /** Takes output that is ready, and hashes it: the digest must be known when the stream is finished. */
  #fetch(): void {
    this.#output = this.#gzip.take();
    if (this.#output === undefined) return;
    this.#hashes.output.update(this.#output);
    this.#size += this.#output.length;
  }
}
