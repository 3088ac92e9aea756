import type { ErrorCode } from "./error.js";

/** Something that should have been bytes is not; taken as it is, it would have given a wrong value in silence. */
export class BytesTypeError extends TypeError {
  override readonly name = "BytesTypeError";
  readonly code: ErrorCode = "ERR_VARVE_NOT_BYTES";
  readonly retryable = false;

  constructor(value: unknown) {
    super(
      `${described(value)} is not a Uint8Array: give new Uint8Array(buffer), or new TextEncoder().encode(text)`,
    );
  }
}

/** A place in a chunk that is not there. */
export class ChunkOffsetError extends RangeError {
  override readonly name = "ChunkOffsetError";
  readonly code: ErrorCode = "ERR_VARVE_CHUNK_OFFSET";
  readonly retryable = false;

  constructor(offset: unknown, length: number) {
    super(
      `there is no offset ${String(offset)} in a chunk of ${length} bytes: use an integer from 0 to ${length}`,
    );
  }
}

/** Lets bytes pass, of another realm too. @throws BytesTypeError */
export function checkBytes(value: Uint8Array): void {
  if (value instanceof Uint8Array) return;
  if (ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]") return;
  throw new BytesTypeError(value);
}

/** The same of a chunk and a place in it. @throws BytesTypeError @throws ChunkOffsetError */
export function checkChunk(chunk: Uint8Array, offset: number): void {
  checkBytes(chunk);
  if (!Number.isInteger(offset) || offset < 0 || offset > chunk.length)
    throw new ChunkOffsetError(offset, chunk.length);
}

function described(value: unknown): string {
  if (typeof value !== "object" || value === null)
    return value === null ? "null" : `a value of type ${typeof value}`;
  return Object.prototype.toString.call(value).slice("[object ".length, -1);
}
