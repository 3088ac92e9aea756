/// <reference lib="esnext.disposable" preserve="true" />
import { defaultLevel } from "../v1/compression.js";
import {
  type Compression,
  compressionByName,
  type Hash,
  type MediaType,
  type ReadOptions,
  UnsupportedError,
} from "../v1/index.js";
import { ChunkIterator } from "./chunks.js";
import type { StreamLayerOptions } from "./layer-options.js";
import { ProgressMeter } from "./progress.js";
import { readableOf } from "./readable.js";
import type { LayerResult } from "./result.js";
import type { ResumableLayer, ResumeOptions } from "./resumable-layer.js";
import { Run } from "./run.js";
import { readerOf } from "./source/open.js";
import type { Source } from "./source/source.js";
import { SpooledLayer } from "./spooled.js";

/**
 * Takes one piece of a layer. The view shows the machine's own memory: it is valid until the call returns, or until
 * the promise settles that it returned, so a sink that keeps the bytes for longer must copy them.
 */
export type Sink = (view: Uint8Array) => unknown;

/**
 * A layer that is made while it is read, in one pass over its source and without keeping it. It can be read once,
 * by {@link compressed}, {@link chunks} or {@link writeTo}; reading it to the end makes its values known. With a
 * spool, it can be read again from then on, until it is closed.
 *
 * Nothing happens before the reader asks, and nothing after it stops asking: at most one segment and one chunk of
 * the source are held, and with N threads at most 4 N + 1 segments of 256 KiB. Every way in which it can end closes
 * the source once, gives the WebAssembly instance back, and waits for neither.
 *
 * The work is done between the reader's asking and its answer. It yields only where the source or the reader waits,
 * so a large source that is in memory, read by a reader that waits for nothing, keeps timers and events out until
 * it is done.
 */
export class StreamLayer implements ResumableLayer {
  /**
   * The values, once the layer has been read to its end; it rejects with what {@link digest} would reject with if
   * the layer fails. It may be left alone: it never makes an unhandled rejection.
   */
  readonly result: Promise<LayerResult>;
  /**
   * Resolves when the source has closed after the layer let go of it, at its end or earlier, which some sources
   * never do. It rejects with {@link SourceCloseError} if the source cannot be closed, which takes nothing away
   * from the values of a complete layer. It may be left alone: it never makes an unhandled rejection.
   */
  readonly sourceClosed: Promise<void>;
  readonly #run: Run;
  readonly #mediaType: MediaType | undefined;
  readonly #compression: Compression;
  readonly #spooled: SpooledLayer | undefined;

