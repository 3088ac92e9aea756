import { CheckpointError, describeCheckpoint } from "../../core/index.js";
import type { Repository } from "../../name/index.js";
import { newHash } from "../../v1/index.js";
import type { Connection } from "../auth/connection.js";
import { keptLocation } from "../transport/location.js";
import { NetworkError } from "../transport/network-error.js";
import { ProtocolError, UnsafeLocationError } from "../transport/protocol-error.js";
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

/** Statuses with which a host refuses an address that was good once: credentials never go to another host than the registry's own. */
const CLOSED: ReadonlySet<number> = new Set([400, 401, 403]);

/** The runtime's code for an answer that took too long: whoever gave none is there, and may have the upload. */
const LATE = "UND_ERR_HEADERS_TIMEOUT";

/** The upload of a record. @throws {ProtocolError | UnsafeLocationError} if its address must not be gone to */
export function sessionOf(record: PushRecord, connection: Connection, signal?: AbortSignal): UploadSession {
  const { minimumChunk, maximumChunk } = record;
  const location = keptLocation(record.location, connection.root);
  return new UploadSession(connection, { location, minimumChunk, maximumChunk }, signal);
}

/** Has the upload of a record forgotten, if its address may be gone to; takes two seconds at most, and does not tell whether it worked. */
export async function forgetUpload(record: PushRecord, connection: Connection): Promise<void> {
  let session: UploadSession;
  try {
    session = sessionOf(record, connection);
  } catch (failure) {
    if (failure instanceof ProtocolError || failure instanceof UnsafeLocationError) {
      return;
    }
    throw failure;
  }
  await session.cancel();
}

/**
 * Asks the registry what it has of an upload, and finds out whether that can be gone on with. Nothing is sent, and no source is read.
 *
 * @returns what is gone on with; or why the push starts over
 * @throws {RegistryError | NetworkError} if the registry doesn't answer the question; where a host that it led to is gone, the push starts over
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
    const reason = endOf(failure, connection.root.host);
    if (reason === undefined) {
      throw failure;
    }
    return (await committed(record, context, signal)) ?? { reason, acknowledged, stored: 0 };
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

/** Why an upload can't be gone on with, as a failure tells it; undefined if it may be later. */
function endOf(failure: unknown, registry: string): RestartEvent["reason"] | undefined {
  if (failure instanceof NetworkError) {
    const gone = !failure.broken && failure.causeCode !== LATE;
    return gone && failure.host !== registry ? "unreachable" : undefined;
  }
  if (!(failure instanceof RegistryError)) {
    return undefined;
  }
  if (isOver(failure)) {
    return "unknown-upload";
  }
  const elsewhere = new URL(failure.url).host !== registry;
  return elsewhere && CLOSED.has(failure.status) ? "unreachable" : undefined;
}

/** Whether an answer means that an upload is not there any more: 404 as it should be, or what docker-registry and others say instead. */
function isOver({ status, errors }: RegistryError): boolean {
  return (
    status === 404 ||
    status === 410 ||
    ((status === 400 || status === 416) &&
      errors.length > 0 &&
      errors.every(({ code }) => code.startsWith("BLOB_UPLOAD_") || code === "RANGE_INVALID"))
  );
}
