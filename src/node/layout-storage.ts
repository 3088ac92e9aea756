import type { Dirent } from "node:fs";
import { lstat, open, readdir, rename, rm, utimes } from "node:fs/promises";
import { join, resolve } from "node:path";
import {
  type BlobStatus,
  type BlobWriter,
  LayoutError,
  type LayoutFile,
  type LayoutStorage,
  type RemoveOptions,
  type StoredFile,
} from "../layout/index.js";
import { type CallOptions, Hash } from "../v1/index.js";
import { errorCode, makeDirectory, orAbsent, removeFile, syncDirectory } from "./durable-file.js";
import { isStillHeld, OWN_PREFIX, runFenced } from "./fenced-lock.js";
import { LayoutDiskError } from "./layout-disk-error.js";
import { openPlainFile, plainFileStatus } from "./plain-file.js";
import { UnfinishedFile } from "./unfinished-file.js";

/**
 * A layout in a directory, as the OCI image-spec has it. What is not complete is beside it, under names that begin with `.varve-`, and
 * goes when it is complete or given up:
 *
 *     index.json
 *     oci-layout
 *     blobs/ALGORITHM/HEX
 *     .varve-RANDOM            a blob that is being written
 *     .varve-lock              held while index.json is replaced
 *
 * Files are named by digests alone, and what isn't a plain file, such as a symbolic link, is neither read nor written through.
 */
export class DiskLayoutStorage implements LayoutStorage {
  readonly name: string;

  /** @param directory made when something is written, if it isn't there */
  constructor(directory: string) {
    this.name = resolve(directory);
  }

