import { quote } from "../v1/quote.js";
import { TarError } from "./error.js";
import { paddingOf, type TarHeader } from "./header.js";
import type { TarInput } from "./input.js";
import type { SparseCursor } from "./sparse.js";
import type { Zeros } from "./zeros.js";

/** What a body has that is of a sparse file. */
export interface SparseContent {
  readonly cursor: SparseCursor;
  readonly zeros: Zeros;
}

/** The content of one entry, as it is handed out. */
export class TarBody implements AsyncIterable<Uint8Array> {
  readonly header: TarHeader;
  /** Bytes in the tar that have not been read. */
  #left: number;
  readonly #padding: number;
  readonly #sparse: SparseContent | undefined;
  #admitted = false;
  readonly #next: (body: TarBody) => Promise<Uint8Array | undefined>;
  #opened = false;

  /**
   * @param stored bytes of content in the tar, fewer than the file's where the file is sparse
   * @param next calls {@link read} when it is this body's turn
   */
  constructor(
    header: TarHeader,
    stored: number,
    sparse: SparseContent | undefined,
    next: (body: TarBody) => Promise<Uint8Array | undefined>,
  ) {
    this.header = header;
    this.#left = stored;
    this.#padding = paddingOf(stored);
    this.#sparse = sparse;
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

  /** @throws {TarError} if the tar ends before the content does, or the file has more zeros than may be made */
  async read(input: TarInput): Promise<Uint8Array | undefined> {
    const cursor = this.#sparse?.cursor;
    if (this.#sparse !== undefined) {
      const zeros = this.#zeros(this.#sparse);
      if (zeros !== undefined) {
        await input.made(zeros.length);
        return zeros;
      }
    }
    if (this.#left === 0) return undefined;
    const piece = await input.some(Math.min(this.#left, cursor?.content ?? this.#left));
    if (piece === undefined) throw this.#truncated();
    this.#left -= piece.length;
    cursor?.advance(piece.length);
    return piece;
  }

  /** The zeros that come next, if it is their turn. */
  #zeros({ cursor, zeros }: SparseContent): Uint8Array | undefined {
    if (!this.#admitted) zeros.admit(this.header.size - this.#left, this.header.name);
    this.#admitted = true;
    if (cursor.zeros <= 0) return undefined;
    const piece = zeros.make(cursor.zeros);
    cursor.advance(piece.length);
    return piece;
  }

  /**
   * Passes over what has not been read, and over the padding. A tar may end where its last padding should begin: umoci writes
   * such, and Go reads them.
   *
   * @throws {TarError} if the tar ends before
   */
  async skip(input: TarInput): Promise<void> {
    if ((await input.skip(this.#left)) < this.#left) throw this.#truncated();
    const padding = await input.skip(this.#padding);
    if (padding > 0 && padding < this.#padding) throw this.#truncated();
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
