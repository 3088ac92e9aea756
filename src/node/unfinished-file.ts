import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { makeDirectory, syncDirectory } from "./durable-file.js";

/**
 * A file that others see only when it is complete. It is written under a name of its own, synced, and then renamed, so that it is
 * there as a whole, also after a power failure, or not at all.
 */
export class UnfinishedFile {
  readonly #path: string;
  readonly #file: FileHandle;
  #open = true;
  #finished = false;

  private constructor(path: string, file: FileHandle) {
    this.#path = path;
    this.#file = file;
  }

  /**
   * @param directory where it is while it is incomplete, on the file system where it will be
   * @param prefix what its name begins with
   */
  static async create(directory: string, prefix: string): Promise<UnfinishedFile> {
    const path = join(directory, `${prefix}${randomUUID()}`);
    return new UnfinishedFile(path, await open(path, "wx"));
  }

  async write(bytes: Uint8Array): Promise<void> {
    for (let written = 0; written < bytes.length; ) {
      written += (await this.#file.write(bytes, written)).bytesWritten;
    }
  }

  /** Gives the file its name, in place of a file that had it before. */
  async commit(path: string): Promise<void> {
    await this.#file.datasync();
    await this.#close();
    await makeDirectory(dirname(path));
    await rename(this.#path, path);
    this.#finished = true;
    await syncDirectory(dirname(path));
  }

  /** Removes the file, unless it has been committed. It may be called more than once. */
  async discard(): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    try {
      await this.#close();
    } finally {
      await rm(this.#path, { force: true });
    }
  }

  async #close(): Promise<void> {
    if (!this.#open) return;
    this.#open = false;
    await this.#file.close();
  }
}
