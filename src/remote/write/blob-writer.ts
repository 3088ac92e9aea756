import { unlessAborted } from "../../bytes/index.js";
import { VarveError } from "../../core/error.js";
import type { Repository } from "../../name/index.js";
import type { Descriptor, Hash, Layer } from "../../v1/index.js";
import type { Connection } from "../auth/connection.js";
import { isStatus } from "../auth/connection.js";
import type { ResumableOptions } from "../resumable/options.js";
import { ResumableWriter } from "../resumable/resumable-writer.js";
import type { RetryPolicy } from "../transport/retry.js";
import { Blobs } from "../upload/blobs.js";
import { chooseMode, type UploadMode } from "../upload/mode.js";
import { chunkSizeOf, type UploadOptions } from "../upload/options.js";
import type { ProgressReport } from "../upload/progress.js";
import { quirksOf, type RegistryQuirks } from "../upload/quirks.js";
import { sendChunked } from "../upload/send-chunked.js";
import type { SendOptions } from "../upload/send-options.js";
import type { UploadSession } from "../upload/session.js";
import { sendMonolithic, sendStreaming } from "../upload/streaming.js";
import { describeLayer } from "./describe-layer.js";

/** One blob to be written. */
export interface BlobWriting {
  readonly layer: Layer;
  /** What the layer is; undefined for a stream, which tells when it has been read. */
  readonly known: Descriptor | undefined;
  /** A repository of the same registry that has the blob. */
  readonly mountFrom?: Repository | undefined;
  /** How the push can be gone on with later, if that is wanted. */
  readonly resumable?: ResumableOptions | undefined;
  readonly progress: ProgressReport;
  readonly signal?: AbortSignal | undefined;
}

/** Writes blobs to one repository. */
export class BlobWriter {
  readonly #connection: Connection;
  readonly #repository: Repository;
  readonly #blobs: Blobs;
  readonly #retry: RetryPolicy;
  readonly #options: UploadOptions;
  readonly #quirks: RegistryQuirks;
  readonly #chunkSize: number;

  /** @throws {RemoteOptionError} if the options have a chunk size that is none */
  constructor(connection: Connection, repository: Repository, retry: RetryPolicy, options: UploadOptions) {
    this.#connection = connection;
    this.#repository = repository;
    this.#blobs = new Blobs(connection, repository);
    this.#retry = retry;
    this.#options = options;
    this.#quirks = quirksOf(repository.registryStr(), options.quirks);
    this.#chunkSize = chunkSizeOf(options);
  }

  /**
   * Writes a blob. One that is known is tried again from the beginning when that may help, and in chunks when it was refused as too large. A
   * stream is begun once: only what comes before and after its bytes is tried again.
   */
  async write(writing: BlobWriting): Promise<Descriptor> {
    if (writing.resumable !== undefined) {
      return this.#resumableWriter().write({ ...writing, resumable: writing.resumable });
    }
    return writing.known === undefined
      ? this.#writeStream(writing)
      : this.#writeKnown(writing, writing.known);
  }

