/** Where chunks come from, one for each demand. {@link readableOf} shows one as a Web stream. */
export interface ChunkSource {
  /**
   * Gives the next chunk, which may be empty and is its receiver's own, or undefined at the end. It is called once at a
   * time, and not again after the end, a failure or `close`.
   */
  next(): Promise<Uint8Array | undefined>;
  /**
   * Lets go of everything. It is called exactly once: after the end, after a failure of `next`, or instead of them, even
   * while a `next` is pending.
   *
   * @param reason why nothing more is read; undefined after the end
   */
  close(reason: unknown): Promise<void>;
}

/** What a reading may be given. */
export interface ReadingContext {
  /** Aborting it ends the reading at once, with a `ReadAbortedError`, and closes what is read. */
  readonly signal?: AbortSignal | undefined;
  /** What is read, for messages, such as `"blob sha256:..."`. Default: `"a stream"`. */
  readonly what?: string | undefined;
}

/** What messages call what has no name. */
export const NAMELESS = "a stream";
