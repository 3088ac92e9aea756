import { readInflaterState } from "./checkpoint/inflater-state.js";
import type { CoreInstance } from "./core-instance.js";
import { withHashPairing } from "./hash-pairing.js";
import { Inflater, optionsOf } from "./inflater.js";
import { type Machine, type MachineResult, MachineStateError } from "./machine.js";
import { SHA256_SIZE } from "./sha256.js";

/** Below this many bytes, hashing side by side isn't worth asking about. */
const PAIRING_MINIMUM = 4096;

/**
 * The reading machine: decompresses a layer as {@link Gunzip} does, with the SHA-256 of both sides, in one pass. Its
 * `result` is that of the machine that made the layer: `digest` and `size` are those of the compressed bytes, all that
 * were given, and `diffID` and `uncompressedSize` those of what they inflate to.
 */
export class GunzipLayerMachine extends Inflater implements Machine {
  #result: MachineResult | undefined;

  protected override readonly kind = "gunzip-layer";

  protected override begin({ exports }: CoreInstance, ignoreTrailing: boolean): void {
    exports.inflateLayerReset(ignoreTrailing);
  }

  protected override advanced({ exports }: CoreInstance, used: number, produced: number): void {
    const shorter = Math.min(used, produced);
    if (shorter < PAIRING_MINIMUM) exports.inflateLayerHash(used, false);
    else withHashPairing(used + produced, (paired) => exports.inflateLayerHash(used, paired));
  }

  protected override ended({ exports, digests }: CoreInstance): void {
    exports.inflateLayerFinish();
    this.#result = {
      diffID: new Uint8Array(digests.subarray(0, SHA256_SIZE)),
      digest: new Uint8Array(digests.subarray(SHA256_SIZE)),
      size: this.inputTotal,
      uncompressedSize: this.outputTotal,
    };
  }

  /**
   * A machine that goes on where the checkpoint was taken, with the same options: it is given the input from the
   * checkpoint's input offset on, its output begins at the checkpoint's output offset, and its
   * result is that of the whole stream.
   *
   * @throws CheckpointError if it is not intact, or that of something else @throws NotInitializedError
   */
  static resume(checkpoint: Uint8Array): GunzipLayerMachine {
    const state = readInflaterState(checkpoint, "gunzip-layer");
    const machine = new GunzipLayerMachine(optionsOf(state));
    machine.enter(state);
    return machine;
  }

  result(): MachineResult {
    if (!this.#result) throw new MachineStateError("the digests are not known before finish()");
    return this.#result;
  }
}
