import { quietly } from "./abort.js";
import { ChunkReader } from "./chunk-reader.js";
import type { ChunkSource, ReadingContext } from "./chunk-source.js";
import { readableOf } from "./readable.js";

/** The beginning of a stream, and the whole of it. */
export interface Peeked {
  /** As many bytes as were asked for, or all that there are, if the stream is shorter. */
  readonly start: Uint8Array;
  /** The stream from its first byte on. */
  readonly stream: ReadableStream<Uint8Array>;
}

/**
 * Reads a stream's first bytes without taking them away.
 *
 * @param bytes how many
 * @throws {ReadAbortedError} if the signal is aborted
 * @throws what the stream fails with before so many bytes have come
 */
export async function peek(
  stream: ReadableStream<Uint8Array>,
  bytes: number,
  context: ReadingContext = {},
): Promise<Peeked> {
  const reader = new ChunkReader(stream, context);
  const chunks: Uint8Array[] = [];
  const start = new Uint8Array(bytes);
  let length = 0;
  try {
    while (length < bytes) {
      const chunk = await reader.next();
      if (chunk === undefined) {
        break;
      }
      if (chunk.length > 0) {
        start.set(chunk.subarray(0, bytes - length), length);
        length = Math.min(bytes, length + chunk.length);
        chunks.push(chunk);
      }
    }
  } catch (error) {
    quietly(reader.close(error));
    throw error;
  }
  return { start: start.subarray(0, length), stream: readableOf(new PeekedSource(chunks, reader), context) };
}

class PeekedSource implements ChunkSource {
  readonly #chunks: Uint8Array[];
  readonly #reader: ChunkReader;

  constructor(chunks: Uint8Array[], reader: ChunkReader) {
    this.#chunks = chunks;
    this.#reader = reader;
  }

  async next(): Promise<Uint8Array | undefined> {
    return this.#chunks.shift() ?? (await this.#reader.next());
  }

  close(reason: unknown): Promise<void> {
    return this.#reader.close(reason);
  }
}
