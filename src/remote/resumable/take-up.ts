import { CheckpointError, describeCheckpoint } from "../../core/index.js";
import type { Repository } from "../../name/index.js";
import { newHash } from "../../v1/index.js";
import type { Connection } from "../auth/connection.js";
import { keptLocation } from "../transport/location.js";
import { RegistryError } from "../transport/registry-error.js";
import type { RetryPolicy } from "../transport/retry.js";
import type { Blobs } from "../upload/blobs.js";
import type { RegistryQuirks } from "../upload/quirks.js";
import { UploadSession } from "../upload/session.js";
import { ResumeError } from "./errors.js";
import type { RestartEvent } from "./options.js";
import type { PushRecord } from "./push-record.js";

/** A push that goes on. */
export interface TakenUp {
  /** Undefined if the blob has been committed already, and only the answer was lost. */
  readonly session: UploadSession | undefined;
  /** Bytes of the layer that the registry has. */
  readonly stored: number;
  /** Where the layer goes on, and the one before, the newer one first; none for a layer that knows its digest. */
  readonly checkpoints: readonly Uint8Array[];
}

/** What resumable pushes to one repository are made with. */
export interface ResumableContext {
  readonly connection: Connection;
  readonly repository: Repository;
  readonly blobs: Blobs;
  readonly retry: RetryPolicy;
  readonly quirks: RegistryQuirks;
  /** Bytes of a chunk, to begin with. */
  readonly chunkSize: number;
}

/** The upload of a record. @throws {ProtocolError | UnsafeLocationError} if its address must not be gone to */
export function sessionOf(record: PushRecord, connection: Connection, signal?: AbortSignal): UploadSession {
  const { minimumChunk, maximumChunk } = record;
  const location = keptLocation(record.location, connection.root);
  return new UploadSession(connection, { location, minimumChunk, maximumChunk }, signal);
}

/**
 * Asks the registry what it has of an upload, and finds out whether that can be gone on with. Nothing is sent, and no source is read.
 *
 * @returns what is gone on with; or why the push starts over
 * @throws {RegistryError | NetworkError} if the registry doesn't answer the question
 * @throws {ResumeError} if there is something wrong with the checkpoints
 */
export async function takeUp(
  record: PushRecord,
  context: ResumableContext,
  signal: AbortSignal | undefined,
): Promise<TakenUp | RestartEvent> {
  const { connection, retry } = context;
  const { acknowledged } = record;
  const session = sessionOf(record, connection, signal);
  let last: number | undefined;
  try {
    last = await retry.read(() => session.lastByte(), signal);
  } catch (failure) {
    if (!isOver(failure)) {
      throw failure;
    }
    return (
      (await committed(record, context, signal)) ?? { reason: "unknown-upload", acknowledged, stored: 0 }
    );
  }
  // Registries say 0-0 where there is nothing, too.
  const stored = last === undefined || (last === 0 && acknowledged !== 1) ? 0 : last + 1;
  const checkpoints = checkpointsBefore(stored, record);
  if (!record.known && checkpoints.length === 0) {
    await session.cancel();
    return { reason: "behind", acknowledged, stored };
  }
  return { session, stored, checkpoints };
}

/** A push that had come to its last request: that may have been heard, and the blob be there. */
async function committed(
  record: PushRecord,
  { blobs, retry }: ResumableContext,
  signal: AbortSignal | undefined,
): Promise<TakenUp | undefined> {
  const { blob } = record;
  if (blob === undefined || !(await blobs.has(newHash(blob.digest), signal, retry))) {
    return undefined;
  }
  const checkpoints = checkpointsBefore(blob.size, record);
  return record.known || checkpoints.length > 0
    ? { session: undefined, stored: blob.size, checkpoints }
    : undefined;
}

function checkpointsBefore(stored: number, { checkpoints }: PushRecord): readonly Uint8Array[] {
  try {
    return checkpoints.filter((checkpoint) => describeCheckpoint(checkpoint).outputOffset <= stored);
  } catch (error) {
    throw refused(error);
  }
}

/** Where the input begins that the oldest of some checkpoints needs; 0 if there are none. */
export function firstByteOf(checkpoints: readonly Uint8Array[]): number {
  const [oldest] = checkpoints.slice(-1);
  return oldest === undefined ? 0 : describeCheckpoint(oldest).inputOffset;
}

/** A checkpoint's own error as one that tells what to do about the push. */
export function refused(error: unknown): unknown {
  if (!(error instanceof CheckpointError)) {
    return error;
  }
  const level = error.reason === "level" || error.reason === "format";
  return new ResumeError(
    level ? "level" : "damaged",
    level
      ? "the push was begun with a layer of another compression level, or by a varve that compresses to other bytes: make the layer as it was made then, or forget the push and start over"
      : "a checkpoint that was saved of this push can't be used: forget the push and start over",
    error,
  );
}

/** Whether an answer means that an upload is not there any more: 404 as it should be, or what docker-registry and others say instead. */
function isOver(failure: unknown): boolean {
  return (
    failure instanceof RegistryError &&
    (failure.status === 404 ||
      failure.status === 410 ||
      ((failure.status === 400 || failure.status === 416) &&
        failure.errors.length > 0 &&
        failure.errors.every(({ code }) => code.startsWith("BLOB_UPLOAD_") || code === "RANGE_INVALID")))
  );
}
