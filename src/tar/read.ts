import { type HeaderBlock, isZero, readBlock } from "./block.js";
import { TarBody } from "./body.js";
import { entryHeader } from "./entry-header.js";
import { TarError } from "./error.js";
import { Extensions } from "./extensions.js";
import { BLOCK, paddingOf, type TarHeader } from "./header.js";
import { TarInput } from "./input.js";
import { readMapInFront, readOldMap, readSparseRecords, SparseCursor } from "./sparse.js";
import { Zeros } from "./zeros.js";

/** Long names and many attributes fit; it is also what Go takes. */
const MAX_HEADER_BYTES = 1 << 20;

/** More than any disk that is put into a layer has, and some minutes' work. */
const MAX_SPARSE_BYTES = 64 * 1024 ** 3;

/** An entry of a tar that is being read. */
export interface TarEntry {
  readonly header: TarHeader;
  /**
   * The content of a file; nothing for everything else. It can be read once, until the next entry is asked for; what is
   * not read is passed over. Its chunks are views of those that the source gave. Of a sparse file it is the whole, zeros
   * included, which may be far more than the tar has bytes.
   */
  readonly body: AsyncIterable<Uint8Array>;
}

export interface ReadTarOptions {
  /** Aborting it ends the reading, at once, with a `ReadAbortedError`, and cancels the source. */
  readonly signal?: AbortSignal | undefined;
  /**
   * The most bytes that headers may take for one entry: its PAX records, a long name, a long link. Default: 1 MiB.
   */
  readonly maxHeaderBytes?: number | undefined;
  /**
   * The most zeros that are made for sparse files, in bytes, all those of the tar together: a tar of a few hundred bytes may say
   * that it has petabytes of them. A file that has more than are left can't be read, but may be passed over. Default: 64 GiB.
   */
  readonly maxSparseBytes?: number | undefined;
}

/**
 * Reads a tar, entry by entry: V7, ustar, GNU, star and PAX. Nothing is read before it is asked for. After the tar's end
 * the rest of the source is read and passed over, so that a source that verifies itself does; a tar without the two
 * zero blocks at its end is taken.
 *
 * It is read by one reader at a time: entries and bodies that are asked for at once come one after the other. Ending the
 * iteration early cancels the source, at once.
 *
 * @throws {TarError} (the iteration does) if it is damaged or truncated, a header is larger than the limit, or a sparse file
 *   that is read is; the source is cancelled. A source that fails gives its own error. From then on, every call fails with the same error.
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
  readonly #zeros: Zeros;
  #body: TarBody | undefined;
  #done = false;
  #failure: { readonly error: unknown } | undefined;
  /** Settles, and never rejects, when what has been asked for before has been done. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(source: ReadableStream<Uint8Array>, options: ReadTarOptions) {
    this.#input = new TarInput(source, { signal: options.signal, what: "a tar" });
    this.#extensions = new Extensions(options.maxHeaderBytes ?? MAX_HEADER_BYTES);
    this.#zeros = new Zeros(options.maxSparseBytes ?? MAX_SPARSE_BYTES);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<TarEntry, undefined>> {
    return this.#inTurn(async () => {
      if (this.#done) return END;
      await this.#passOver();
      const body = await this.#entry();
      if (body === undefined) {
        this.#done = true;
        return END;
      }
      this.#body = body;
      return { done: false, value: { header: body.header, body } };
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
      () => body.read(this.#input),
      () => {
        if (body !== this.#body || this.#done) throw body.passed();
      },
    );
  }

  async #passOver(): Promise<void> {
    const body = this.#body;
    this.#body = undefined;
    await body?.skip(this.#input);
  }

  /** The next entry, or undefined at the end of the tar. */
  async #entry(): Promise<TarBody | undefined> {
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
      if (bytes.length < BLOCK) throw truncated(where);
      const block = readBlock(bytes, where);
      if (!"xgLK".includes(block.flag)) {
        const header = entryHeader(block, extensions, where);
        const body = await this.#open(header, block.flag === "S" ? bytes : undefined, where);
        extensions.clear();
        return body;
      }
      await this.#extend(block, where);
    }
  }

  /** @param oldSparse the header block of a sparse file of the old kind */
  async #open(header: TarHeader, oldSparse: Uint8Array | undefined, where: string): Promise<TarBody> {
    const read = (body: TarBody): Promise<Uint8Array | undefined> => this.#read(body);
    const mapBlock = (): Promise<Uint8Array> => {
      this.#extensions.count(0, where);
      return this.#block(where);
    };
    const sparse = oldSparse
      ? await readOldMap(oldSparse, where, mapBlock)
      : readSparseRecords(this.#extensions.sparse, where);
    if (sparse === undefined) return new TarBody(header, header.size, undefined, read);
    if (header.type !== "file") throw new TarError(`the entry ${where} is sparse, and not a file`);
    const { map, bytes } =
      sparse.map === undefined ? await readMapInFront(where, mapBlock) : { map: sparse.map, bytes: 0 };
    const stored = header.size - bytes;
    const cursor = new SparseCursor(sparse.size, map, stored, where);
    const whole = { ...header, name: sparse.name ?? header.name, size: sparse.size };
    if (whole.name.endsWith("/"))
      throw new TarError(`the entry ${where} is sparse, and named as a directory`);
    return new TarBody(whole, stored, { cursor, zeros: this.#zeros }, read);
  }

  async #extend(block: HeaderBlock, where: string): Promise<void> {
    this.#extensions.count(block.size, where);
    const padded = block.size + paddingOf(block.size);
    const content = await this.#input.take(padded);
    if (content.length < padded) throw truncated(where);
    this.#extensions.add(block.flag, content.subarray(0, block.size), where);
  }

  async #block(where: string): Promise<Uint8Array> {
    const bytes = await this.#input.take(BLOCK);
    if (bytes.length < BLOCK) throw truncated(where);
    return bytes;
  }

  async #end(where: string): Promise<void> {
    if (!isZero(await this.#input.take(BLOCK))) {
      throw new TarError(`the block ${where} is empty, but the next one is not: the tar is damaged`);
    }
    await this.#input.drain();
  }
}

const END = { done: true, value: undefined } as const;

function truncated(where: string): TarError {
  return new TarError(`the tar is truncated in the header ${where}`);
}
