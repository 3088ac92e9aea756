import { type FileHandle, open } from "node:fs/promises";
import { type ChunkSource, readableOf } from "../bytes/index.js";
import type { Opener } from "../tarball/index.js";
import { readOn } from "./read-on.js";

/** Bytes that are read from a file at a time. */
const CHUNK = 256 * 1024;

/**
 * Opens a file, from its beginning each time: for `tarball.image` and `tarball.layerFromOpener`. The file is opened when the
 * stream is first read, and closed at its end, when it fails, and when it is cancelled; what is wrong with the file, such as
 * that there is none, the stream fails with, as the system's error.
 */
export function fileOpener(path: string): Opener {
  return (options) => readableOf(new FileSource(path), { ...options, what: "a file" });
}

class FileSource implements ChunkSource {
  readonly #path: string;
  #file: FileHandle | undefined;
  #closed = false;

  constructor(path: string) {
    this.#path = path;
  }

  async next(): Promise<Uint8Array | undefined> {
    this.#file ??= await this.#open();
    const bytes = await readOn(this.#file, CHUNK);
    return bytes.length === 0 ? undefined : bytes;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#file?.close();
  }

  async #open(): Promise<FileHandle> {
    const file = await open(this.#path, "r");
    if (this.#closed) {
      await file.close();
      throw new Error("the file was closed while it was being opened");
    }
    return file;
  }
}
