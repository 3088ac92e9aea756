import { type ChunkSource, readableOf } from "../bytes/index.js";
import { readTar } from "../tar/index.js";
import type { ReadOptions } from "../v1/index.js";
import { quote } from "../v1/quote.js";
import { TarballError } from "./error.js";
import { type Opener, openedBy } from "./opener.js";
import { cleanName } from "./path.js";

/** Where a file is in an archive. */
export interface FilePlace {
  /** Cleaned. */
  readonly name: string;
  /** How many entries stand before it. */
  readonly ordinal: number;
  /** Bytes. */
  readonly size: number;
}

/**
 * Opens a file of an archive, by opening the archive when the consumer first asks, and reading on until there. The archive is
 * cancelled at the file's end.
 */
export function openFile(opener: Opener, place: FilePlace, options: ReadOptions): ReadableStream<Uint8Array> {
  return readableOf(new FileSource(opener, place), {
    ...options,
    what: `the file ${quote(place.name)} of a tarball`,
  });
}

class FileSource implements ChunkSource {
  readonly #opener: Opener;
  readonly #place: FilePlace;
  readonly #controller = new AbortController();
  #chunks: AsyncIterator<Uint8Array> | undefined;

  constructor(opener: Opener, place: FilePlace) {
    this.#opener = opener;
    this.#place = place;
  }

  async next(): Promise<Uint8Array | undefined> {
    this.#chunks ??= (await this.#find())[Symbol.asyncIterator]();
    const { done, value } = await this.#chunks.next();
    return done ? undefined : value;
  }

  async close(reason: unknown): Promise<void> {
    // Whatever is going on follows this signal: the opening, the search, or the reading.
    this.#controller.abort(reason);
  }

  async #find(): Promise<AsyncIterable<Uint8Array>> {
    const { signal } = this.#controller;
    const archive = await openedBy(this.#opener, { signal });
    let ordinal = 0;
    for await (const { header, body } of keepOpen(readTar(archive, { signal }))) {
      if (ordinal++ < this.#place.ordinal) continue;
      if (cleanName(header.name) === this.#place.name && header.size === this.#place.size) return body;
      break;
    }
    throw new TarballError(
      `the file ${quote(this.#place.name)} is no longer where it was: the tarball was changed while it was being read, or its opener doesn't give the same bytes each time`,
    );
  }
}

/** Leaving a loop over it early does not end the iterator. */
function keepOpen<T>(iterator: AsyncIterator<T>): AsyncIterable<T> {
  return { [Symbol.asyncIterator]: () => ({ next: () => iterator.next() }) };
}