  async #writeKnown(writing: BlobWriting, known: Descriptor): Promise<Descriptor> {
    const { signal, progress } = writing;
    let mode = chooseMode(this.#options.upload, this.#quirks, known.size);
    let attempts = 0;
    const attempt = async (): Promise<void> => {
      progress.begin(++attempts);
      try {
        await this.#attempt(writing, known, mode);
      } catch (failure) {
        if (!this.#isTooLarge(failure, mode)) {
          throw failure;
        }
        mode = "chunked";
        progress.begin(++attempts);
        await this.#attempt(writing, known, mode);
      }
    };
    let unauthorized = false;
    await this.#retry.run(attempt, signal, (failure) => {
      const passes = !unauthorized && isBodyUnauthorized(failure, mode);
      unauthorized ||= passes;
      return passes;
    });
    return known;
  }

  #isTooLarge(failure: unknown, mode: UploadMode): boolean {
    const free = this.#options.upload === undefined && this.#quirks.chunked !== false;
    return free && mode !== "chunked" && isStatus(failure, 413);
  }

  async #attempt(writing: BlobWriting, known: Descriptor, mode: UploadMode): Promise<void> {
    const { signal, progress, mountFrom } = writing;
    const { digest } = known;
    progress.enter("checking");
    if (await this.#blobs.has(digest, signal)) {
      progress.enter("existing");
      return;
    }
    progress.enter("opening");
    const session =
      mountFrom === undefined
        ? await this.#blobs.open(signal)
        : await this.#blobs.mount(digest, mountFrom, signal);
    if (session === undefined) {
      progress.enter("mounted");
      return;
    }
    await this.#through(session, async () => {
      if (mode === "monolithic") {
        await sendMonolithic(session, writing.layer, digest, this.#sending(writing, known.size));
        progress.end();
        return;
      }
      await this.#send(session, writing, mode, known.size);
      progress.end();
      progress.enter("committing");
      await this.#blobs.commit(session, digest, this.#retry, signal);
    });
    progress.enter("done");
  }

  async #writeStream(writing: BlobWriting): Promise<Descriptor> {
    const { layer, signal, progress } = writing;
    const mode = chooseMode(this.#options.upload, this.#quirks, undefined);
    const session = await this.#retry.run((attempt) => {
      progress.begin(attempt);
      progress.enter("opening");
      return this.#blobs.open(signal);
    }, signal);
    const written = await this.#through(session, async () => {
      await this.#send(session, writing, mode, undefined);
      progress.end();
      progress.enter("committing");
      const described = await unlessAborted(signal, describeLayer(layer));
      await this.#commit(session, described.digest, signal);
      return described;
    });
    progress.enter("done");
    return written;
  }

  /** Commits a stream. A try that fails otherwise than the first one did has that as its cause: it may be what that brought about. */
  async #commit(session: UploadSession, digest: Hash, signal: AbortSignal | undefined): Promise<void> {
    let first: unknown;
    await this.#retry.run(async () => {
      try {
        await this.#blobs.commit(session, digest, this.#retry, signal);
      } catch (failure) {
        if (first !== undefined && failure instanceof VarveError) {
          failure.cause ??= first;
        }
        first ??= failure;
        throw failure;
      }
    }, signal);
  }

  async #send(
    session: UploadSession,
    writing: BlobWriting,
    mode: UploadMode,
    size: number | undefined,
  ): Promise<void> {
    const sending = this.#sending(writing, size);
    if (mode === "streaming") {
      await sendStreaming(session, writing.layer, sending);
      return;
    }
    const { trustRange, canAsk } = this.#quirks;
    await sendChunked(session, writing.layer, {
      ...sending,
      chunkSize: this.#allowedChunk(),
      maxChunkSize: this.#options.maxChunkSize,
      trustRange,
      canAsk,
      retry: this.#retry,
    });
  }

  /** Bytes of a chunk, as the registry's quirks allow. */
  #allowedChunk(): number {
    const { minimumChunk = 0, maximumChunk = Number.POSITIVE_INFINITY } = this.#quirks;
    return Math.max(Math.min(this.#chunkSize, maximumChunk), minimumChunk);
  }

  #resumableWriter(): ResumableWriter {
    return new ResumableWriter({
      connection: this.#connection,
      repository: this.#repository,
      blobs: this.#blobs,
      retry: this.#retry,
      quirks: this.#quirks,
      chunkSize: this.#allowedChunk(),
    });
  }

  #sending({ progress, signal }: BlobWriting, size: number | undefined): SendOptions {
    return { size, onSent: (bytes) => progress.send(bytes), signal };
  }

  /** Does what leads through a session to its end, or has the registry forget it. */
  async #through<T>(session: UploadSession, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (failure) {
      await session.cancel();
      throw failure;
    }
  }
}

/**
 * Whether a token was refused together with a body that could be sent once. The request was not made again with another token, as others
 * are, but another try begins with requests that are.
 */
function isBodyUnauthorized(failure: unknown, mode: UploadMode): boolean {
  return (
    isStatus(failure, 401) && failure.method === { streaming: "PATCH", monolithic: "PUT", chunked: "" }[mode]
  );
}
