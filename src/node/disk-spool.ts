import { randomUUID } from "node:crypto";
import { type FileHandle, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Spool } from "../stream/index.js";
import { readOn } from "./read-on.js";

/** Bytes that are read at once. */
const PIECE = 256 * 1024;

export interface DiskSpoolOptions {
  /** Where the temporary file is; the directory must exist. Default: the system's for temporary files. */
  readonly directory?: string | undefined;
}

/**
 * A spool in a temporary file, for one layer. The file is made when the first bytes come, for its owner alone (mode
 * 0600), and removed when the layer fails, is closed, or is disposed of: a layer that was read and is never closed
 * leaves it behind, so say `await using layer = ...`, or close it. A layer whose file cannot be written, for
 * lack of room for instance, fails with a `SpoolError` whose cause is the system's error.
 */
export function diskSpool(options: DiskSpoolOptions = {}): Spool {
  return new DiskSpool(join(options.directory ?? tmpdir(), `varve-spool-${randomUUID()}`));
}

class DiskSpool implements Spool {
  readonly #path: string;
  #file: FileHandle | undefined;
  #size = 0;
  #removed = false;
  /** The write that is under way. */
  #writing: Promise<void> = Promise.resolve();

  constructor(path: string) {
    this.#path = path;
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#removed) throw goneError();
    const writing = this.#append(bytes);
    this.#writing = writing.catch(() => {});
    await writing;
  }

  async #append(bytes: Uint8Array): Promise<void> {
    this.#file ??= await open(this.#path, "wx+", 0o600);
    for (let written = 0; written < bytes.length; ) {
      const result = await this.#file.write(bytes, written, bytes.length - written, this.#size);
      written += result.bytesWritten;
      this.#size += result.bytesWritten;
    }
  }

  async *read(): AsyncGenerator<Uint8Array> {
    for (let position = 0; position < this.#size; ) {
      // A file that became shorter gives nothing, which the layer's digest tells.
      const bytes = await readOn(this.#opened(), Math.min(PIECE, this.#size - position), position);
      if (bytes.length === 0) return;
      position += bytes.length;
      yield bytes;
    }
  }

  async remove(): Promise<void> {
    if (this.#removed) return;
    this.#removed = true;
    await this.#writing;
    const file = this.#file;
    if (file === undefined) return;
    this.#file = undefined;
    try {
      await file.close();
    } finally {
      await rm(this.#path, { force: true });
    }
  }

  #opened(): FileHandle {
    if (this.#file === undefined) throw goneError();
    return this.#file;
  }
}

function goneError(): Error {
  return new Error("the temporary file of the layer was removed");
}
