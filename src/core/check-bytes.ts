import type { ErrorCode } from "./error.js";

/** Something that should have been bytes is not; taken as it is, it would have given a wrong value in silence. */
export class BytesTypeError extends TypeError {
  override readonly name = "BytesTypeError";
  readonly code: ErrorCode = "ERR_VARVE_NOT_BYTES";
  readonly retryable = false;

  constructor(value: unknown) {
    super(
      ArrayBuffer.isView(value) && isGone(value)
        ? "the buffer of these bytes was transferred, or made shorter than they are, so they are gone: transfer a copy, or wait until they have been used"
        : `${described(value)} is not a Uint8Array: give new Uint8Array(buffer), or new TextEncoder().encode(text)`,
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

/** Lets bytes pass, of another realm too, unless they are gone. @throws BytesTypeError */
export function checkBytes(value: Uint8Array): void {
  if (isUint8Array(value) && !isGone(value)) return;
  throw new BytesTypeError(value);
}

function isUint8Array(value: Uint8Array): boolean {
  if (value instanceof Uint8Array) return true;
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === "[object Uint8Array]";
}

/**
 * Whether what a view or a buffer held is gone, since the buffer was transferred, or made too short for the view: most then look
 * empty, and what they should have given would be missing in silence.
 */
export function isGone(bytes: ArrayBufferLike | ArrayBufferView): boolean {
  try {
    if (bytes.byteLength > 0) return false;
    if (!ArrayBuffer.isView(bytes)) return new Uint8Array(bytes).length > 0;
    // Reading an element is what asks whether the view is still good; a DataView is asked by its length alone.
    return "at" in bytes && (bytes as Uint8Array).at(0) !== undefined;
  } catch {
    return true;
  }
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
