import {
  type Compression,
  compressionByName,
  type Hash,
  type Layer,
  type MediaType,
  type ReadOptions,
  UnsupportedError,
} from "../v1/index.js";
import { ChunkIterator } from "./chunks.js";
import { type ProgressListener, ProgressMeter } from "./progress.js";
import { readableOf } from "./readable.js";
import type { LayerResult } from "./result.js";
import { Run } from "./run.js";
import { readerOf } from "./source/open.js";
import type { Source } from "./source/source.js";

/** Level 1: on layers, harder levels cost several times the time for a few per cent of size. */
const DEFAULT_LEVEL = 1;

/** How a layer is made of a source. */
export interface StreamLayerOptions {
  /** How the bytes are compressed. Default: `"gzip"`. */
  readonly compression?: "gzip" | "none" | Compression | undefined;
  /**
   * How hard to try, on the compression's own scale; checked when the layer is read. For gzip: -2 (Huffman code only), -1 (6), 0
   * (stores), 1 (fastest) to 12 (smallest). Default: 1.
   */
  readonly compressionLevel?: number | undefined;
  /**
   * What the layer says that it is; any string, taken as it is, which does not alter the bytes. Default: the
   * compression's.
   */
  readonly mediaType?: MediaType | undefined;
  /** How many bytes the source is expected to give: a hint, for progress alone, that nothing is held to. */
  readonly expectedSize?: number | undefined;
  /** Aborting it ends the layer, read or not, with {@link AbortedError}, whose cause is the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ProgressListener | undefined;
}

/**
 * Takes one piece of a layer. The view shows the machine's own memory: it is valid until the call returns, or until
 * the promise settles that it returned, so a sink that keeps the bytes for longer must copy them.
 */
export type Sink = (view: Uint8Array) => unknown;

/**
 * A layer that is made while it is read, in one pass over its source and without keeping it. It can be read once,
 * by {@link compressed}, {@link chunks} or {@link writeTo}; reading it to the end makes its values known.
 *
 * Nothing happens before the reader asks, and nothing after it stops asking: at most one segment and one chunk of
 * the source are held. Every way in which it can end closes the source once, gives the WebAssembly instance back,
 * and waits for neither.
 *
 * The work is done between the reader's asking and its answer. It yields only where the source or the reader waits,
 * so a large source that is in memory, read by a reader that waits for nothing, keeps timers and events out until
 * it is done.
 */
export class StreamLayer implements Layer {
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
  readonly #mediaType: MediaType;

  /**
   * {@link newLayer} is the usual way.
   *
   * @throws {SourceError} if the source is of no known kind
   * @throws {UnknownCompressionError} if there is no compression of that name
   */
  constructor(source: Source, options: StreamLayerOptions = {}) {
    const { compression = "gzip", compressionLevel = DEFAULT_LEVEL } = options;
    const codec = typeof compression === "string" ? compressionByName(compression) : compression;
    const meter = new ProgressMeter(options.onProgress, options.expectedSize);
    this.#mediaType = options.mediaType ?? codec.defaultMediaType;
    this.#run = new Run(readerOf(source), codec, compressionLevel, meter);
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

  async mediaType(): Promise<MediaType> {
    return this.#mediaType;
  }

  /**
   * Opens the layer's bytes, as a stream that is driven by the reader's pulls alone. Its chunks are the reader's
   * own. When it says that it is done, the values are known; if the source fails, it fails with the source's own
   * error. Cancelling it ends the layer, at once.
   *
   * @param options a signal that ends the layer with {@link AbortedError}
   * @throws {ConsumedError} if the layer has been opened before
   * @throws {CompressionLevelError} (a `RangeError`) if the compression has no such level; the source is closed
   * @throws {AbortedError} if the layer was ended before
   */
  async compressed(options: ReadOptions = {}): Promise<ReadableStream<Uint8Array>> {
    this.#run.claim();
    this.#run.follow(options.signal);
    await this.#run.open();
    return readableOf(this.#run);
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
    this.#run.claim();
    this.#run.follow(options.signal);
    return new ChunkIterator(this.#run);
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
    this.#run.claim();
    this.#run.follow(options.signal);
    let more = true;
    while (more) {
      more = await this.#run.next(sink);
    }
    return this.#run.values("result");
  }

  /** @throws {UnsupportedError} always: the source's bytes are not kept; the source is not touched */
  async uncompressed(): Promise<ReadableStream<Uint8Array>> {
    throw new UnsupportedError(
      "a streaming layer does not keep its uncompressed bytes: read compressed() and decompress it, or keep a copy of the source",
    );
  }

  /**
   * Ends a layer that will not be read, or not further, and closes its source. It settles at once, whatever the
   * source does; a layer that has ended already stays as it is.
   *
   * @param reason the cause of the {@link AbortedError} that the values and a reader then get
   */
  async close(reason?: unknown): Promise<void> {
    this.#run.end("the layer was closed", reason);
  }
}

/**
 * Makes a layer of a source. The source is only recognised here: it is opened and read when the layer's reader
 * first asks.
 *
 * @throws {SourceError} if the source is of no known kind, such as a string
 * @throws {UnknownCompressionError} if there is no compression of that name
 */
export function newLayer(source: Source, options: StreamLayerOptions = {}): StreamLayer {
  return new StreamLayer(source, options);
}
