import type { SourceReader } from "./source.js";

/** Reads a source that has to be asked for its content, which is done by the first `read`. */
export class DeferredReader implements SourceReader {
  readonly #open: () => SourceReader;
  #reader: SourceReader | undefined;

  /** @param open gives a reader of the content; it neither reads nor throws */
  constructor(open: () => SourceReader) {
    this.#open = open;
  }

  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    this.#reader ??= this.#open();
    return this.#reader.read();
  }

  /** Content that was never asked for is opened here to be closed, so that a connection behind it is given up. */
  async close(reason: unknown): Promise<void> {
    this.#reader ??= this.#open();
    await this.#reader.close(reason);
  }
}
