/** Bytes in any of the shapes in which JavaScript holds them; of a view, the bytes that it shows. */
export type Bytes = ArrayBufferLike | ArrayBufferView;

/** What is used of a Node `Readable`, and of what is shaped like one, such as a stream of `streamx`. */
export interface NodeReadable {
  on(event: string, listener: (error?: unknown) => void): unknown;
  removeListener(event: string, listener: (error?: unknown) => void): unknown;
  read(): unknown;
  destroy?(): unknown;
  readonly destroyed?: boolean;
  /** Whether it was closed after `destroy`; absent before Node 18. */
  readonly closed?: boolean;
  /** The error that it was destroyed with, if any; absent before Node 18. */
  readonly errored?: unknown;
  /** Whether its end has been read. */
  readonly readableEnded?: boolean;
}

/**
 * A fetched body, or anything shaped like one, such as a `Request` that a server received. A null body is empty.
 */
export interface Body {
  readonly body: ReadableStream<Uint8Array> | AsyncIterable<Bytes> | NodeReadable | null;
  readonly bodyUsed: boolean;
}

/**
 * What a layer can be made of. It is recognised by its shape, so objects of another realm or of a polyfill will do.
 *
 * A Node stream is read directly, never through Web Streams; its errors are listened for from the start, before it is
 * read. A chunk may be overwritten by its owner as soon as the next one is asked for, and not before.
 */
export type Source =
  | ReadableStream<Uint8Array>
  | AsyncIterable<Bytes>
  | Iterable<Bytes>
  | Blob
  | Body
  | Bytes
  | NodeReadable;

/**
 * The one way in which every kind of source is read. Made without touching the source: it is opened by the first
 * `read`.
 */
export interface SourceReader {
  /**
   * Gives the next chunk, which may be empty, or undefined at the end of the data. It is called once at a time, and
   * not again after the end or a failure. It throws, or rejects with, the source's own error, and throws
   * {@link SourceError} for a source that cannot be read.
   */
  read(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /**
   * Lets go of the source, whatever state it is in, even while a `read` is pending. It is called exactly once. The
   * promise settles when the source has said that it is closed, which may be never, and rejects with the source's
   * own error.
   *
   * @param reason why the source is let go of before its end; undefined after it
   */
  close(reason: unknown): Promise<void>;
}
