import { checkBytes } from "./check-bytes.js";
import { readEncoderState } from "./checkpoint/encoder-state.js";
import { checkCompressionLevel } from "./compression-level.js";
import type { CoreInstance } from "./core-instance.js";
import { SegmentEncoder } from "./segment-encoder.js";

/** How to compress. */
export interface GzipOptions {
  /** How hard to try: a level that {@link checkCompressionLevel} knows. Default: 1. */
  readonly level?: number | undefined;
}

/** What the streams of layers take as well: harder levels cost several times the time for a few per cent of size. */
const DEFAULT_LEVEL = 1;

/** The level that the options ask for. @throws CompressionLevelError */
export function levelOf({ level = DEFAULT_LEVEL }: GzipOptions): number {
  return checkCompressionLevel(level);
}

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

/**
 * Compresses bytes that are at hand as a whole: what {@link Gzip} makes of them, in a buffer that the caller owns.
 *
 * @throws CompressionLevelError @throws NotInitializedError
 */
export function gzip(bytes: Uint8Array, options: GzipOptions = {}): Uint8Array<ArrayBuffer> {
  checkBytes(bytes);
  const machine = new Gzip(levelOf(options));
  try {
    const pieces: Uint8Array[] = [];
    let size = 0;
    const take = (): void => {
      const piece = machine.take()?.slice();
      if (piece === undefined) return;
      pieces.push(piece);
      size += piece.length;
    };
    for (let offset = 0; offset < bytes.length; take()) offset = machine.update(bytes, offset);
    machine.finish();
    take();
    const output = new Uint8Array(size);
    let at = 0;
    for (const piece of pieces) {
      output.set(piece, at);
      at += piece.length;
    }
    return output;
  } finally {
    machine.release();
  }
}
