import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { PushStore } from "../remote/index.js";
import { makeDirectory, orAbsent, removeFile, syncDirectory } from "./durable-file.js";
import { LastingLock } from "./lasting-lock.js";

/** More than any push's state has: a file that is longer is another's. */
const LONGEST = 256 * 1024;

/** How often it is tried to take a lock, and how long after each other. */
const ATTEMPTS = 10;
const ATTEMPT_MILLISECONDS = 50;

/**
 * Keeps the state of resumable pushes in files, each for its owner alone (mode 0600), written as a whole, and removed when its push has ended.
 * Beside each is a file `.lock` while a push uses it, which keeps other processes out; that of a killed process is taken away by the next.
 *
 * @param directory where the files are, each named by its key; made if it is not there
 */
export function filePushStore(directory: string): PushStore {
  return new FilePushStore(
    (key) => join(directory, fileNameOf(key)),
    () => makeDirectory(directory),
  );
}

/** Keeps the state of one resumable push in one file, whatever its key, in a directory that exists; otherwise as {@link filePushStore}. */
export function singleFilePushStore(path: string): PushStore {
  return new FilePushStore(
    () => path,
    async () => undefined,
  );
}

/** Takes a lock, if it isn't held for good: a holder that was killed a moment ago takes a while to be gone. */
async function takeSoon(path: string): Promise<LastingLock | undefined> {
  for (let attempt = 1; ; attempt++) {
    const lock = await LastingLock.take(path);
    if (lock !== undefined || attempt === ATTEMPTS) return lock;
    await new Promise((resolve) => setTimeout(resolve, ATTEMPT_MILLISECONDS));
  }
}

class FilePushStore implements PushStore {
  readonly #pathOf: (key: string) => string;
  readonly #prepare: () => Promise<unknown>;
  readonly #locks: Map<string, LastingLock> = new Map();

  constructor(pathOf: (key: string) => string, prepare: () => Promise<unknown>) {
    this.#pathOf = pathOf;
    this.#prepare = prepare;
  }

  async acquire(key: string): Promise<(() => Promise<void>) | undefined> {
    const path = this.#pathOf(key);
    await this.#prepare();
    const lock = await takeSoon(`${path}.lock`);
    if (lock === undefined) return undefined;
    this.#locks.set(path, lock);
    return async () => {
      this.#locks.delete(path);
      await lock.release();
    };
  }

  async load(key: string): Promise<Uint8Array | undefined> {
    const file = await orAbsent(open(this.#pathOf(key), "r"));
    if (file === undefined) return undefined;
    try {
      const { buffer, bytesRead } = await file.read(new Uint8Array(LONGEST), 0, LONGEST, 0);
      return buffer.slice(0, bytesRead);
    } finally {
      await file.close();
    }
  }

  async save(key: string, value: Uint8Array<ArrayBuffer>): Promise<void> {
    const path = this.#pathOf(key);
    await this.#requireLock(path);
    const temporary = `${path}.${randomUUID()}`;
    try {
      const file = await open(temporary, "wx", 0o600);
      try {
        await file.writeFile(value);
        await file.datasync();
      } finally {
        await file.close();
      }
      await rename(temporary, path);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
    await syncDirectory(dirname(path));
  }

  async remove(key: string): Promise<void> {
    const path = this.#pathOf(key);
    await this.#requireLock(path);
    await removeFile(path);
  }

  /** A process that was stopped for minutes may have been taken for dead. */
  async #requireLock(path: string): Promise<void> {
    if ((await this.#locks.get(path)?.isHeld()) !== true) {
      throw new Error(
        "the lock beside the file is no longer this process's: another push, which took it for dead, goes on with the upload",
      );
    }
  }
}

/** A name that says what the key is, and leads nowhere else. */
function fileNameOf(key: string): string {
  const name = key.replace(/[^A-Za-z0-9._-]|^\./gu, (character) =>
    [...new TextEncoder().encode(character)]
      .map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`)
      .join(""),
  );
  if (name === "" || name.length > 200) {
    throw new RangeError(
      `the key of a push names a file, and must have 1 to 200 characters there; it has ${name.length}`,
    );
  }
  return name;
}
