import { readInflaterState } from "./checkpoint/inflater-state.js";
import type { CoreInstance } from "./core-instance.js";
import { Inflater, optionsOf } from "./inflater.js";

/** A synchronous decompressor of DEFLATE without framing (RFC 1951), as ZIP files have it. */
export class Inflate extends Inflater {
  protected override readonly kind = "inflate";

  protected override begin({ exports }: CoreInstance, ignoreTrailing: boolean): void {
    exports.inflateReset(false, ignoreTrailing);
  }

  /**
   * A machine that goes on where the checkpoint was taken, with the same options: it is given the input from the
   * checkpoint's input offset on, and its output begins at the checkpoint's output offset.
   *
   * @throws CheckpointError if it is not intact, or that of something else @throws NotInitializedError
   */
  static resume(checkpoint: Uint8Array): Inflate {
    const state = readInflaterState(checkpoint, "inflate");
    const machine = new Inflate(optionsOf(state));
    machine.enter(state);
    return machine;
  }
}
