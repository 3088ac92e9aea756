import { mkdir, readdir, readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { VarveError } from "../core/error.js";
import type { Storage } from "../registry/index.js";
import { DiskBlobs } from "./disk-blobs.js";
import { DiskManifests } from "./disk-manifests.js";
import { DiskPaths } from "./disk-paths.js";
import { DiskRepositories } from "./disk-repositories.js";
import { DiskUploads } from "./disk-uploads.js";
import { orAbsent, writeWhole } from "./durable-file.js";

/** The version of the layout that {@link DiskPaths} draws. */
const LAYOUT = 1;

/** A directory that cannot be a registry's store. Its `code` is `ERR_VARVE_DISK_STORAGE`. */
export class DiskStorageError extends VarveError {
  override readonly name = "DiskStorageError";

  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super("ERR_VARVE_DISK_STORAGE", message, options);
  }
}

/** A store in a directory. */
export interface DiskStorage extends Storage {
  /**
   * Lets another store over the directory go on with the uploads that are under way. For when the registry over this one has been closed;
   * the end of the process does the same.
   */
  close(): Promise<void>;
}

/**
 * Opens a store in a directory, which is made if it is not there and keeps everything over restarts. Every file appears under its
 * name as a whole or not at all, and lasts once a push has been answered. Uploads that are under way outlast the process, too, however it
 * ends, and the next registry over the directory goes on with them; only of one process at a time, if several have the directory open. What
 * else a killed process leaves unfinished, a later opening removes when it is a day old.
 *
 * @param directory an empty one, one that does not exist, or one that was opened before
 * @throws {DiskStorageError} if the directory cannot be used, or holds something else
 */
export async function openDiskStorage(directory: string): Promise<DiskStorage> {
  const paths = new DiskPaths(resolve(directory));
  const uploads = new DiskUploads(paths);
  try {
    await mkdir(paths.root, { recursive: true });
    await claim(paths);
    await mkdir(paths.uploads, { recursive: true });
    await mkdir(paths.repositories, { recursive: true });
    await uploads.removeAbandoned();
  } catch (cause) {
    if (cause instanceof DiskStorageError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DiskStorageError(`cannot keep a registry in ${paths.root}: ${why}`, { cause });
  }
  const repositories = new DiskRepositories(paths);
  return {
    blobs: new DiskBlobs(paths, repositories, uploads),
    manifests: new DiskManifests(paths, repositories),
    close: () => uploads.close(),
  };
}

/** Marks an empty directory as a registry's, so that no other is ever written into. */
async function claim(paths: DiskPaths): Promise<void> {
  const marker = await orAbsent(readFile(paths.marker, "utf8"));
  if (marker !== undefined) {
    if (layoutOf(marker) === LAYOUT) return;
    throw new DiskStorageError(
      `${paths.root} holds a registry in a layout that this version does not know; use the version that made it, or another directory`,
    );
  }
  if ((await readdir(paths.root)).length > 0) {
    throw new DiskStorageError(
      `${paths.root} is not empty and holds no registry; name an empty directory, or one that does not exist yet`,
    );
  }
  await writeWhole(paths.marker, `${JSON.stringify({ layout: LAYOUT })}\n`, paths.root);
}

function layoutOf(marker: string): unknown {
  try {
    return (JSON.parse(marker) as { readonly layout?: unknown } | null)?.layout;
  } catch {
    return undefined;
  }
}
