import { ReadAbortedError } from "../v1/index.js";
import { onAbort, quietly } from "./abort.js";
import { Breather } from "./breather.js";
import { type ChunkSource, NAMELESS, type ReadingContext } from "./chunk-source.js";

/**
 * Shows a source as a Web stream that buffers nothing: each pull asks for one chunk that is not empty. However the stream
 * ends, the source is closed once. However fast the source is, the event loop has its turns, so that a signal with a timeout
 * is heard.
 *
 * Cancelling settles when the source is closed, and rejects if it can't be; where a chunk is being waited for, which may
 * never come, it settles at once. Aborting the signal fails the stream at once with a `ReadAbortedError`.
 */
export function readableOf(source: ChunkSource, context: ReadingContext = {}): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(new Shell(source, context), { highWaterMark: 0 });
}

class Shell implements UnderlyingDefaultSource<Uint8Array> {
  readonly #source: ChunkSource;
  readonly #context: ReadingContext;
  readonly #breather: Breather = new Breather();
  #unfollow: () => void = () => undefined;
  #pulling = false;
  #ended = false;

  constructor(source: ChunkSource, context: ReadingContext) {
    this.#source = source;
    this.#context = context;
  }

  start(controller: ReadableStreamDefaultController<Uint8Array>): void {
    const { signal, what = NAMELESS } = this.#context;
    this.#unfollow = onAbort(signal, (reason) => {
      const error = new ReadAbortedError(what, reason);
      controller.error(error);
      quietly(this.#end(error));
    });
  }

  async pull(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
    this.#pulling = true;
    let chunk: Uint8Array | undefined;
    try {
      do {
        chunk = await this.#source.next();
        this.#breather.count(chunk?.length ?? 0);
        if (this.#breather.due) {
          await this.#breather.breathe();
        }
      } while (chunk?.length === 0 && !this.#ended);
    } catch (error) {
      quietly(this.#end(error));
      throw error;
    } finally {
      this.#pulling = false;
    }
    if (this.#ended) {
      return;
    }
    if (chunk === undefined) {
      quietly(this.#end(undefined));
      controller.close();
    } else {
      controller.enqueue(chunk);
    }
  }

  async cancel(reason: unknown): Promise<void> {
    const closing = this.#end(reason);
    if (this.#pulling) {
      quietly(closing);
    } else {
      await closing;
    }
  }

  async #end(reason: unknown): Promise<void> {
    if (this.#ended) {
      return;
    }
    this.#ended = true;
    this.#unfollow();
    await this.#source.close(reason);
  }
}
