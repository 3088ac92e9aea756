import { quote } from "../v1/quote.js";
import { TarError } from "./error.js";
import { paddingOf, type TarHeader } from "./header.js";
import type { TarInput } from "./input.js";
import type { SparseCursor } from "./sparse.js";

/** Zeros of sparse files come in pieces of so many bytes. */
const ZEROS = 64 * 1024;

/** The content of one entry, as it is handed out. */
export class TarBody implements AsyncIterable<Uint8Array> {
  readonly header: TarHeader;
  /** Bytes in the tar that have not been read. */
  #left: number;
  readonly #padding: number;
  readonly #cursor: SparseCursor | undefined;
  readonly #next: (body: TarBody) => Promise<Uint8Array | undefined>;
  #opened = false;

  /**
   * @param stored bytes of content in the tar, fewer than the file's where the file is sparse
   * @param next calls {@link read} when it is this body's turn
   */
  constructor(
    header: TarHeader,
    stored: number,
    cursor: SparseCursor | undefined,
    next: (body: TarBody) => Promise<Uint8Array | undefined>,
  ) {
    this.header = header;
    this.#left = stored;
    this.#padding = paddingOf(stored);
    this.#cursor = cursor;
    this.#next = next;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    if (this.#opened) throw new TarError(`the content of ${quote(this.header.name)} can be read once`);
    this.#opened = true;
    return {
      next: async () => {
        const value = await this.#next(this);
        return value === undefined ? { done: true, value } : { done: false, value };
      },
      return: async () => ({ done: true, value: undefined }),
    };
  }

  /** @throws {TarError} if the tar ends before the content does */
  async read(input: TarInput): Promise<Uint8Array | undefined> {
    const cursor = this.#cursor;
    if (cursor !== undefined && cursor.zeros > 0) {
      const zeros = new Uint8Array(Math.min(cursor.zeros, ZEROS));
      cursor.advance(zeros.length);
      return zeros;
    }
    if (this.#left === 0) return undefined;
    const piece = await input.some(Math.min(this.#left, cursor?.content ?? this.#left));
    if (piece === undefined) throw this.#truncated();
    this.#left -= piece.length;
    cursor?.advance(piece.length);
    return piece;
  }

  /**
   * Passes over what has not been read, and over the padding.
   *
   * @throws {TarError} if the tar ends before
   */
  async skip(input: TarInput): Promise<void> {
    const rest = this.#left + this.#padding;
    if ((await input.skip(rest)) < rest) throw this.#truncated();
  }

  passed(): TarError {
    return new TarError(
      `the content of ${quote(this.header.name)} was passed over: read it before asking for the next entry`,
    );
  }

  #truncated(): TarError {
    return new TarError(
      `the tar is truncated in the entry ${quote(this.header.name)} of ${this.header.size} bytes`,
    );
  }
}