  open(entry: LayoutFile | Hash, { signal }: CallOptions = {}): Promise<StoredFile | undefined> {
    return this.#attempt("read", async () => {
      signal?.throwIfAborted();
      const path = await this.#existing(entry);
      return path === undefined ? undefined : this.#open(path);
    });
  }

  update(
    file: LayoutFile,
    change: (current: StoredFile | undefined) => Promise<Uint8Array | undefined>,
    { signal }: CallOptions = {},
  ): Promise<void> {
    return this.#attempt("write", async () => {
      signal?.throwIfAborted();
      await makeDirectory(file === "oci-layout" ? join(this.name, "blobs") : this.name);
      const path = join(this.name, file);
      const isChanged = await runFenced(
        this.name,
        async (workspace) => {
          const bytes = await this.#changed(path, change);
          if (bytes === undefined) return false;
          const fresh = join(workspace, file);
          await writeSynced(fresh, bytes);
          await rename(fresh, path);
          return true;
        },
        signal,
      );
      if (isChanged) await syncDirectory(this.name);
    });
  }

  stat(blob: Hash): Promise<BlobStatus | undefined> {
    return this.#attempt("read", async () => {
      const path = await this.#existing(blob);
      const status = path === undefined ? undefined : await plainFileStatus(path);
      return status && { size: status.size, writtenAt: status.mtimeMs };
    });
  }

  create({ signal }: CallOptions = {}): Promise<BlobWriter> {
    return this.#attempt("write", async () => {
      signal?.throwIfAborted();
      await makeDirectory(this.name);
      const file = await UnfinishedFile.create(this.name, OWN_PREFIX);
      return {
        write: (bytes) => this.#attempt("write", () => file.write(bytes)),
        commit: (digest) =>
          this.#attempt("write", async () => {
            await this.#existing(digest);
            await file.commit(this.#path(digest));
          }),
        discard: () => this.#attempt("write", () => file.discard()),
      };
    });
  }

  renew(blob: Hash, { signal }: CallOptions = {}): Promise<boolean> {
    return this.#attempt("write", async () => {
      const path = await this.#existing(blob);
      if (path === undefined) return false;
      return runFenced(
        this.name,
        async (workspace) => {
          if ((await plainFileStatus(path)) === undefined) return false;
          const now = new Date();
          if ((await orAbsent(utimes(path, now, now).then(() => true))) === undefined) return false;
          if (!(await isStillHeld(workspace))) throw new Error("the lock was lost");
          return true;
        },
        signal,
      );
    });
  }

  remove(blob: Hash, { writtenBefore, signal }: RemoveOptions = {}): Promise<boolean> {
    return this.#attempt("write", async () => {
      const path = await this.#existing(blob);
      if (path === undefined) return false;
      if (writtenBefore === undefined) return removeFile(path);
      return runFenced(
        this.name,
        async (workspace) => {
          const status = await orAbsent(lstat(path));
          if (status === undefined || status.isDirectory() || status.mtimeMs >= writtenBefore) return false;
          await rename(path, join(workspace, blob.hex));
          return true;
        },
        signal,
      );
    });
  }

  async *blobs({ signal }: CallOptions = {}): AsyncGenerator<Hash, void, undefined> {
    for (const algorithm of ["sha256", "sha512"]) {
      for (const entry of await this.#attempt("read", () => this.#list(algorithm))) {
        signal?.throwIfAborted();
        const hash = entry.isDirectory() ? undefined : hashOf(algorithm, entry.name);
        if (hash !== undefined) yield hash;
      }
    }
  }

  removeUnfinished(before: number): Promise<void> {
    return this.#attempt("write", async () => {
      for (const name of (await orAbsent(readdir(this.name))) ?? []) {
        // A lock whose holder is dead is the next one's to break.
        if (!name.startsWith(OWN_PREFIX) || name === `${OWN_PREFIX}lock`) continue;
        const path = join(this.name, name);
        const status = await orAbsent(lstat(path));
        if (status !== undefined && status.mtimeMs < before) await rm(path, { recursive: true, force: true });
      }
    });
  }

  /** What the change makes of a file, which is closed afterwards whether it was read or not. */
  async #changed(
    path: string,
    change: (current: StoredFile | undefined) => Promise<Uint8Array | undefined>,
  ): Promise<Uint8Array | undefined> {
    const current = await this.#open(path);
    try {
      return await change(current);
    } finally {
      await current?.stream.cancel().catch(() => {});
    }
  }

  async #open(path: string): Promise<StoredFile | undefined> {
    const opened = await openPlainFile(path);
    if (opened === "not-plain") {
      throw new LayoutError(
        `${path} is not a plain file, so it is not read: a layout holds neither symbolic links nor devices`,
      );
    }
    return opened;
  }

  async #list(algorithm: string): Promise<Dirent[]> {
    const directory = join(this.name, "blobs", algorithm);
    if (!(await this.#areDirectories(algorithm))) return [];
    return (await orAbsent(readdir(directory, { withFileTypes: true }))) ?? [];
  }

  /** The path of what may be there; undefined if it can't be, for its directory is not there. */
  async #existing(entry: LayoutFile | Hash): Promise<string | undefined> {
    if (typeof entry === "string") return join(this.name, entry);
    return (await this.#areDirectories(entry.algorithm)) ? this.#path(entry) : undefined;
  }

  #path(blob: Hash): string {
    return join(this.name, "blobs", blob.algorithm, blob.hex);
  }

  /**
   * Whether the directory of the blobs is there. A link in its place would lead out of the layout.
   *
   * @throws {LayoutError} if something else is
   */
  async #areDirectories(algorithm: string): Promise<boolean> {
    for (const path of [join(this.name, "blobs"), join(this.name, "blobs", algorithm)]) {
      const status = await orAbsent(lstat(path));
      if (status === undefined) return false;
      if (!status.isDirectory()) {
        throw new LayoutError(`${path} is not a directory, so no blob is read from it or written there`);
      }
    }
    return true;
  }

  async #attempt<T>(action: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (error instanceof Error && "syscall" in error && errorCode(error) !== undefined) {
        throw new LayoutDiskError(action, this.name, error);
      }
      throw error;
    }
  }
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const file = await open(path, "wx");
  try {
    await file.writeFile(bytes);
    await file.datasync();
  } finally {
    await file.close();
  }
}

function hashOf(algorithm: string, hex: string): Hash | undefined {
  try {
    return new Hash(algorithm, hex);
  } catch {
    return undefined;
  }
}
