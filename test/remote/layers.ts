import { createHash, randomFillSync } from "node:crypto";
import { newLayer, type StreamLayer } from "../../src/stream/index.js";
import { dockerLayer, type Hash, type Layer, newHash, UnsupportedError } from "../../src/v1/index.js";

export function digestOf(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

export function randomBytes(length: number): Uint8Array {
  return randomFillSync(new Uint8Array(length));
}

/** What happened to a source. */
export interface SourceLog {
  pulled: number;
  closed: number;
}

/** A source of so many random bytes in chunks of 64 KiB, each of them after a turn of the event loop; it never ends if there are infinitely many. */
export function source(bytes: number, log: SourceLog = { pulled: 0, closed: 0 }): AsyncIterable<Uint8Array> {
  const chunk = randomBytes(65536);
  return {
    async *[Symbol.asyncIterator]() {
      try {
        for (let left = bytes; left > 0; left -= chunk.byteLength) {
          await new Promise((resolve) => setImmediate(resolve));
          log.pulled += 1;
          yield chunk.slice(0, Math.min(left, chunk.byteLength));
        }
      } finally {
        log.closed += 1;
      }
    },
  };
}

/** A streaming layer over a source that never ends and compresses to what it is. */
export function endlessLayer(log?: SourceLog): StreamLayer {
  return newLayer(source(Number.POSITIVE_INFINITY, log), { compression: "none" });
}

/** A layer that knows its digest, and can be opened any number of times. */
export class KnownLayer implements Layer {
  opened = 0;
  readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array = randomBytes(100_000)) {
    this.bytes = bytes;
  }

  async digest(): Promise<Hash> {
    return newHash(digestOf(this.bytes));
  }

  async diffID(): Promise<Hash> {
    return this.digest();
  }

  async size(): Promise<number> {
    return this.bytes.byteLength;
  }

  async mediaType(): Promise<string> {
    return dockerLayer;
  }

  async compressed(): Promise<ReadableStream<Uint8Array>> {
    this.opened += 1;
    return streamOf([this.bytes]);
  }

  async uncompressed(): Promise<ReadableStream<Uint8Array>> {
    throw new UnsupportedError("not needed here");
  }
}

/** A layer whose stream is given by the test. */
export class OpenLayer extends KnownLayer {
  readonly #open: () => Promise<ReadableStream<Uint8Array>>;

  constructor(open: () => Promise<ReadableStream<Uint8Array>>) {
    super();
    this.#open = open;
  }

  override async compressed(): Promise<ReadableStream<Uint8Array>> {
    return this.#open();
  }
}

export function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  const rest = [...chunks];
  return new ReadableStream(
    {
      pull(controller) {
        const chunk = rest.shift();
        if (chunk === undefined) {
          controller.close();
        } else {
          controller.enqueue(chunk);
        }
      },
    },
    { highWaterMark: 0 },
  );
}
