import { readEncoderState } from "./checkpoint/encoder-state.js";
import type { CoreInstance } from "./core-instance.js";
import { withHashPairing } from "./hash-pairing.js";
import { type Machine, type MachineResult, MachineStateError } from "./machine.js";
import { SegmentEncoder } from "./segment-encoder.js";
import { SHA256_SIZE } from "./sha256.js";
import { INPUT_TOTAL, OUTPUT_TOTAL } from "./stream-counters.js";

/**
 * The layer machine: gzip of a stream, with the SHA-256 of both sides, in one pass. The bytes are those of {@link
 * Gzip}.
 */
export class GzipLayerMachine extends SegmentEncoder implements Machine {
  #result: MachineResult | undefined;

  protected override reset({ exports }: CoreInstance, level: number): void {
    exports.layerReset(level);
  }

  protected override encode(instance: CoreInstance, length: number, last: boolean, taken: boolean): number {
    const { exports, digests, counters } = instance;
    if (taken) this.boundary.keepInputHash(instance);
    if (last) exports.layerHash(length, true);
    else withHashPairing(length, (paired) => exports.layerHash(length, paired));
    if (taken) {
      this.boundary.keepOutputHash(instance);
      exports.layerTaken();
    }
    const waiting = exports.gzipSegment(length, last);
    if (last) {
      exports.layerFinish(length);
      this.#result = {
        diffID: new Uint8Array(digests.subarray(0, SHA256_SIZE)),
        digest: new Uint8Array(digests.subarray(SHA256_SIZE)),
        size: Number(counters.getBigUint64(OUTPUT_TOTAL, true)),
        uncompressedSize: Number(counters.getBigUint64(INPUT_TOTAL, true)),
      };
    }
    return waiting;
  }

  protected override keep(instance: CoreInstance): void {
    super.keep(instance);
    this.boundary.keepInputHash(instance);
    instance.exports.layerHash(0, false);
    this.boundary.keepOutputHash(instance);
  }

  /**
   * A machine that goes on where the checkpoint was taken: it is given the input from the checkpoint's input offset
   * on, its output begins at the checkpoint's output offset, and its result is that of the whole stream.
   *
   * @param checkpoint what {@link GzipLayerMachine.checkpoint} gave
   * @param level the level that the checkpoint must have been taken at; any if it is left out
   * @throws {CheckpointError} if it is not intact, or that of something else, or of another level
   * @throws {CompressionLevelError} if there is no such level as is given
   * @throws {NotInitializedError}
   */
  static resume(checkpoint: Uint8Array, level?: number): GzipLayerMachine {
    const state = readEncoderState(checkpoint, true, level);
    const machine = new GzipLayerMachine(state.level);
    machine.enter(state);
    return machine;
  }

  result(): MachineResult {
    if (!this.#result) throw new MachineStateError("the digests are not known before finish()");
    return this.#result;
  }
}
