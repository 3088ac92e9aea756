import type { Descriptor } from "../../v1/index.js";
import { ResumeError } from "./errors.js";
import type { PushRecord } from "./push-record.js";
import { checkRepository, PushState } from "./push-state.js";
import { type Beginning, ResumableRun, type ResumableWriting } from "./resumable-run.js";
import { firstByteOf, forgetUpload, type ResumableContext, takeUp } from "./take-up.js";

/**
 * Writes blobs in chunks, and saves after each of them what it takes to go on in another process. A failure leaves the upload and what was
 * saved as they are, unless there is nothing to go on with.
 */
export class ResumableWriter {
  readonly #context: ResumableContext;

  constructor(context: ResumableContext) {
    this.#context = context;
  }

  /** Writes a blob, for which {@link checkResumable} has found nothing in the way. */
  async write(writing: ResumableWriting): Promise<Descriptor> {
    const { known, resumable } = writing;
    return PushState.with(resumable, (state) =>
      known === undefined ? this.#writeStream(writing, state) : this.#writeKnown(writing, known, state),
    );
  }

  /** A stream is read once: only what comes before and after that is tried again. */
  async #writeStream(writing: ResumableWriting, state: PushState): Promise<Descriptor> {
    const { progress, signal } = writing;
    const beginning = await this.#context.retry.run(async (attempt) => {
      progress.begin(attempt);
      return this.#begin(writing, await this.#load(writing, state));
    }, signal);
    return new ResumableRun(this.#context, writing, state, beginning).write();
  }

  async #writeKnown(writing: ResumableWriting, known: Descriptor, state: PushState): Promise<Descriptor> {
    const { retry, blobs } = this.#context;
    const { progress, signal } = writing;
    return retry.run(async (attempt) => {
      progress.begin(attempt);
      progress.enter("checking");
      const record = await this.#load(writing, state);
      if (await blobs.has(known.digest, signal)) {
        await this.#forget(record, state);
        progress.enter("existing");
        return known;
      }
      const beginning = await this.#begin(writing, record);
      return new ResumableRun(this.#context, writing, state, beginning).write();
    }, signal);
  }

  /** The blob is there: an upload of it is of no use any more. */
  async #forget(record: PushRecord | undefined, state: PushState): Promise<void> {
    if (record !== undefined) {
      await forgetUpload(record, this.#context.connection);
      await state.remove("the repository has the layer");
    }
  }

  async #load({ known }: ResumableWriting, state: PushState): Promise<PushRecord | undefined> {
    const record = await state.load();
    if (record === undefined) {
      return undefined;
    }
    checkRepository(record, this.#context.repository);
    const other = known !== undefined && record.blob?.digest !== String(known.digest);
    if (record.known !== (known !== undefined) || other) {
      throw new ResumeError(
        "layer",
        "what was saved under this key is of a push of another layer: use another key, or forget that push",
      );
    }
    return record;
  }

  /** Finds out where the push goes on, or opens an upload for one that begins. */
  async #begin(writing: ResumableWriting, record: PushRecord | undefined): Promise<Beginning> {
    const { resumable, progress, signal, known } = writing;
    const { sourceOffset = 0, onResume, onRestart } = resumable;
    const found = record && (await takeUp(record, this.#context, signal));
    if (record !== undefined && found !== undefined && "checkpoints" in found) {
      const inputOffset = firstByteOf(found.checkpoints.slice(0, 1));
      checkBegin(sourceOffset, inputOffset, known);
      onResume?.({ stored: found.stored, inputOffset });
      return { ...found, record };
    }
    checkBegin(sourceOffset, 0, known);
    progress.enter("opening");
    const session = await this.#context.blobs.open(signal);
    try {
      if (found !== undefined && "reason" in found) {
        onRestart?.(found);
      }
    } catch (failure) {
      await session.cancel();
      throw failure;
    }
    return { session, stored: 0, checkpoints: [], record: undefined };
  }
}

/** @throws {ResumeError} if the source begins after the byte with which the push goes on */
function checkBegin(sourceOffset: number, inputOffset: number, known: Descriptor | undefined): void {
  if (sourceOffset > inputOffset || (known !== undefined && sourceOffset > 0)) {
    throw new ResumeError(
      "source-offset",
      `the push goes on at byte ${inputOffset} of the source, which is given from byte ${sourceOffset} on: give it from ${inputOffset === 0 ? "its first byte" : "there, or an earlier byte"}`,
    );
  }
}
