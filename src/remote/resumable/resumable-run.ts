import { readableOf, unlessAborted } from "../../bytes/index.js";
import { checkpointOutputHash, describeCheckpoint } from "../../core/index.js";
import { resumableLayer, SourceChangedError } from "../../stream/index.js";
import type { Descriptor, Layer } from "../../v1/index.js";
import { atMost } from "../transport/abort.js";
import { RegistryError } from "../transport/registry-error.js";
import { ChunkWindow } from "../upload/chunk-window.js";
import { ChunkedUpload } from "../upload/chunked.js";
import type { ProgressReport } from "../upload/progress.js";
import { CLEAN_UP_MILLISECONDS } from "../upload/session.js";
import { describeLayer } from "../write/describe-layer.js";
import { CheckpointTrail } from "./checkpoint-trail.js";
import { ConfirmedWindow } from "./confirmed-window.js";
import { MadeAgain } from "./made-again.js";
import type { ResumableOptions } from "./options.js";
import type { PushRecord } from "./push-record.js";
import type { PushState } from "./push-state.js";
import { type SavedHash, SentHash } from "./sent-hash.js";
import { type ResumableContext, refused, type TakenUp } from "./take-up.js";

/** One blob to be written. */
export interface ResumableWriting {
  readonly layer: Layer;
  /** What the layer is; undefined for a stream, which tells when it has been read. */
  readonly known: Descriptor | undefined;
  readonly resumable: ResumableOptions;
  readonly progress: ProgressReport;
  readonly signal?: AbortSignal | undefined;
}

/** Where a push begins: all at nothing for a new one. */
export interface Beginning extends TakenUp {
  /** What is gone on with; undefined for a new push. */
  readonly record: PushRecord | undefined;
}

/** One reading of the layer, from where the push begins to the commit. */
export class ResumableRun {
  readonly #context: ResumableContext;
  readonly #writing: ResumableWriting;
  readonly #state: PushState;
  readonly #beginning: Beginning;
  readonly #trail: CheckpointTrail;
  readonly #sent: SentHash | undefined;
  /** Where the layer's stream begins within its bytes. */
  readonly #offset: number;
  /** Whether there is something to go on with later. */
  #saved: boolean;

  constructor(context: ResumableContext, writing: ResumableWriting, state: PushState, beginning: Beginning) {
    this.#context = context;
    this.#writing = writing;
    this.#state = state;
    this.#beginning = beginning;
    const { stored, checkpoints, record } = beginning;
    const from = hashAt(checkpoints[0]);
    const expected = record?.sent && { offset: record.acknowledged, hash: record.sent };
    this.#offset = from?.offset ?? 0;
    this.#sent = writing.known === undefined ? new SentHash(from, expected) : undefined;
    this.#trail = new CheckpointTrail(stored, checkpoints);
    this.#saved = record !== undefined;
  }

  /** @throws what the layer, the registry and the store throw */
  async write(): Promise<Descriptor> {
    const { progress } = this.#writing;
    const { session } = this.#beginning;
    try {
      const described = await this.#send();
      progress.end();
      progress.enter("committing");
      await this.#commit(described);
      progress.enter("done");
      return described;
    } catch (failure) {
      if (!this.#saved) {
        await session?.cancel();
      }
      throw refused(failure);
    } finally {
      this.#sent?.end();
    }
  }

  async #send(): Promise<Descriptor> {
    const { layer, known, progress, signal } = this.#writing;
    const { stored, session } = this.#beginning;
    const source = readableOf(
      new MadeAgain(await this.#open(), {
        offset: this.#offset,
        stored,
        sent: this.#sent,
        trail: this.#trail,
        checkpoint: () => (known === undefined ? resumableLayer(layer)?.checkpoint() : undefined),
      }),
    );
    const window = new ChunkWindow(source, known && Math.max(known.size - stored, 0), signal);
    const confirmed = new ConfirmedWindow(window, this.#trail, this.#sent, stored);
    if (stored > 0) {
      progress.send(stored);
    }
    try {
      if (session === undefined) {
        await confirmed.fill(1);
        if (confirmed.held.byteLength > 0) {
          throw new SourceChangedError(
            `it makes a layer of more than the ${stored} bytes that had been sent`,
          );
        }
      } else {
        const { retry, chunkSize } = this.#context;
        const onSent = (bytes: number): void => progress.send(bytes);
        const onConfirmed = (offset: number): Promise<void> => this.#save(offset, known);
        const options = { retry, chunkSize, onSent, onConfirmed, signal };
        await new ChunkedUpload(session, confirmed, options, stored).run();
      }
    } catch (failure) {
      if (this.#saved) {
        session?.leave(failure);
      }
      await atMost(CLEAN_UP_MILLISECONDS, window.cancel(failure));
      throw failure;
    }
    return known ?? (await unlessAborted(signal, describeLayer(layer)));
  }

  #open(): Promise<ReadableStream<Uint8Array>> {
    const { layer, resumable, signal } = this.#writing;
    const [checkpoint] = this.#beginning.checkpoints;
    if (checkpoint !== undefined) {
      resumableLayer(layer)?.resumeAt(checkpoint, { sourceOffset: resumable.sourceOffset });
    }
    return unlessAborted(signal, layer.compressed(signal && { signal }), (late) => {
      late.cancel(signal?.reason).catch(() => undefined);
    });
  }

  async #commit(described: Descriptor): Promise<void> {
    const { known, signal } = this.#writing;
    const { session, record } = this.#beginning;
    const { blobs, retry } = this.#context;
    const { digest, size } = described;
    if (record?.blob !== undefined && record.blob.digest !== String(digest)) {
      throw new SourceChangedError(
        `it makes the layer ${digest}, and that of ${record.blob.digest} had been sent`,
      );
    }
    if (session !== undefined) {
      await this.#save(size, described);
      try {
        await (known === undefined
          ? retry.run(() => blobs.commit(session, digest, retry, signal), signal)
          : blobs.commit(session, digest, retry, signal));
      } catch (failure) {
        if (isOtherDigest(failure)) {
          this.#saved = false;
          await this.#state.remove(`and the registry refused the layer: ${failure.message}`);
        }
        throw failure;
      }
    }
    await this.#state.remove(`the layer was written, as ${digest}`);
  }

  async #save(acknowledged: number, blob: Descriptor | undefined): Promise<void> {
    const { session } = this.#beginning;
    if (session === undefined) {
      return;
    }
    const { minimumChunk, maximumChunk } = session;
    await this.#state.save({
      repository: this.#context.repository.name(),
      location: session.location.href,
      minimumChunk,
      maximumChunk,
      acknowledged,
      sent: this.#sent?.save(),
      checkpoints: this.#trail.confirm(acknowledged),
      known: this.#writing.known !== undefined,
      blob: blob && { digest: String(blob.digest), size: blob.size },
    });
    this.#saved = true;
  }
}

/** The hash of the output before a checkpoint. */
function hashAt(checkpoint: Uint8Array | undefined): SavedHash | undefined {
  return (
    checkpoint && {
      offset: describeCheckpoint(checkpoint).outputOffset,
      hash: checkpointOutputHash(checkpoint),
    }
  );
}

/** What was sent is not what it should be: there is nothing to go on with. */
function isOtherDigest(failure: unknown): failure is RegistryError {
  return failure instanceof RegistryError && failure.errors.some(({ code }) => code === "DIGEST_INVALID");
}
