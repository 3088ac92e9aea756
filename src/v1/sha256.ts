import { init, Sha256 } from "../core/index.js";
import { type Hash, hashFromBytes } from "./hash.js";

/**
 * The SHA-256 of some content, and how many bytes that has. What is iterable, such as a stream where the runtime can iterate
 * over streams, is read to its end.
 *
 * @throws {BytesTypeError} if it gives something else than bytes
 * @throws what it fails with
 */
export async function sha256(
  content: Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<{ readonly hash: Hash; readonly size: number }> {
  await init();
  const sha256 = new Sha256();
  let size = 0;
  for await (const chunk of chunksIn(content)) {
    sha256.update(chunk);
    size += chunk.length;
  }
  return { hash: hashFromBytes("sha256", sha256.digest()), size };
}

/** What can't be iterated over is one chunk: if it is no bytes, it is refused as one. */
function chunksIn(
  content: Uint8Array | AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncIterable<Uint8Array> | Iterable<Uint8Array> {
  if (ArrayBuffer.isView(content) || Object(content) !== content) return [content as Uint8Array];
  const isIterable = Symbol.asyncIterator in content || Symbol.iterator in content;
  return isIterable ? content : [content];
}
