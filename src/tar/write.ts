import { quote } from "../v1/quote.js";
import { encodeHeader } from "./encode-header.js";
import { TarError } from "./error.js";
import { BLOCK, paddingOf, type TarHeader } from "./header.js";

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

/**
 * Writes a tar: ustar, with PAX headers where they are needed. The same entries give the same bytes. It is driven by
 * the consumer's pulls: no entry, and no piece of a body, is asked for before.
 *
 * The stream fails with a {@link TarError} if an entry cannot be written or its body has not the size that was
 * announced, and otherwise with the error of the entries or the body. When it fails or is cancelled, the iterators of
 * both are ended; that isn't waited for.
 */
export function writeTar(
  entries: AsyncIterable<NewTarEntry> | Iterable<NewTarEntry>,
): ReadableStream<Uint8Array> {
  const writer = new TarWriter(entries);
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller): Promise<void> {
        try {
          const chunk = await writer.next();
          if (chunk === undefined) controller.close();
          else controller.enqueue(chunk);
        } catch (error) {
          writer.end();
          throw error;
        }
      },
      cancel: () => writer.end(),
    },
    { highWaterMark: 0 },
  );
}

/** What a complete header has where nothing is given. */
export function completeHeader({ header, body }: NewTarEntry): TarHeader {
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

class TarWriter {
  readonly #source: AsyncIterable<NewTarEntry> | Iterable<NewTarEntry>;
  #entries: AnyIterator<NewTarEntry> | undefined;
  #body: AnyIterator<Uint8Array> | undefined;
  #header: TarHeader | undefined;
  /** Bytes of the body that are still to come. */
  #left = 0;
  #closed = false;

  constructor(source: AsyncIterable<NewTarEntry> | Iterable<NewTarEntry>) {
    this.#source = source;
  }

  /** The next piece of the tar, never empty, or undefined at its end. */
  async next(): Promise<Uint8Array | undefined> {
    if (this.#closed) return undefined;
    const header = this.#header;
    if (header !== undefined) {
      const piece = await this.#piece(header);
      if (piece !== undefined) return piece;
    }
    return this.#begin(header === undefined ? 0 : paddingOf(header.size));
  }

  /** Ends what is being read, once. */
  end(): void {
    for (const iterator of [this.#body, this.#entries]) {
      // Whoever fails to end has nobody to tell; what made it end is told.
      Promise.resolve(iterator)
        .then((it) => it?.return?.())
        .catch(() => {});
    }
    this.#body = this.#entries = undefined;
    this.#closed = true;
  }

  async #piece(header: TarHeader): Promise<Uint8Array | undefined> {
    for (;;) {
      const result = await this.#body?.next();
      if (this.#closed) return undefined;
      if (result === undefined || result.done) break;
      this.#left -= result.value.length;
      if (this.#left < 0) throw wrongSize(header, "more");
      if (result.value.length > 0) return result.value;
    }
    this.#body = undefined;
    this.#header = undefined;
    if (this.#left > 0) throw wrongSize(header, `${this.#left} fewer`);
    return undefined;
  }

  /** So much padding, and the next entry's header, or the end of the tar. */
  async #begin(padding: number): Promise<Uint8Array | undefined> {
    this.#entries ??= iterate(this.#source);
    const result = await this.#entries.next();
    if (this.#closed) return undefined;
    if (result.done) {
      this.#entries = undefined;
      this.#closed = true;
      return new Uint8Array(padding + 2 * BLOCK);
    }
    const entry = result.value;
    const header = completeHeader(entry);
    const block = encodeHeader(header);
    const bytes = new Uint8Array(padding + block.length);
    bytes.set(block, padding);
    this.#header = header;
    this.#left = header.size;
    this.#body = entry.body && iterate(entry.body instanceof Uint8Array ? [entry.body] : entry.body);
    return bytes;
  }
}

function iterate<T>(source: AsyncIterable<T> | Iterable<T>): AnyIterator<T> {
  return Symbol.asyncIterator in source ? source[Symbol.asyncIterator]() : source[Symbol.iterator]();
}

function wrongSize(header: TarHeader, difference: string): TarError {
  return new TarError(
    `the content of ${quote(header.name)} has ${difference} bytes than the ${header.size} that its header says`,
  );
}
