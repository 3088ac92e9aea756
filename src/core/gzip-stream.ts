import { Gzip, type GzipOptions, levelOf } from "./gzip.js";
import type { ThreadOptions } from "./machine-options.js";
import { type ByteStreamPair, MachineStream } from "./machine-stream.js";
import { ParallelGzip } from "./parallel-gzip.js";
import { threadCount } from "./thread/thread-count.js";

/**
 * Compresses from one Web stream to another: `source.pipeThrough(new GzipStream())`, as `CompressionStream` does, but
 * at any level, with the same bytes everywhere, and faster.
 *
 * Nothing is compressed before the consumer asks, and never more than a piece of some 64 to 330 KiB at a time; a
 * writer waits until its chunk has been used up. The core is loaded with the first chunk. An error of either side
 * reaches the other, and releases the machine.
 */
export class GzipStream implements ByteStreamPair {
  /** What comes out, in pieces of at least 64 KiB, but for the last, whose buffers are the reader's own. */
  readonly readable: ReadableStream<Uint8Array<ArrayBuffer>>;
  /** Where bytes go in. A chunk is read in place until its `write` is settled. */
  readonly writable: ByteStreamPair["writable"];

  /** @throws CompressionLevelError @throws ThreadCountError */
  constructor(options: GzipOptions & ThreadOptions = {}) {
    const level = levelOf(options);
    const threads = threadCount(options.threads ?? 1);
    const { createWorker } = options;
    ({ readable: this.readable, writable: this.writable } = new MachineStream(() =>
      threads > 1 ? new ParallelGzip(level, { threads, createWorker }) : new Gzip(level),
    ));
  }
}
