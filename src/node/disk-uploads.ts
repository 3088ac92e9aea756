import { randomUUID } from "node:crypto";
import { readdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { UploadLeft, UploadRecord } from "../registry/index.js";
import type { DiskPaths } from "./disk-paths.js";
import { orAbsent, removeFile, storageError } from "./durable-file.js";
import { LastingLock } from "./lasting-lock.js";
import { UploadFile } from "./upload-file.js";

/** Unfinished files that nobody wrote to for this long are what a process left that was killed. */
const ABANDONED_AFTER = 24 * 60 * 60 * 1000;

/** What the name of a record ends with; before that is the upload's id, which is the name of its bytes. */
const RECORD = ".session";

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An upload that was left, and its file. */
export interface FileLeft extends Omit<UploadLeft, "upload"> {
  readonly file: UploadFile;
}

/**
 * The uploads that are under way in a store on disk. One process at a time keeps records of its uploads, and goes on with those that are
 * recorded: whoever holds the lock. Those of any other process end with it.
 */
export class DiskUploads {
  readonly #paths: DiskPaths;
  #lock: LastingLock | undefined;
  #owning: Promise<LastingLock | undefined> | undefined;
  /** The lock under which uploads that were left have been told of. */
  #toldUnder: LastingLock | undefined;
  #closed = false;

  constructor(paths: DiskPaths) {
    this.#paths = paths;
  }

  /** Begins an upload, with a record of it if one is given and this process is the one that keeps them. */
  async begin(record: UploadRecord | undefined): Promise<UploadFile> {
    const lock = record === undefined ? undefined : await this.#own();
    const isKept = record !== undefined && lock !== undefined;
    const file = isKept ? this.#recorded(record.id, lock) : new UploadFile(this.#path(randomUUID()));
    try {
      if (isKept) await writeFile(this.#path(record.id + RECORD), describe(record), { flag: "wx" });
      await file.create();
    } catch (error) {
      await file.remove().catch(() => {});
      throw storageError(error);
    }
    return file;
  }

  /** The uploads that are on record, once while the lock is held; none if another process keeps them. */
  async left(): Promise<FileLeft[]> {
    const lock = await this.#own();
    if (lock === undefined || lock === this.#toldUnder) return [];
    this.#toldUnder = lock;
    try {
      return await this.#list(lock);
    } catch (error) {
      this.#toldUnder = undefined;
      throw error;
    }
  }

  /** Removes files that a killed process has left and nobody can go on with. */
  async removeAbandoned(): Promise<void> {
    const names = new Set(await readdir(this.#paths.uploads));
    for (const name of names) {
      if (name.endsWith(RECORD) || names.has(name + RECORD)) continue;
      const path = this.#path(name);
      const written = (await orAbsent(stat(path)))?.mtimeMs ?? Date.now();
      if (Date.now() - written > ABANDONED_AFTER) await removeFile(path);
    }
  }

  /** Lets another process go on with what is on record. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#owning?.catch(() => {});
    await this.#lock?.release();
  }

  /** The lock, if this process has it or can have it. */
  async #own(): Promise<LastingLock | undefined> {
    if (this.#closed) return undefined;
    this.#owning ??= this.#holdLock().finally(() => {
      this.#owning = undefined;
    });
    return this.#owning;
  }

  async #holdLock(): Promise<LastingLock | undefined> {
    if (await this.#lock?.isHeld()) return this.#lock;
    await this.#lock?.release();
    this.#lock = await LastingLock.take(this.#paths.uploadsLock);
    return this.#lock;
  }

  async #list(lock: LastingLock): Promise<FileLeft[]> {
    const left: FileLeft[] = [];
    for (const name of await readdir(this.#paths.uploads)) {
      const id = name.endsWith(RECORD) ? name.slice(0, -RECORD.length) : "";
      const found = UUID.test(id) ? await this.#find(id, lock) : undefined;
      if (found !== undefined) left.push(found);
    }
    return left;
  }

  /** What is on record under an id. A record that says nothing, or whose bytes are not there, is what a crash left, and is removed. */
  async #find(id: string, lock: LastingLock): Promise<FileLeft | undefined> {
    const file = this.#recorded(id, lock);
    const said = parse(await orAbsent(readFile(this.#path(id + RECORD), "utf8")));
    const status = await orAbsent(stat(file.path));
    if (said === undefined || status === undefined) {
      await file.remove();
      return undefined;
    }
    return { id, ...said, file, size: status.size, lastUsed: status.mtimeMs };
  }

  #recorded(id: string, lock: LastingLock): UploadFile {
    return new UploadFile(this.#path(id), { record: this.#path(id + RECORD), lock });
  }

  #path(name: string): string {
    return join(this.#paths.uploads, name);
  }
}

function describe({ repository, algorithm }: UploadRecord): string {
  return JSON.stringify({ repository, algorithm });
}

function parse(text = ""): Omit<UploadRecord, "id"> | undefined {
  try {
    const { repository, algorithm } = JSON.parse(text) as Partial<Record<keyof UploadRecord, unknown>>;
    if (typeof repository === "string" && typeof algorithm === "string") return { repository, algorithm };
  } catch {
    return undefined;
  }
  return undefined;
}
