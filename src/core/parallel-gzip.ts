import { readEncoderState } from "./checkpoint/encoder-state.js";
import type { CoreInstance } from "./core-instance.js";
import type { ThreadOptions } from "./machine-options.js";
import { ParallelEncoder } from "./thread/parallel-encoder.js";
import type { SegmentSlot } from "./thread/segment-slot.js";

/**
 * {@link Gzip} with several threads: the same bytes, sooner. Between its calls ask `pending()`, which gives the other
 * threads a hearing where the runtime needs that (browsers); elsewhere it is used as `Gzip` is.
 */
export class ParallelGzip extends ParallelEncoder {
  /** @throws CompressionLevelError @throws ThreadCountError @throws NotInitializedError */
  constructor(level: number, options: ThreadOptions = {}) {
    super(level, options);
  }

  protected override reset({ exports }: CoreInstance, level: number): void {
    exports.gzipReset(level);
  }

  protected override consumed(): void {}

  protected override submitted({ exports }: CoreInstance, _slot: SegmentSlot, taken: boolean): void {
    if (taken) exports.gzipTaken();
  }

  protected override dropped({ exports }: CoreInstance): void {
    exports.gzipTaken();
  }

  protected override joined(): void {}

  protected override settled(): void {}

  /**
   * A compressor that goes on where the checkpoint was taken, with however many threads; see {@link Gzip.resume}.
   *
   * @throws CheckpointError @throws CompressionLevelError @throws ThreadCountError @throws NotInitializedError
   */
  static resume(checkpoint: Uint8Array, level?: number, options: ThreadOptions = {}): ParallelGzip {
    const state = readEncoderState(checkpoint, false, level);
    const machine = new ParallelGzip(state.level, options);
    machine.enter(state);
    return machine;
  }
}
