import { SizeLimitError } from "../v1/index.js";
import { quietly } from "./abort.js";
import { ChunkReader } from "./chunk-reader.js";
import { NAMELESS, type ReadingContext } from "./chunk-source.js";

/** The most bytes that a manifest, an index or a configuration may have, unless an option says otherwise: 4 MiB. */
export const MAX_MANIFEST_BYTES: number = 4 * 1024 * 1024;

/** How much may be read, and what it is. */
export interface ReadAllOptions extends ReadingContext {
  /** The most bytes; one more is a `SizeLimitError`. Default: {@link MAX_MANIFEST_BYTES}. */
  readonly maxBytes?: number | undefined;
  /** What to do about content that is larger, for that error. Default: `"raise maxManifestBytes"`. */
  readonly remedy?: string | undefined;
}

const FIRST_CAPACITY = 16 * 1024;

/**
 * Reads a stream to its end into one piece of memory, which is never more than twice as large as what has come, however
 * small the chunks are. If that fails, the stream is cancelled.
 *
 * @throws {SizeLimitError} if there are more bytes than are allowed
 * @throws {ReadAbortedError} if the signal is aborted
 * @throws what the stream fails with
 */
export async function readAll(
  stream: ReadableStream<Uint8Array>,
  options: ReadAllOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  const { maxBytes = MAX_MANIFEST_BYTES, what = NAMELESS, remedy = "raise maxManifestBytes" } = options;
  const reader = new ChunkReader(stream, options);
  let bytes = new Uint8Array(Math.min(FIRST_CAPACITY, maxBytes));
  let length = 0;
  try {
    for (let chunk = await reader.next(); chunk !== undefined; chunk = await reader.next()) {
      const needed = length + chunk.length;
      if (needed > maxBytes) {
        throw new SizeLimitError(what, maxBytes, remedy);
      }
      if (needed > bytes.length) {
        const larger = new Uint8Array(Math.min(maxBytes, Math.max(needed, 2 * bytes.length)));
        larger.set(bytes.subarray(0, length));
        bytes = larger;
      }
      bytes.set(chunk, length);
      length = needed;
    }
  } catch (error) {
    quietly(reader.close(error));
    throw error;
  }
  return length === bytes.length ? bytes : bytes.slice(0, length);
}
