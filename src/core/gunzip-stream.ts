import { Gunzip } from "./gunzip.js";
import { checkMaxBytes, type InflateOptions, ignoresTrailing } from "./inflater.js";
import { type ByteStreamPair, MachineStream } from "./machine-stream.js";

/**
 * Decompresses gzip from one Web stream to another: `source.pipeThrough(new GunzipStream())`, as `DecompressionStream`
 * does, but with several members, with checks of everything that can be checked, with a limit, and faster.
 *
 * Nothing is inflated before the consumer asks, and never more than a piece of some 128 KiB at a time, however much a
 * chunk expands. The core is loaded with the first chunk. A bad stream errors both sides with an {@link InflateError},
 * after all that precedes the fault has been handed out.
 */
export class GunzipStream implements ByteStreamPair {
  /** What comes out, in pieces whose buffers are the reader's own. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Where gzip goes in. A chunk is read in place until its `write` is settled. */
  readonly writable: WritableStream<ArrayBuffer | ArrayBufferView>;

  /** @throws InflateOptionError */
  constructor(options: InflateOptions = {}) {
    checkMaxBytes(options.maxBytes);
    ignoresTrailing(options.trailing);
    ({ readable: this.readable, writable: this.writable } = new MachineStream(() => new Gunzip(options)));
  }
}
