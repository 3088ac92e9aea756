import { constants, open } from "node:fs/promises";
import { removeFile, storageError } from "./durable-file.js";
import type { LastingLock } from "./lasting-lock.js";
import { readOn } from "./read-on.js";

/** Bytes that are read from a file at a time. */
const CHUNK = 256 * 1024;

/** For appending to a file that is there; what was removed is not made again. */
const APPEND = constants.O_WRONLY | constants.O_APPEND;

/** What keeps an upload beyond the end of its process. */
export interface Keeping {
  /** The file that says what the upload is. */
  readonly record: string;
  /** While it is held, no other process goes on with the upload. */
  readonly lock: LastingLock;
}

/** The bytes of an upload that is under way: a file whose length is how far it has come. */
export class UploadFile {
  readonly path: string;
  readonly #keeping: Keeping | undefined;

  /** @param keeping left out for an upload that ends with this process */
  constructor(path: string, keeping?: Keeping) {
    this.path = path;
    this.#keeping = keeping;
  }

  get isKept(): boolean {
    return this.#keeping !== undefined;
  }

  async create(): Promise<void> {
    await (await open(this.path, "wx")).close();
  }

  async append(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#requireOwn();
    const file = await open(this.path, APPEND);
    try {
      for await (const chunk of chunks) {
        await file.appendFile(chunk).catch((error: unknown) => {
          throw storageError(error);
        });
      }
    } finally {
      await file.close();
    }
  }

  async *read(): AsyncGenerator<Uint8Array, void, undefined> {
    const file = await open(this.path, "r");
    try {
      for (;;) {
        const bytes = await readOn(file, CHUNK);
        if (bytes.length === 0) return;
        yield bytes;
      }
    } finally {
      await file.close();
    }
  }

  /** Has the bytes outlast a power failure. */
  async sync(): Promise<void> {
    await this.#requireOwn();
    const file = await open(this.path, "r+");
    try {
      await file.datasync();
    } finally {
      await file.close();
    }
  }

  /** Removes what says that the upload is under way, when its bytes have become a blob. */
  async forget(): Promise<void> {
    if (this.#keeping !== undefined) await removeFile(this.#keeping.record);
  }

  /** Removes the bytes, and then what says that there are any: what is left by a crash in between is known to be void. */
  async remove(): Promise<void> {
    if (this.#keeping !== undefined && !(await this.#keeping.lock.isHeld())) return;
    await removeFile(this.path);
    await this.forget();
  }

  /** @throws {Error} if another process has taken the upload over, because this one stood still for minutes */
  async #requireOwn(): Promise<void> {
    if (this.#keeping === undefined || (await this.#keeping.lock.isHeld())) return;
    throw new Error(`another process goes on with the uploads of this registry, and so with ${this.path}`);
  }
}
