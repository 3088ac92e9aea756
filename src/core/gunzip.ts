import { checkBytes } from "./check-bytes.js";
import { readInflaterState } from "./checkpoint/inflater-state.js";
import type { CoreInstance } from "./core-instance.js";
import { type InflateOptions, Inflater, optionsOf } from "./inflater.js";

/**
 * A synchronous gzip decompressor (RFC 1952): any number of members, one after the other, each checked against its
 * CRC-32 and its length; zeros after the last one are padding.
 */
export class Gunzip extends Inflater {
  protected override readonly kind = "gunzip";

  protected override begin({ exports }: CoreInstance, ignoreTrailing: boolean): void {
    exports.inflateReset(true, ignoreTrailing);
  }

  /**
   * A machine that goes on where the checkpoint was taken, with the same options: it is given the input from the
   * checkpoint's input offset on, and its output begins at the checkpoint's output offset.
   *
   * @throws CheckpointError if it is not intact, or that of something else @throws NotInitializedError
   */
  static resume(checkpoint: Uint8Array): Gunzip {
    const state = readInflaterState(checkpoint, "gunzip");
    const machine = new Gunzip(optionsOf(state));
    machine.enter(state);
    return machine;
  }
}

/** A trailer's ISIZE is believed up to this many times the compressed length, or this many bytes; it may be a lie. */
const LIKELY_RATIO = 8;
const LIKELY_SIZE = 16 << 20;
const LEAST_CAPACITY = 1024;

/**
 * Decompresses a gzip file that is at hand as a whole.
 *
 * @throws InflateError if it is damaged or no gzip file @throws OutputLimitError if it holds more than `maxBytes`
 * @throws InflateOptionError @throws NotInitializedError
 */
export function gunzip(bytes: Uint8Array, options: InflateOptions = {}): Uint8Array<ArrayBuffer> {
  checkBytes(bytes);
  const machine = new Gunzip(options);
  try {
    let output = new Uint8Array(0);
    let length = 0;
    for (let offset = 0; offset < bytes.length; ) {
      offset = machine.update(bytes, offset);
      const view = machine.take();
      if (view === undefined) continue;
      if (length === 0)
        output = new Uint8Array(Math.min(likelyLength(bytes), options.maxBytes ?? Number.POSITIVE_INFINITY));
      if (length + view.length > output.length) {
        const larger = new Uint8Array(Math.max(2 * output.length, length + view.length));
        larger.set(output.subarray(0, length));
        output = larger;
      }
      output.set(view, length);
      length += view.length;
    }
    machine.finish();
    return length === output.length ? output : output.slice(0, length);
  } finally {
    machine.release();
  }
}

/** What the last four bytes say, within reason. */
function likelyLength(bytes: Uint8Array): number {
  if (bytes.length < 4) return LEAST_CAPACITY;
  const size = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4).getUint32(0, true);
  return Math.min(size, Math.max(LIKELY_RATIO * bytes.length, LIKELY_SIZE));
}
