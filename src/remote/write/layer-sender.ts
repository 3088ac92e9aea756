import type { Descriptor, Layer } from "../../v1/index.js";
import type { RetryPolicy } from "../transport/retry.js";
import type { LayerReading } from "../upload/layer-reading.js";
import type { UploadMode } from "../upload/mode.js";
import { chunkSizeOf, type UploadOptions } from "../upload/options.js";
import type { ProgressReport } from "../upload/progress.js";
import type { RegistryQuirks } from "../upload/quirks.js";
import { sendChunked } from "../upload/send-chunked.js";
import type { SendOptions } from "../upload/send-options.js";
import type { UploadSession } from "../upload/session.js";
import { sendMonolithic, sendStreaming } from "../upload/streaming.js";

/** A layer that is sent. */
export interface Sending {
  readonly layer: Layer;
  /** What the layer is; undefined for a stream. */
  readonly known: Descriptor | undefined;
  readonly progress: ProgressReport;
  readonly signal?: AbortSignal | undefined;
}

/** Sends layers to one registry's upload sessions, once each, as its quirks allow. */
export class LayerSender {
  readonly #quirks: RegistryQuirks;
  readonly #retry: RetryPolicy;
  readonly #maxChunkSize: number | undefined;
  /** Bytes of a chunk, as the registry's quirks allow. */
  readonly chunkSize: number;

  /**
   * @param retry how often a chunk is tried
   * @throws {RemoteOptionError} if the options have a chunk size that is none
   */
  constructor(quirks: RegistryQuirks, retry: RetryPolicy, options: UploadOptions) {
    this.#quirks = quirks;
    this.#retry = retry;
    this.#maxChunkSize = options.maxChunkSize;
    const { minimumChunk = 0, maximumChunk = Number.POSITIVE_INFINITY } = quirks;
    this.chunkSize = Math.max(Math.min(chunkSizeOf(options), maximumChunk), minimumChunk);
  }

  /** Sends a layer so that the session can be committed. Chunks are of a reading of their own. */
  async send(
    session: UploadSession,
    reading: LayerReading,
    mode: UploadMode,
    sending: Sending,
  ): Promise<void> {
    const options = optionsOf(sending);
    if (mode === "streaming") {
      await sendStreaming(session, reading, options);
      return;
    }
    const { trustRange, canAsk } = this.#quirks;
    await sendChunked(session, sending.layer, {
      ...options,
      chunkSize: this.chunkSize,
      maxChunkSize: this.#maxChunkSize,
      trustRange,
      canAsk,
      retry: this.#retry,
    });
  }

  /** Sends a layer in the request that commits the session. */
  async sendWithCommit(
    session: UploadSession,
    reading: LayerReading,
    sending: Sending,
    { digest }: Descriptor,
  ): Promise<void> {
    await sendMonolithic(session, reading, digest, optionsOf(sending));
  }
}

function optionsOf({ known, progress, signal }: Sending): SendOptions {
  return { size: known?.size, onSent: (bytes) => progress.send(bytes), signal };
}
