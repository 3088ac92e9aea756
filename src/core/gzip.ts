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
}
