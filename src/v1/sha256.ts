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
  // What is no content at all is refused as a chunk would be.
  const chunks = ArrayBuffer.isView(content) || !isIterable(content) ? [content] : content;
  for await (const chunk of chunks) {
    sha256.update(chunk);
    size += chunk.length;
  }
  return { hash: hashFromBytes("sha256", sha256.digest()), size };
}

function isIterable(value: object): boolean {
  return Object(value) === value && (Symbol.asyncIterator in value || Symbol.iterator in value);
}
