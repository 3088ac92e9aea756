import { readEncoderState } from "./checkpoint/encoder-state.js";
import type { CoreInstance } from "./core-instance.js";
import { SegmentEncoder } from "./segment-encoder.js";

/**
 * A synchronous gzip compressor (RFC 1952) whose bytes are those of the format `varve-gzip/0`: the same for the same
 * input and level, on every runtime, however the input is cut into chunks.
 */
export class Gzip extends SegmentEncoder {
  protected override reset({ exports }: CoreInstance, level: number): void {
    exports.gzipReset(level);
  }

  protected override encode(
    { exports }: CoreInstance,
    length: number,
    last: boolean,
    taken: boolean,
  ): number {
    if (taken) exports.gzipTaken();
    return exports.gzipSegment(length, last);
  }

  /**
   * A compressor that goes on where the checkpoint was taken: it is given the input from the checkpoint's input
   * offset on, and its output begins at the checkpoint's output offset.
   *
   * @param checkpoint what {@link Gzip.checkpoint} gave
   * @param level the level that the checkpoint must have been taken at; any if it is left out
   * @throws {CheckpointError} if it is not intact, or that of something else, or of another level
   * @throws {CompressionLevelError} if there is no such level as is given
   * @throws {NotInitializedError}
   */
  static resume(checkpoint: Uint8Array, level?: number): Gzip {
    const state = readEncoderState(checkpoint, false, level);
    const gzip = new Gzip(state.level);
    gzip.enter(state);
    return gzip;
  }
}
