import { SourceCloseError } from "./errors.js";
import { ResumedSource } from "./resumed-source.js";
import type { SourceReader } from "./source/source.js";

/**
 * The source of a pass, until the pass lets go of it, which closes it once and waits for nobody. A finished layer may live long, and
 * should not keep alive what it was made of.
 */
export class HeldSource {
  /**
   * Settles when the source says that it is closed; rejects with a {@link SourceCloseError}. It may be left alone.
   */
  readonly closed: Promise<void>;
  #reader: SourceReader | undefined;
  #settleClosed!: (closing: Promise<void>) => void;

  constructor(reader: SourceReader) {
    this.#reader = reader;
    this.closed = new Promise((resolve) => {
      this.#settleClosed = resolve;
    });
    this.closed.catch(() => {});
  }

  /** Whether there may be more to read. */
  get held(): boolean {
    return this.#reader !== undefined;
  }

  /** The next chunk; undefined at the end, after which the source is to be let go of. */
  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    return this.#reader?.read();
  }

  /** Has only that read which follows a checkpoint. @param offset where in the whole input the source begins, in bytes */
  resumeAt(checkpoint: Uint8Array, offset: number): void {
    if (this.#reader !== undefined) {
      this.#reader = new ResumedSource(this.#reader, checkpoint, offset);
    }
  }

  /** @param reason what the source is told; undefined at its end */
  letGo(reason: unknown): void {
    const reader = this.#reader;
    if (reader === undefined) {
      return;
    }
    this.#reader = undefined;
    this.#settleClosed(
      reader.close(reason).catch((error: unknown) => {
        throw new SourceCloseError(error);
      }),
    );
  }
}
