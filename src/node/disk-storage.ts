import { mkdir, readdir, readFile, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { VarveError } from "../core/error.js";
import type { Storage } from "../registry/index.js";
import { DiskBlobs } from "./disk-blobs.js";
import { DiskLayout } from "./disk-layout.js";
import { DiskManifests } from "./disk-manifests.js";
import { DiskRepositories } from "./disk-repositories.js";
import { orAbsent, removeFile, writeWhole } from "./durable-file.js";

/** The version of the layout that {@link DiskLayout} draws. */
const LAYOUT = 1;

/** Unfinished files that nobody wrote to for this long are what a process left that was killed. */
const ABANDONED_AFTER = 24 * 60 * 60 * 1000;

/** A directory that cannot be a registry's store. Its `code` is `ERR_VARVE_DISK_STORAGE`. */
export class DiskStorageError extends VarveError {
  override readonly name = "DiskStorageError";

  constructor(message: string, options: { readonly cause?: unknown } = {}) {
    super("ERR_VARVE_DISK_STORAGE", message, options);
  }
}

/**
 * Opens a store in a directory, which is made if it is not there and keeps everything over restarts. Every file appears under its
 * name as a whole or not at all, and lasts once a push has been answered; a process that is killed leaves at most unfinished
 * uploads, which a later opening removes when they are a day old.
 *
 * @param directory an empty one, one that does not exist, or one that was opened before
 * @throws {DiskStorageError} if the directory cannot be used, or holds something else
 */
export async function openDiskStorage(directory: string): Promise<Storage> {
  const layout = new DiskLayout(resolve(directory));
  try {
    await mkdir(layout.root, { recursive: true });
    await claim(layout);
    await mkdir(layout.uploads, { recursive: true });
    await mkdir(layout.repositories, { recursive: true });
    await removeAbandoned(layout.uploads);
  } catch (cause) {
    if (cause instanceof DiskStorageError) throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DiskStorageError(`cannot keep a registry in ${layout.root}: ${why}`, { cause });
  }
  const repositories = new DiskRepositories(layout);
  return {
    blobs: new DiskBlobs(layout, repositories),
    manifests: new DiskManifests(layout, repositories),
  };
}

/** Marks an empty directory as a registry's, so that no other is ever written into. */
async function claim(layout: DiskLayout): Promise<void> {
  const marker = await orAbsent(readFile(layout.marker, "utf8"));
  if (marker !== undefined) {
    if (layoutOf(marker) === LAYOUT) return;
    throw new DiskStorageError(
      `${layout.root} holds a registry in a layout that this version does not know; use the version that made it, or another directory`,
    );
  }
  if ((await readdir(layout.root)).length > 0) {
    throw new DiskStorageError(
      `${layout.root} is not empty and holds no registry; name an empty directory, or one that does not exist yet`,
    );
  }
  await writeWhole(layout.marker, `${JSON.stringify({ layout: LAYOUT })}\n`, layout.root);
}

function layoutOf(marker: string): unknown {
  try {
    return (JSON.parse(marker) as { readonly layout?: unknown } | null)?.layout;
  } catch {
    return undefined;
  }
}

async function removeAbandoned(uploads: string): Promise<void> {
  for (const name of await readdir(uploads)) {
    const path = join(uploads, name);
    const written = (await orAbsent(stat(path)))?.mtimeMs ?? Date.now();
    if (Date.now() - written > ABANDONED_AFTER) await removeFile(path);
  }
}
