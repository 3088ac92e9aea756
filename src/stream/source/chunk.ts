import { isGone } from "../../core/check-bytes.js";
import { SourceError } from "../errors.js";
import type { Bytes } from "./source.js";

/** Whether the value is a view of bytes or a buffer of them; views and buffers of other realms are. */
export function isBytes(value: unknown): value is Bytes {
  if (ArrayBuffer.isView(value)) {
    return true;
  }
  const tag = Object.prototype.toString.call(value);
  return tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]";
}

/** Shows the very bytes of a view or buffer, without copying them. */
export function viewOf(bytes: Bytes): Uint8Array {
  if (bytes instanceof Uint8Array) {
    return bytes;
  }
  return ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes);
}

/**
 * Takes what a source gave as a chunk.
 *
 * @throws {SourceError} if it is not bytes, or bytes that are gone
 */
export function chunkOf(value: unknown): Uint8Array {
  if (isBytes(value)) {
    if (isGone(value)) {
      throw new SourceError(
        "the source gave a chunk whose buffer had been transferred, or made shorter than the chunk: transfer copies, and let no two readers share the chunks of a stream if one of them transfers",
      );
    }
    return viewOf(value);
  }
  const remedy =
    typeof value === "string"
      ? "encode text with TextEncoder, and leave a Node stream without setEncoding()"
      : "give each chunk as a Uint8Array";
  throw new SourceError(`the source gave ${describe(value)} as a chunk, where bytes are expected: ${remedy}`);
}

/** Names the kind of a value, never its content. */
export function describe(value: unknown): string {
  if (value === null || value === undefined) {
    return String(value);
  }
  if (typeof value !== "object") {
    return `a ${typeof value}`;
  }
  if (Array.isArray(value)) {
    return "an array";
  }
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && /^\w{1,64}$/u.test(name) ? `an object (${name})` : "an object";
}
