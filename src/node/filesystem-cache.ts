import { lstat, readdir, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  type Cache,
  type CacheOptions,
  type CacheStorage,
  type CacheWriter,
  newCache,
  type StoredBytes,
} from "../cache/index.js";
import type { Hash } from "../v1/index.js";
import { makeDirectory, orAbsent } from "./durable-file.js";
import { OWN_PREFIX } from "./fenced-lock.js";
import { openPlainFile } from "./plain-file.js";
import { UnfinishedFile } from "./unfinished-file.js";

/** Unfinished files that nobody wrote to for this long are what a process left that was killed. */
const ABANDONED_AFTER_MILLISECONDS = 24 * 60 * 60 * 1000;

/**
 * Makes a cache in a directory, which any number of processes may share. It has no bound: remove what is old, or all of it, whenever
 * you like. Nothing is read or written here; the directory is made when something is kept.
 */
export function newFilesystemCache(directory: string, options: CacheOptions = {}): Cache {
  return newCache(new FilesystemCacheStorage(directory), options);
}

/**
 * Keeps bytes in files that are named by their hash and their number:
 *
 *     ALGORITHM/HEX/SIZE
 *     .varve-RANDOM         what is being written
 *
 * A file appears when it is complete, and one that has another size than its name says is none.
 */
export class FilesystemCacheStorage implements CacheStorage {
  readonly #directory: string;
  #isTidy = false;

  constructor(directory: string) {
    this.#directory = resolve(directory);
  }

  async open(hash: Hash): Promise<StoredBytes | undefined> {
    const directory = this.#entry(hash);
    for (const name of (await orAbsent(readdir(directory))) ?? []) {
      const opened = await openPlainFile(join(directory, name));
      if (typeof opened === "object") {
        if (String(opened.size) === name) return opened;
        await opened.stream.cancel();
      }
      if (opened !== undefined) await rm(join(directory, name), { recursive: true, force: true });
    }
    return undefined;
  }

  async create(): Promise<CacheWriter> {
    await makeDirectory(this.#directory);
    await this.#tidy();
    const file = await UnfinishedFile.create(this.#directory, OWN_PREFIX);
    let size = 0;
    return {
      write: async (bytes) => {
        await file.write(bytes);
        size += bytes.length;
        return true;
      },
      commit: (hash) => file.commit(join(this.#entry(hash), String(size))),
      discard: () => file.discard(),
    };
  }

  async remove(hash: Hash): Promise<void> {
    await rm(this.#entry(hash), { recursive: true, force: true });
  }

  #entry(hash: Hash): string {
    return join(this.#directory, hash.algorithm, hash.hex);
  }

  /** Removes, once, what killed processes left behind. */
  async #tidy(): Promise<void> {
    if (this.#isTidy) return;
    this.#isTidy = true;
    for (const name of await readdir(this.#directory)) {
      if (!name.startsWith(OWN_PREFIX)) continue;
      const path = join(this.#directory, name);
      const writtenAt = (await orAbsent(lstat(path)))?.mtimeMs ?? Date.now();
      if (Date.now() - writtenAt > ABANDONED_AFTER_MILLISECONDS) await rm(path, { force: true });
    }
  }
}
