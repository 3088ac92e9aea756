import { Breather, ChunkReader, quietly, type ReadingContext, SourceError } from "../bytes/index.js";

/** Reads a stream by counts of bytes, and lets go of it once, whatever happens. */
export class TarInput {
  readonly #reader: ChunkReader;
  readonly #signal: AbortSignal | undefined;
  readonly #breather: Breather = new Breather();
  #chunk: Uint8Array = new Uint8Array(0);
  /** What the chunk's length should be: one whose buffer was transferred looks empty, and would leave a hole. */
  #length = 0;
  #position = 0;
  #ended = false;
  #cancelled: { readonly error: unknown } | undefined;

  /** @throws {TypeError} if the stream is locked */
  constructor(source: ReadableStream<Uint8Array>, context: ReadingContext) {
    this.#reader = new ChunkReader(source, context);
    this.#signal = context.signal;
  }

  /** How many bytes have been taken. */
  get position(): number {
    return this.#position;
  }

  /** Takes what is at hand of the next bytes, at most so many; undefined at the end of the source. */
  async some(most: number): Promise<Uint8Array | undefined> {
    return (await this.#fill()) ? this.#cut(most) : undefined;
  }

  /** Takes so many bytes; fewer only if the source ends before. */
  async take(count: number): Promise<Uint8Array> {
    if (count === 0 || !(await this.#fill())) return new Uint8Array(0);
    if (this.#chunk.length >= count) return this.#cut(count);
    const bytes = new Uint8Array(count);
    let filled = 0;
    while (filled < count && (await this.#fill())) {
      const piece = this.#cut(count - filled);
      bytes.set(piece, filled);
      filled += piece.length;
    }
    return bytes.subarray(0, filled);
  }

  /** Passes over so many bytes, and tells how many there were before the source ended. */
  async skip(count: number): Promise<number> {
    let skipped = 0;
    while (skipped < count && (await this.#fill())) skipped += this.#cut(count - skipped).length;
    return skipped;
  }

  /** Reads the source to its end, so that what it has to say of itself there is heard. */
  async drain(): Promise<void> {
    while (await this.#fill()) this.#cut(this.#chunk.length);
  }

  /** Counts bytes that are handed out and did not come from the source. It fails, as taking some does, if the reading was ended. */
  async made(bytes: number): Promise<void> {
    this.#breather.count(bytes);
    if (this.#breather.due) await this.#breather.breathe();
    if (this.#signal?.aborted || this.#cancelled) await this.#fill();
  }

  /** Lets go of the source, if it has not ended. Reading afterwards, or at the moment, fails with the error. */
  cancel(error: unknown): void {
    this.#cancelled ??= { error };
    // The error is told to whoever reads; that the source could not be cancelled is of no interest beside it.
    quietly(this.#reader.close(error));
  }

  #cut(most: number): Uint8Array {
    const piece = this.#chunk.length <= most ? this.#chunk : this.#chunk.subarray(0, most);
    this.#chunk = this.#chunk.subarray(piece.length);
    this.#length = this.#chunk.length;
    this.#position += piece.length;
    return piece;
  }

  /** Whether there are bytes at hand, after waiting for some. */
  async #fill(): Promise<boolean> {
    if (this.#chunk.length !== this.#length) throw transferred();
    while (this.#length === 0 || this.#signal?.aborted || this.#cancelled) {
      if (this.#cancelled) throw this.#cancelled.error;
      if (this.#ended) return false;
      if (this.#breather.due) await this.#breather.breathe();
      const chunk = await this.#reader.next();
      this.#breather.count(chunk?.length ?? 0);
      if (chunk === undefined) {
        this.#ended = true;
      } else {
        this.#chunk = chunk;
        this.#length = chunk.length;
      }
    }
    return true;
  }
}

function transferred(): SourceError {
  return new SourceError(
    "the buffer of a piece of a tar was transferred while the tar was being read: copy the piece first, or leave it alone until the next one has come",
  );
}
