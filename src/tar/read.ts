import { quote } from "../v1/quote.js";
import { type HeaderBlock, isZero, readBlock } from "./block.js";
import { entryHeader } from "./entry-header.js";
import { TarError } from "./error.js";
import { Extensions } from "./extensions.js";
import { BLOCK, paddingOf, type TarHeader } from "./header.js";
import { TarInput } from "./input.js";

/** Long names and many attributes fit; it is also what Go takes. */
const MAX_HEADER_BYTES = 1 << 20;

/** An entry of a tar that is being read. */
export interface TarEntry {
  readonly header: TarHeader;
  /**
   * The content of a file; nothing for everything else. It can be read once, until the next entry is asked for; what is
   * not read is passed over. Its chunks are views of those that the source gave.
   */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface ReadTarOptions {
  /** Aborting it lets go of the source; what is waited for then fails with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The most bytes that headers may take for one entry: its PAX records, a long name, a long link. Default: 1 MiB.
   */
  readonly maxHeaderBytes?: number | undefined;
}

/**
 * Reads a tar, entry by entry: V7, ustar, GNU, star and PAX. Nothing is read before it is asked for. After the tar's end
 * the rest of the source is read and passed over, so that a source that verifies itself does; a tar without the two
 * zero blocks at its end is taken.
 *
 * It is read by one reader at a time: entries and bodies that are asked for at once come one after the other. Ending the
 * iteration early cancels the source, at once.
 *
 * @throws {TarError} (the iteration does) if it is damaged or truncated, or a header is larger than the limit; the source
 *   is cancelled. A source that fails gives its own error. From then on, every call fails with the same error.
 */
export function readTar(
  source: ReadableStream<Uint8Array>,
  options: ReadTarOptions = {},
): AsyncIterableIterator<TarEntry> {
  return new TarReader(source, options);
}

class TarReader implements AsyncIterableIterator<TarEntry> {
  readonly #input: TarInput;
  readonly #extensions: Extensions;
  #body: TarBody | undefined;
  #done = false;
  #failure: { readonly error: unknown } | undefined;
  /** Settles, and never rejects, when what has been asked for before has been done. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(source: ReadableStream<Uint8Array>, options: ReadTarOptions) {
    this.#input = new TarInput(source, options.signal);
    this.#extensions = new Extensions(options.maxHeaderBytes ?? MAX_HEADER_BYTES);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<TarEntry, undefined>> {
    return this.#inTurn(async () => {
      if (this.#done) return END;
      await this.#passOver();
      const header = await this.#header();
      if (header === undefined) {
        this.#done = true;
        return END;
      }
      const body = new TarBody(header, (own) => this.#read(own));
      this.#body = body;
      return { done: false, value: { header, body } };
    });
  }

  async return(): Promise<IteratorResult<TarEntry, undefined>> {
    this.#done = true;
    this.#input.cancel(new TarError("the reading of the tar was ended"));
    return END;
  }

  /** @param admit throws where the call is a mistake, which changes nothing for other calls */
  #inTurn<T>(action: () => Promise<T>, admit?: () => void): Promise<T> {
    const result = this.#turn.then(async () => {
      if (this.#failure !== undefined) throw this.#failure.error;
      admit?.();
      try {
        return await action();
      } catch (error) {
        if (this.#done) throw error;
        this.#failure = { error };
        this.#input.cancel(error);
        throw error;
      }
    });
    this.#turn = result.catch(() => {});
    return result;
  }

  /** The next piece of an entry's content. */
  #read(body: TarBody): Promise<Uint8Array | undefined> {
    return this.#inTurn(
      async () => {
        if (body.left === 0) return undefined;
        const piece = await this.#input.some(body.left);
        if (piece === undefined) throw body.truncated();
        body.left -= piece.length;
        return piece;
      },
      () => {
        if (body !== this.#body || this.#done) throw body.passed();
      },
    );
  }

  async #passOver(): Promise<void> {
    const body = this.#body;
    if (body === undefined) return;
    this.#body = undefined;
    const rest = body.left + paddingOf(body.header.size);
    if ((await this.#input.skip(rest)) < rest) throw body.truncated();
  }

  /** The next entry's header, or undefined at the end of the tar. */
  async #header(): Promise<TarHeader | undefined> {
    const extensions = this.#extensions;
    for (;;) {
      const where = `at byte ${this.#input.position}`;
      const bytes = await this.#input.take(BLOCK);
      if (bytes.length === 0 || (bytes.length === BLOCK && isZero(bytes))) {
        if (extensions.pending)
          throw new TarError(`the tar ends ${where}, after a header that extends another`);
        if (bytes.length > 0) await this.#end(where);
        return undefined;
      }
      if (bytes.length < BLOCK) throw new TarError(`the tar is truncated in the header ${where}`);
      const block = readBlock(bytes, where);
      if (!"xgLK".includes(block.flag)) {
        const header = entryHeader(block, extensions, where);
        extensions.clear();
        return header;
      }
      await this.#extend(block, where);
    }
  }

  async #extend(block: HeaderBlock, where: string): Promise<void> {
    this.#extensions.count(block, where);
    const padded = block.size + paddingOf(block.size);
    const content = await this.#input.take(padded);
    if (content.length < padded) throw new TarError(`the tar is truncated in the header ${where}`);
    this.#extensions.add(block.flag, content.subarray(0, block.size), where);
  }

  async #end(where: string): Promise<void> {
    if (!isZero(await this.#input.take(BLOCK))) {
      throw new TarError(`the block ${where} is empty, but the next one is not: the tar is damaged`);
    }
    await this.#input.drain();
  }
}

class TarBody implements AsyncIterable<Uint8Array> {
  readonly header: TarHeader;
  /** Bytes that have not been read. */
  left: number;
  readonly #read: (body: TarBody) => Promise<Uint8Array | undefined>;
  #opened = false;

  constructor(header: TarHeader, read: (body: TarBody) => Promise<Uint8Array | undefined>) {
    this.header = header;
    this.left = header.size;
    this.#read = read;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    if (this.#opened) throw new TarError(`the content of ${quote(this.header.name)} can be read once`);
    this.#opened = true;
    return {
      next: async () => {
        const value = await this.#read(this);
        return value === undefined ? END : { done: false, value };
      },
      return: async () => END,
    };
  }

  passed(): TarError {
    return new TarError(
      `the content of ${quote(this.header.name)} was passed over: read it before asking for the next entry`,
    );
  }

  truncated(): TarError {
    return new TarError(
      `the tar is truncated in the entry ${quote(this.header.name)} of ${this.header.size} bytes`,
    );
  }
}

const END = { done: true, value: undefined } as const;