  /**
   * {@link newLayer} is the usual way.
   *
   * @throws {SourceError} if the source is of no known kind
   * @throws {UnknownCompressionError} if there is no compression of that name
   */
  constructor(source: Source, options: StreamLayerOptions = {}) {
    const { compression = "gzip", spool, threads, sha256, createWorker } = options;
    const codec = typeof compression === "string" ? compressionByName(compression) : compression;
    const { compressionLevel = defaultLevel(codec) } = options;
    const meter = new ProgressMeter(options.onProgress, options.expectedSize);
    this.#mediaType = options.mediaType;
    this.#compression = codec;
    this.#run = new Run(readerOf(source), codec, compressionLevel, meter, {
      machine: { threads, sha256, createWorker },
      resumption: options.resume && { checkpoint: options.resume, level: options.compressionLevel },
      spool,
    });
    this.#spooled = spool && new SpooledLayer(spool, codec, this.#run);
    this.result = this.#run.result;
    this.sourceClosed = this.#run.sourceClosed;
    this.#run.follow(options.signal);
  }

  /**
   * The hash of the compressed bytes.
   *
   * @throws {NotComputedError} at once, until the layer has been read to its end
   * @throws {AbortedError} if the layer was ended before its end
   * @throws {StreamFailedError} if the layer failed; its cause is the failure itself
   */
  async digest(): Promise<Hash> {
    return this.#run.values("digest").digest;
  }

  /** The hash of the bytes that the source gave. It throws what {@link digest} throws. */
  async diffID(): Promise<Hash> {
    return this.#run.values("diffID").diffID;
  }

  /** The number of compressed bytes. It throws what {@link digest} throws. */
  async size(): Promise<number> {
    return this.#run.values("size").size;
  }

  /** @throws {NotComputedError} at once, if it depends on what the source's compression is found to be */
  async mediaType(): Promise<MediaType> {
    return this.#mediaType ?? this.#compression.defaultMediaType;
  }

  /**
   * Opens the layer's bytes, as a stream that is driven by the reader's pulls alone. Its chunks are the reader's
   * own. When it says that it is done, the values are known; if the source fails, it fails with the source's own
   * error. Cancelling it ends the layer, at once.
   *
   * @param options a signal that ends the layer with {@link AbortedError}
   * @throws {ConsumedError} if the layer has been opened before
   * @throws {CompressionLevelError} (a `RangeError`) if the compression has no such level; the source is closed
   * @throws {ThreadCountError} (a `RangeError`) if there can't be so many threads; the source is closed
   * @throws {HashOptionError} (a `RangeError`) if `sha256` is none of the two hashes; the source is closed
   * @throws {CheckpointError} if the layer can't be resumed; the source is closed
   * @throws {AbortedError} if the layer was ended before
   */
  async compressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const run = this.#begin(options);
    await run.open();
    return readableOf(run);
  }

  /**
   * Opens the layer's bytes as {@link compressed} does, without a Web stream in between. Ending the iteration early
   * ends the layer, at once, even while a `next` is pending.
   *
   * @param options a signal that ends the layer with {@link AbortedError}
   * @throws {ConsumedError} at the call, if the layer has been opened before; what else {@link compressed} rejects
   *   with, the first `next` does
   */
  chunks(options: ReadOptions = {}): AsyncIterableIterator<Uint8Array> {
    return new ChunkIterator(this.#begin(options));
  }

  /**
   * Reads the layer to its end, handing each piece to the sink without copying it, and waiting for the sink in
   * between. A sink that fails ends the layer, and its error is what this rejects with.
   *
   * @param options a signal that ends the layer with {@link AbortedError}, at once, even while the sink is busy;
   *   its view stays valid until it has settled
   * @returns the values
   * @throws what {@link compressed} rejects with, and what its stream fails with
   */
  async writeTo(sink: Sink, options: ReadOptions = {}): Promise<LayerResult> {
    const run = this.#begin(options);
    while (await run.next(sink));
    return this.#run.values("result");
  }

  /**
   * Opens the uncompressed bytes, which are made of those in the spool, and compared with the digest before the last of
   * them is given. If the layer has not been read, that is done first, when the stream is first read; cancelling it
   * before then ends the layer.
   *
   * @param options a signal that ends the stream with {@link AbortedError}
   * @throws {UnsupportedError} if the layer has no spool; the source is not touched
   * @throws {NotComputedError} if the layer is being read
   * @throws {SpoolError} if the layer has been closed
   * @throws what {@link digest} throws, if the layer was ended or has failed
   */
  async uncompressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    const spooled = this.#spooled;
    if (spooled === undefined) {
      throw new UnsupportedError(
        "a streaming layer does not keep its bytes: make it with the option `spool`, such as memorySpool(), or read compressed() and decompress that",
      );
    }
    if (this.#run.fresh) {
      this.#run.claim();
    } else {
      this.#run.values("uncompressed()");
    }
    const run = spooled.uncompressed();
    run.follow(options.signal);
    return readableOf(run);
  }

  /**
   * The state of the layer at the last segment boundary whose output has been handed out to the reader in full, the
   * piece that a sink holds included, as a value of at most 48 KiB: `newLayer` with the option `resume` goes on from
   * it, in another process or on another runtime. It may be asked for at any time, also after the layer has failed or
   * was closed.
   *
   * It is a secret as the layer's content is: it holds 32 KiB of it, and the states of its hashes. Its checksum finds
   * damage; it authenticates nothing, so a checkpoint that others could have written proves nothing.
   *
   * @returns undefined while the layer has not been opened, once it is complete, where its compression can't be
   *   resumed, and with `sha256: "native"`
   */
  checkpoint(): Uint8Array<ArrayBuffer> | undefined {
    return this.#run.checkpoint();
  }

  /**
   * Refuses a layer that gives no checkpoints, before anything is done with it.
   *
   * @throws {UnsupportedError} with a spool, with `sha256: "native"`, with `resume`, and where its compression can't be resumed
   * @throws {ConsumedError} if the layer has been opened
   * @throws what {@link digest} throws, if the layer was ended or has failed
   */
  requireCheckpoints(): void {
    this.#run.requireCheckpoints();
  }

  /**
   * Has a layer that has not been opened go on at a checkpoint of another that was made alike, over a source that begins with its
   * first byte all the same: when the layer is read, what stands before the checkpoint is read and hashed, and compared with what the
   * checkpoint says, before anything is made of the rest. The bytes that are read begin at the checkpoint's output offset; the values
   * are those of the whole layer.
   *
   * Opening it fails with `CheckpointError` if the checkpoint can't be resumed or is of another level; reading it with {@link
   * SourceChangedError} if the source is another.
   *
   * @throws what {@link requireCheckpoints} throws
   */
  resumeAt(checkpoint: Uint8Array, options: ResumeOptions = {}): void {
    this.#run.resumeAt(checkpoint, options.sourceOffset ?? 0);
  }

  /**
   * Ends a layer that will not be read, or not further, closes its source, and removes its spool. It settles at once,
   * or when the spool is removed, whatever the source does; the values of a layer that has ended already stay.
   *
   * @param reason the cause of the {@link AbortedError} that the values and a reader then get
   * @throws {SpoolError} if the spool cannot be removed
   */
  async close(reason?: unknown): Promise<void> {
    this.#run.end("the layer was closed", reason);
    await this.#spooled?.remove();
  }

  /** Closes the layer, at the end of an `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** The run that gives the layer's bytes: the one pass, or another reading of the spool. */
  #begin(options: ReadOptions): Run {
    let run = this.#run;
    if (this.#spooled !== undefined && run.completed) {
      run = this.#spooled.compressed();
    } else {
      run.claim();
    }
    run.follow(options.signal);
    return run;
  }
}
