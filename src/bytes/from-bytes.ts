import type { ReadingContext } from "./chunk-source.js";
import { readableOf } from "./readable.js";

/** Large content is copied piece by piece, as it is read. */
const PIECE = 1024 * 1024;

/** Shows bytes that are at hand as a stream. What is handed out are copies, which are the reader's own. */
export function fromBytes(bytes: Uint8Array, context: ReadingContext = {}): ReadableStream<Uint8Array> {
  let offset = 0;
  return readableOf(
    {
      async next(): Promise<Uint8Array | undefined> {
        if (offset >= bytes.length) {
          return undefined;
        }
        const piece = new Uint8Array(bytes.subarray(offset, offset + PIECE));
        offset += piece.length;
        return piece;
      },
      async close(): Promise<void> {},
    },
    context,
  );
}
