import { unlessAborted } from "../../bytes/index.js";
import type { Repository } from "../../name/index.js";
import type { Descriptor, Hash, Layer } from "../../v1/index.js";
import type { Connection } from "../auth/connection.js";
import { isStatus } from "../auth/connection.js";
import type { ResumableOptions } from "../resumable/options.js";
import { ResumableWriter } from "../resumable/resumable-writer.js";
import { atMost } from "../transport/abort.js";
import { causedBy } from "../transport/earlier-failure.js";
import type { RetryPolicy } from "../transport/retry.js";
import { Blobs } from "../upload/blobs.js";
import { LayerReading } from "../upload/layer-reading.js";
import { chooseMode, type UploadMode } from "../upload/mode.js";
import type { UploadOptions } from "../upload/options.js";
import type { ProgressReport } from "../upload/progress.js";
import { quirksOf, type RegistryQuirks } from "../upload/quirks.js";
import { CLEAN_UP_MILLISECONDS, type UploadSession } from "../upload/session.js";
import { bodyUnauthorized, once } from "./body-unauthorized.js";
import { describeLayer } from "./describe-layer.js";
import { LayerSender } from "./layer-sender.js";

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
  readonly #sender: LayerSender;

  /** @throws {RemoteOptionError} if the options have a chunk size that is none */
  constructor(connection: Connection, repository: Repository, retry: RetryPolicy, options: UploadOptions) {
    this.#connection = connection;
    this.#repository = repository;
    this.#blobs = new Blobs(connection, repository);
    this.#retry = retry;
    this.#options = options;
    this.#quirks = quirksOf(repository.registryStr(), options.quirks);
    this.#sender = new LayerSender(this.#quirks, retry, options);
  }

  /**
   * Writes a blob. One that is known is tried again from the beginning when that may help, and in chunks when it was refused as too large. A
   * stream is read once: only what comes before its first byte and after its last is tried again.
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
    await this.#retry.run(
      attempt,
      signal,
      once((failure) => bodyUnauthorized(failure, mode)),
    );
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
    const reading = new LayerReading(writing.layer, known.size);
    await this.#through(session, reading, async () => {
      if (mode === "monolithic") {
        await this.#sender.sendWithCommit(session, reading, writing, known);
        progress.end();
        return;
      }
      await this.#sender.send(session, reading, mode, writing);
      progress.end();
      progress.enter("committing");
      await this.#blobs.commit(session, digest, this.#retry, signal);
    });
    progress.enter("done");
  }

  async #writeStream(writing: BlobWriting): Promise<Descriptor> {
    const { layer, signal, progress } = writing;
    const reading = new LayerReading(layer);
    const { session, outcome } = await this.#sendStream(writing, reading);
    const written = await this.#through(session, reading, async () => {
      if (outcome.status === "rejected") {
        throw outcome.reason;
      }
      progress.end();
      progress.enter("committing");
      const described = await unlessAborted(signal, describeLayer(layer));
      await this.#commit(session, described.digest, signal);
      return described;
    });
    progress.enter("done");
    return written;
  }

  /** Sends a stream; again, in another session, as long as no byte of it has been handed on. */
  async #sendStream(writing: BlobWriting, reading: LayerReading): Promise<SentStream> {
    const { signal, progress } = writing;
    const mode = chooseMode(this.#options.upload, this.#quirks, undefined);
    const attempt = async (number: number): Promise<SentStream> => {
      progress.begin(number);
      progress.enter("opening");
      const session = await this.#blobs.open(signal);
      const [outcome] = await Promise.allSettled([this.#sender.send(session, reading, mode, writing)]);
      if (outcome.status === "rejected" && reading.untouched) {
        await session.cancel();
        throw outcome.reason;
      }
      return { session, outcome };
    };
    try {
      return await this.#retry.run(
        attempt,
        signal,
        once((failure) => bodyUnauthorized(failure, mode)),
      );
    } catch (failure) {
      await atMost(CLEAN_UP_MILLISECONDS, reading.cancel(failure));
      throw failure;
    }
  }

  /** Commits a stream. A try that fails otherwise than the first one did has that as its cause: it may be what that brought about. */
  async #commit(session: UploadSession, digest: Hash, signal: AbortSignal | undefined): Promise<void> {
    let first: unknown;
    await this.#retry.run(async () => {
      try {
        await this.#blobs.commit(session, digest, this.#retry, signal);
      } catch (failure) {
        causedBy(failure, first);
        first ??= failure;
        throw failure;
      }
    }, signal);
  }

  #resumableWriter(): ResumableWriter {
    return new ResumableWriter({
      connection: this.#connection,
      repository: this.#repository,
      blobs: this.#blobs,
      retry: this.#retry,
      quirks: this.#quirks,
      chunkSize: this.#sender.chunkSize,
    });
  }

  /** Does what leads through a session to its end, or ends the layer and has the registry forget it. */
  async #through<T>(session: UploadSession, reading: LayerReading, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (failure) {
      session.endWith(reading.cancel(failure));
      await session.cancel();
      throw failure;
    }
  }
}

/** A stream that has been sent, or has been taken from and can't be sent again. */
interface SentStream {
  readonly session: UploadSession;
  readonly outcome: PromiseSettledResult<void>;
}
