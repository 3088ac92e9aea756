import { SourceError } from "../errors.js";
import { chunkOf } from "./chunk.js";
import type { NodeReadable, SourceReader } from "./source.js";

/**
 * Reads a Node stream by its `readable` event and `read()`, so that it runs no further ahead than its own
 * `highWaterMark`.
 *
 * It listens for the stream's end and errors from the start, which makes nothing flow, because a file that does not
 * exist says so soon after it was named and an error without a listener ends a Node process.
 */
export class NodeReadableReader implements SourceReader {
  readonly #stream: NodeReadable;
  #reading = false;
  #ended = false;
  #closing = false;
  #closed = false;
  #failure: { readonly error: unknown } | undefined;
  #closeFailure: { readonly error: unknown } | undefined;
  #wake: (() => void) | undefined;

  constructor(stream: NodeReadable) {
    this.#stream = stream;
    stream.on("end", this.#onEnd);
    stream.on("error", this.#onError);
    stream.on("close", this.#onClose);
  }

  async read(): Promise<Uint8Array | undefined> {
    if (!this.#reading) {
      this.#reading = true;
      this.#refuseSpent();
      this.#stream.on("readable", this.#onReadable);
    }
    for (;;) {
      if (this.#ended) {
        return undefined;
      }
      if (this.#closed || this.#stream.destroyed === true) {
        this.#failure ??= { error: this.#stream.errored ?? prematureClose() };
      }
      if (this.#failure !== undefined) {
        throw this.#failure.error;
      }
      const chunk = this.#stream.read();
      if (chunk !== null && chunk !== undefined) {
        return chunkOf(chunk);
      }
      await this.#change();
    }
  }

  /**
   * Destroys a stream that has not ended. One that has ended is left to itself: Node destroys it, unless its owner
   * turned that off or still writes to its other half.
   */
  async close(): Promise<void> {
    this.#closing = true;
    this.#stream.removeListener("readable", this.#onReadable);
    if (!this.#ended && this.#stream.destroyed !== true) {
      this.#stream.destroy?.();
    }
    if (this.#stream.destroyed !== true && this.#ended) {
      this.#stream.removeListener("error", this.#onError);
    } else {
      await this.#closure();
    }
    this.#stream.removeListener("end", this.#onEnd);
    this.#stream.removeListener("close", this.#onClose);
    if (this.#closeFailure !== undefined) {
      throw this.#closeFailure.error;
    }
  }

  /** Waits until a destroyed stream is closed; one that cannot be destroyed will not say. */
  async #closure(): Promise<void> {
    while (!this.#closed && this.#closeFailure === undefined && this.#stream.destroy !== undefined) {
      if (this.#stream.closed === true) {
        const error = this.#stream.errored ?? undefined;
        if (error !== undefined && this.#failure === undefined) {
          this.#closeFailure = { error };
        }
        return;
      }
      await this.#change();
    }
  }

  /** What somebody else has read to its end would make a layer of nothing. */
  #refuseSpent(): void {
    if (this.#ended || this.#stream.readableEnded === true) {
      throw new SourceError(
        "the source's stream had been read to its end before the layer was read: give a stream that nobody else reads",
      );
    }
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  readonly #onReadable = (): void => {
    this.#wake?.();
  };

  readonly #onEnd = (): void => {
    this.#ended = true;
    this.#wake?.();
  };

  /** The end means that the data is complete, so what fails after it is the closing. */
  readonly #onError = (error: unknown): void => {
    if (!this.#ended && !this.#closing) {
      this.#failure ??= { error };
    } else if (this.#failure === undefined) {
      this.#closeFailure ??= { error };
    }
    this.#wake?.();
  };

  readonly #onClose = (): void => {
    this.#closed = true;
    this.#wake?.();
  };
}

function prematureClose(): SourceError {
  return new SourceError(
    "the source's stream was closed before its end: whatever writes to it stopped, or it was destroyed",
  );
}
