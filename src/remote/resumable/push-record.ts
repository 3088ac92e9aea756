/**
 * What is saved of a push.
 *
 *     offset  size
 *     0       8     89 "vpush" 0d 0a: no text, and damaged by whatever takes it for text
 *     8       2     version
 *     10      4     bytes of the whole
 *     14      8     bytes that the registry has confirmed
 *     22      8     bytes that each chunk but the last must have
 *     30      8     bytes that a chunk may have at most; 0 if that is not known
 *     38      8     bytes of the layer; 0 while that is not known
 *     46      1     whether the layer knew its digest beforehand
 *             4+n   repository, in UTF-8
 *             4+n   where the upload is, an absolute URL, in UTF-8
 *             4+n   the layer's digest, in ASCII; empty while that is not known
 *             4+n   the saved SHA-256 of the bytes that the registry has confirmed; empty if the layer knew its digest
 *             4+n   the newer checkpoint; empty if there is none
 *             4+n   the older checkpoint; empty if there is none
 *     -32     32    SHA-256 of all bytes before it
 *
 * Integers are little-endian. The checksum finds damage and authenticates nothing.
 */
import { sha256 } from "../../core/index.js";
import { ResumeError } from "./errors.js";

/** What is known of a push that has not ended. */
export interface PushRecord {
  /** The repository's full name. */
  readonly repository: string;
  /** Where the upload is. It may be a capability. */
  readonly location: string;
  readonly minimumChunk: number;
  readonly maximumChunk: number | undefined;
  /** Bytes that the registry has confirmed. */
  readonly acknowledged: number;
  /** `Sha256.save()` of them; undefined if the layer knew its digest beforehand. */
  readonly sent: Uint8Array | undefined;
  /** At most two, the newer one first; both from before the end of what was confirmed. */
  readonly checkpoints: readonly Uint8Array[];
  /** Whether the layer knew its digest beforehand. */
  readonly known: boolean;
  /** What the layer is, once it is known. */
  readonly blob: { readonly digest: string; readonly size: number } | undefined;
}

const MAGIC: readonly number[] = [0x89, 0x76, 0x70, 0x75, 0x73, 0x68, 0x0d, 0x0a];
const VERSION = 1;
const FIELDS_OFFSET = 47;
const CHECKSUM_SIZE = 32;
/** Two checkpoints of 48 KiB, and more room for an address than any registry needs. */
const MAXIMUM = 192 * 1024;

/** @throws NotInitializedError */
export function writePushRecord(record: PushRecord): Uint8Array<ArrayBuffer> {
  const [newer, older] = record.checkpoints;
  const nothing = new Uint8Array(0);
  const text = new TextEncoder();
  const fields = [
    text.encode(record.repository),
    text.encode(record.location),
    text.encode(record.blob?.digest ?? ""),
    record.sent ?? nothing,
    newer ?? nothing,
    older ?? nothing,
  ];
  const end = fields.reduce((sum, field) => sum + 4 + field.byteLength, FIELDS_OFFSET);
  const bytes = new Uint8Array(end + CHECKSUM_SIZE);
  const view = new DataView(bytes.buffer);
  bytes.set(MAGIC);
  view.setUint16(8, VERSION, true);
  view.setUint32(10, bytes.byteLength, true);
  const { acknowledged, minimumChunk, maximumChunk = 0, blob, known } = record;
  for (const [index, count] of [acknowledged, minimumChunk, maximumChunk, blob?.size ?? 0].entries()) {
    view.setBigUint64(14 + 8 * index, BigInt(count), true);
  }
  bytes[46] = known ? 1 : 0;
  let at = FIELDS_OFFSET;
  for (const field of fields) {
    view.setUint32(at, field.byteLength, true);
    bytes.set(field, at + 4);
    at += 4 + field.byteLength;
  }
  bytes.set(sha256(bytes.subarray(0, end)), end);
  return bytes;
}

/** @throws {ResumeError} if it is none, or not intact, or of a newer version @throws NotInitializedError */
export function readPushRecord(given: Uint8Array): PushRecord {
  const bytes = new Uint8Array(given.subarray(0, MAXIMUM + 1));
  const view = new DataView(bytes.buffer);
  verify(bytes, view);
  const end = bytes.byteLength - CHECKSUM_SIZE;
  let at = FIELDS_OFFSET;
  const field = (): Uint8Array<ArrayBuffer> => {
    const start = at + 4;
    at = start > end ? start : start + view.getUint32(at, true);
    if (at > end) {
      throw damaged("it has fewer fields than belong to it");
    }
    return bytes.slice(start, at);
  };
  const [repository, location, digest] = [textOf(field()), textOf(field()), textOf(field())];
  const [sent, ...checkpoints] = [field(), field(), field()];
  if (at !== end) {
    throw damaged("it has more fields than belong to it");
  }
  return {
    repository,
    location,
    minimumChunk: countAt(view, 22),
    maximumChunk: countAt(view, 30) || undefined,
    acknowledged: countAt(view, 14),
    sent: sent.byteLength === 0 ? undefined : sent,
    checkpoints: checkpoints.filter(({ byteLength }) => byteLength > 0),
    known: bytes[46] === 1,
    blob: digest === "" ? undefined : { digest, size: countAt(view, 38) },
  };
}

function verify(bytes: Uint8Array<ArrayBuffer>, view: DataView): void {
  if (MAGIC.some((byte, index) => index < bytes.byteLength && bytes[index] !== byte)) {
    throw new ResumeError(
      "not-a-push",
      "what is stored under the key of this push is none of varve's: use another key, or remove it",
    );
  }
  if (bytes.byteLength < FIELDS_OFFSET + CHECKSUM_SIZE) {
    throw damaged("its end is missing");
  }
  const version = view.getUint16(8, true);
  if (version > VERSION) {
    throw new ResumeError(
      "version",
      `what was saved of this push has version ${version}, and this varve reads version ${VERSION}: go on with the varve that saved it, or a newer one, or forget the push and start over`,
    );
  }
  if (version !== VERSION || view.getUint32(10, true) !== bytes.byteLength) {
    throw damaged("its length or its version is not what it should be");
  }
  const end = bytes.byteLength - CHECKSUM_SIZE;
  if (sha256(bytes.subarray(0, end)).some((byte, index) => byte !== bytes[end + index])) {
    throw damaged("its checksum is not that of its bytes");
  }
}

function countAt(view: DataView, offset: number): number {
  const count = Number(view.getBigUint64(offset, true));
  if (!Number.isSafeInteger(count)) {
    throw damaged("a count is beyond 2^53");
  }
  return count;
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function damaged(problem: string): ResumeError {
  return new ResumeError(
    "damaged",
    `what was saved of this push is damaged (${problem}): forget the push and start over`,
  );
}
