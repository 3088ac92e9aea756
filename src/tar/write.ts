import { type ChunkSource, readableOf } from "../bytes/index.js";
import { checkBytes } from "../core/check-bytes.js";
import { quote } from "../v1/quote.js";
import { encodeHeader } from "./encode-header.js";
import { TarError } from "./error.js";
import { BLOCK, paddingOf, type TarHeader } from "./header.js";

/** A large body of bytes is copied piece by piece, as it is read. */
const PIECE = 1024 * 1024;

/** An entry to be written. */
export interface NewTarEntry {
  /**
   * What is not given: a `file`; `size` that of a body of bytes, else 0; `mode` 0755 for directories, else 0644; all other
   * numbers 0 and texts empty.
   */
  readonly header: Pick<TarHeader, "name"> & Partial<TarHeader>;
  /** The content of a file, of exactly `header.size` bytes; it is read when its turn comes. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array> | undefined;
}

export interface WriteTarOptions {
  /** Aborting it ends the writing, at once, with a `ReadAbortedError`. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Writes a tar: ustar, with PAX headers where they are needed. The same entries give the same bytes. It is driven by
 * the consumer's pulls: no entry, and no piece of a body, is asked for before.
 *
 * The stream fails with a {@link TarError} if an entry cannot be written or its body has not the size that was
 * announced, with a `BytesTypeError` if a body gives something else than bytes, and otherwise with the error of the entries or the
 * body. When it fails or is cancelled, the iterators of
 * both are ended.
 */
export function writeTar(
  entries: AsyncIterable<NewTarEntry> | Iterable<NewTarEntry>,
  options: WriteTarOptions = {},
): ReadableStream<Uint8Array> {
  return readableOf(new TarWriter(entries), { signal: options.signal, what: "a tar" });
}

/**
 * How many bytes {@link writeTar} makes of entries with these headers.
 *
 * @throws {TarError} if one cannot be written
 */
export function tarSize(headers: Iterable<NewTarEntry["header"]>): number {
  let size = 2 * BLOCK;
  for (const header of headers) {
    const complete = completeHeader({ header });
    size += encodeHeader(complete).length + complete.size + paddingOf(complete.size);
  }
  return size;
}

/** What a complete header has where nothing is given. */
function completeHeader({ header, body }: NewTarEntry): TarHeader {
  const type = header.type ?? "file";
  return {
    name: header.name,
    type,
    size: header.size ?? (body instanceof Uint8Array ? body.length : 0),
    mode: header.mode ?? (type === "directory" ? 0o755 : 0o644),
    uid: header.uid ?? 0,
    gid: header.gid ?? 0,
    uname: header.uname ?? "",
    gname: header.gname ?? "",
    mtime: header.mtime ?? 0,
    linkname: header.linkname ?? "",
    devmajor: header.devmajor ?? 0,
    devminor: header.devminor ?? 0,
    pax: header.pax ?? {},
  };
}

type AnyIterator<T> = Iterator<T> | AsyncIterator<T>;

class TarWriter implements ChunkSource {
  readonly #source: AsyncIterable<NewTarEntry> | Iterable<NewTarEntry>;
  /** An iterator that has said that it is done, or has failed, has ended itself, and is forgotten. */
  #entries: AnyIterator<NewTarEntry> | undefined;
  #body: AnyIterator<Uint8Array> | undefined;
  #header: TarHeader | undefined;
  /** Bytes of the body that are still to come. */
  #left = 0;
  #ended = false;

  constructor(source: AsyncIterable<NewTarEntry> | Iterable<NewTarEntry>) {
    this.#source = source;
  }

  async next(): Promise<Uint8Array | undefined> {
    if (this.#ended) return undefined;
    const header = this.#header;
    if (header === undefined) return this.#begin(0);
    return (await this.#piece(header)) ?? this.#begin(paddingOf(header.size));
  }

  async close(): Promise<void> {
    this.#ended = true;
    const iterators = [this.#body, this.#entries];
    this.#body = this.#entries = undefined;
    const endings = await Promise.allSettled(iterators.map(async (iterator) => iterator?.return?.()));
    for (const ending of endings) if (ending.status === "rejected") throw ending.reason;
  }

  /** The next piece of the body, which may be empty; undefined at its end. */
  async #piece(header: TarHeader): Promise<Uint8Array | undefined> {
    const piece = this.#body && (await this.#step(this.#body, () => (this.#body = undefined)));
    if (piece !== undefined) {
      checkBytes(piece);
      this.#left -= piece.length;
    }
    if (this.#left < 0) throw wrongSize(header, "more");
    if (piece === undefined && this.#left > 0) throw wrongSize(header, `${this.#left} fewer`);
    return piece;
  }

  /** So much padding, and the next entry's header, or the end of the tar. */
  async #begin(padding: number): Promise<Uint8Array> {
    this.#entries ??= iterate(this.#source);
    const entry = await this.#step(this.#entries, () => (this.#entries = undefined));
    if (entry === undefined) {
      this.#ended = true;
      return new Uint8Array(padding + 2 * BLOCK);
    }
    // Its length tells the file's size.
    if (entry.body instanceof Uint8Array) checkBytes(entry.body);
    const header = completeHeader(entry);
    const block = encodeHeader(header);
    const bytes = new Uint8Array(padding + block.length);
    bytes.set(block, padding);
    this.#header = header;
    this.#left = header.size;
    // Whoever closed it meanwhile has not seen this body, which nobody has opened.
    const { body } = entry;
    if (!this.#ended && body)
      this.#body = iterate(body instanceof Uint8Array ? copies(body) : iterable(body, header));
    return bytes;
  }

  async #step<T>(iterator: AnyIterator<T>, forget: () => void): Promise<T | undefined> {
    try {
      const result = await iterator.next();
      if (!result.done) return result.value;
      forget();
      return undefined;
    } catch (error) {
      forget();
      throw error;
    }
  }
}

/** What is handed out is the reader's own. */
function* copies(bytes: Uint8Array): Generator<Uint8Array, undefined> {
  for (let at = 0; at < bytes.length; at += PIECE) yield bytes.slice(at, at + PIECE);
}

/** @throws {TarError} if it is something else, which a program in JavaScript may well give */
function iterable<T extends object>(body: T, header: TarHeader): T {
  if (Object(body) === body && (Symbol.asyncIterator in body || Symbol.iterator in body)) return body;
  throw new TarError(
    `the content of ${quote(header.name)} is neither a Uint8Array nor an iterable of them: give new Uint8Array(buffer), or new TextEncoder().encode(text)`,
  );
}

function iterate<T>(source: AsyncIterable<T> | Iterable<T>): AnyIterator<T> {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
}

function wrongSize(header: TarHeader, difference: string): TarError {
  return new TarError(
    `the content of ${quote(header.name)} has ${difference} bytes than the ${header.size} that its header says`,
  );
}
