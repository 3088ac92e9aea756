/** Reads a stream by counts of bytes, and lets go of it once, whatever happens. */
export class TarInput {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #signal: AbortSignal | undefined;
  #chunk: Uint8Array = new Uint8Array(0);
  #position = 0;
  #ended = false;
  #interruption: { readonly error: unknown } | undefined;
  #reject: ((error: unknown) => void) | undefined;

  constructor(source: ReadableStream<Uint8Array>, signal: AbortSignal | undefined) {
    this.#reader = source.getReader();
    this.#signal = signal;
    if (signal?.aborted) this.#abort();
    else signal?.addEventListener("abort", this.#abort, { once: true });
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
    if (this.#interruption === undefined && this.#chunk.length >= count) return this.#cut(count);
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

  /** Lets go of the source. Reading afterwards, or at the moment, fails with the error. */
  cancel(error: unknown): void {
    this.#interruption ??= { error };
    this.#reject?.(error);
    if (this.#ended) return;
    this.#end();
    // Nobody is left to hear that the source cannot be cancelled; what it gave stands.
    this.#reader.cancel(error).catch(() => {});
    this.#reader.releaseLock();
  }

  #cut(most: number): Uint8Array {
    const piece = this.#chunk.length <= most ? this.#chunk : this.#chunk.subarray(0, most);
    this.#chunk = this.#chunk.subarray(piece.length);
    this.#position += piece.length;
    return piece;
  }

  /** Whether there are bytes at hand, after waiting for some. */
  async #fill(): Promise<boolean> {
    while (this.#chunk.length === 0) {
      if (this.#interruption !== undefined) throw this.#interruption.error;
      if (this.#ended) return false;
      await this.#read();
    }
    if (this.#interruption !== undefined) throw this.#interruption.error;
    return true;
  }

  async #read(): Promise<void> {
    try {
      const result = await this.#unlessInterrupted(this.#reader.read());
      if (!result.done) this.#chunk = result.value;
      else {
        this.#end();
        this.#reader.releaseLock();
      }
    } catch (error) {
      this.#interruption ??= { error };
      this.#end();
      throw this.#interruption.error;
    }
  }

  /** Unlike `Promise.race` with a promise that stays, this leaves nothing behind with each wait. */
  #unlessInterrupted<T>(promise: Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#reject = reject;
      promise.then(resolve, reject);
    });
  }

  #end(): void {
    this.#ended = true;
    this.#signal?.removeEventListener("abort", this.#abort);
  }

  readonly #abort = (): void => this.cancel(this.#signal?.reason);
}
