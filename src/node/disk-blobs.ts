import { type FileHandle, open, readdir, rename, stat } from "node:fs/promises";
import { dirname } from "node:path";
import type { BlobStore, BlobUpload, ByteRange, UploadLeft, UploadRecord } from "../registry/index.js";
import type { Hash } from "../v1/index.js";
import type { DiskPaths } from "./disk-paths.js";
import type { DiskRepositories } from "./disk-repositories.js";
import type { DiskUploads } from "./disk-uploads.js";
import {
  isThere,
  makeDirectory,
  orAbsent,
  removeFile,
  storageError,
  syncDirectory,
  writeWhole,
} from "./durable-file.js";
import { KeyedLock } from "./keyed-lock.js";
import { readOn } from "./read-on.js";
import type { UploadFile } from "./upload-file.js";

/** Bytes that are read from a file at a time. */
const CHUNK = 256 * 1024;

/** The blobs of a store on disk. */
export class DiskBlobs implements BlobStore {
  readonly #paths: DiskPaths;
  readonly #repositories: DiskRepositories;
  readonly #uploads: DiskUploads;
  /** Held by whatever adds or removes a holder of a digest, so that bytes are not removed while someone begins to hold them. */
  readonly #holders = new KeyedLock();

  constructor(paths: DiskPaths, repositories: DiskRepositories, uploads: DiskUploads) {
    this.#paths = paths;
    this.#repositories = repositories;
    this.#uploads = uploads;
  }

  async beginUpload(record?: UploadRecord): Promise<BlobUpload> {
    return this.#uploadTo(await this.#uploads.begin(record));
  }

  async uploadsLeft(): Promise<readonly UploadLeft[]> {
    const left = await this.#uploads.left();
    return left.map(({ file, ...rest }) => ({ ...rest, upload: this.#uploadTo(file) }));
  }

  async size(repository: string, digest: Hash): Promise<number | undefined> {
    if (!(await this.#isHeld(repository, digest))) return undefined;
    return (await orAbsent(stat(this.#paths.blob(digest))))?.size;
  }

  async open(
    repository: string,
    digest: Hash,
    range?: ByteRange,
  ): Promise<ReadableStream<Uint8Array> | undefined> {
    if (!(await this.#isHeld(repository, digest))) return undefined;
    const file = await orAbsent(open(this.#paths.blob(digest), "r"));
    if (file === undefined) return undefined;
    if (range !== undefined) return streamOf(file, range.first, range.last + 1);
    try {
      return streamOf(file, 0, (await file.stat()).size);
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  mount(digest: Hash, from: string | undefined, to: string): Promise<boolean> {
    return this.#holders.run(String(digest), async () => {
      const isHeld = from === undefined ? this.#isHeldAnywhere(digest) : this.#isHeld(from, digest);
      if (!(await isHeld) || !(await isThere(this.#paths.blob(digest)))) return false;
      await this.#hold(to, digest);
      return true;
    });
  }

  delete(repository: string, digest: Hash): Promise<boolean> {
    return this.#holders.run(String(digest), async () => {
      const existed = (await this.size(repository, digest)) !== undefined;
      await removeFile(this.#paths.held(repository, digest));
      if (existed && !(await this.#isHeldAnywhere(digest))) await removeFile(this.#paths.blob(digest));
      return existed;
    });
  }

  #uploadTo(file: UploadFile): BlobUpload {
    return {
      isKept: file.isKept,
      append: (chunks) => file.append(chunks),
      read: () => file.read(),
      commit: (repository, digest) => this.#commit(file, repository, digest),
      discard: () => file.remove(),
    };
  }

  /**
   * The mark of the holder is written before the bytes have their name, so that no crash leaves bytes that nobody holds; a mark
   * without bytes is as good as none.
   */
  async #commit(upload: UploadFile, repository: string, digest: Hash): Promise<void> {
    try {
      await upload.sync();
      await this.#holders.run(String(digest), async () => {
        await this.#hold(repository, digest);
        const path = this.#paths.blob(digest);
        await makeDirectory(dirname(path));
        await rename(upload.path, path);
        await syncDirectory(dirname(path));
      });
      await upload.forget();
    } catch (error) {
      throw storageError(error);
    }
  }

  async #hold(repository: string, digest: Hash): Promise<void> {
    if (await this.#isHeld(repository, digest)) return;
    await this.#repositories.add(repository);
    await writeWhole(this.#paths.held(repository, digest), "", this.#paths.uploads);
  }

  #isHeld(repository: string, digest: Hash): Promise<boolean> {
    return isThere(this.#paths.held(repository, digest));
  }

  async #isHeldAnywhere(digest: Hash): Promise<boolean> {
    for (const directory of await readdir(this.#paths.repositories)) {
      if (await isThere(this.#paths.heldIn(directory, digest))) return true;
    }
    return false;
  }
}

/**
 * The file's bytes from `start` to before `end`, read when they are asked for. The file is closed at the end, on an error and on
 * cancel.
 */
function streamOf(file: FileHandle, start: number, end: number): ReadableStream<Uint8Array> {
  let position = start;
  const next = async (): Promise<Uint8Array | undefined> => {
    const length = Math.min(CHUNK, end - position);
    if (length === 0) return undefined;
    const bytes = await readOn(file, length, position);
    if (bytes.length === 0) throw new Error(`the blob's file ends at byte ${position}, before ${end}`);
    position += bytes.length;
    return bytes;
  };
  return new ReadableStream(
    {
      async pull(controller) {
        const chunk = await next().catch(async (error: unknown) => {
          await file.close();
          throw error;
        });
        if (chunk !== undefined) {
          controller.enqueue(chunk);
          return;
        }
        await file.close();
        controller.close();
      },
      async cancel() {
        await file.close();
      },
    },
    { highWaterMark: 0 },
  );
}
