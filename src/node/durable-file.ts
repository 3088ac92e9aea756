import { randomUUID } from "node:crypto";
import { access, mkdir, open, rename, rm, unlink } from "node:fs/promises";
import { dirname, join } from "node:path";
import { StorageFullError } from "../registry/index.js";

/** Makes a directory and what leads to it, so that it is there after a power failure. */
export async function makeDirectory(path: string): Promise<void> {
  const first = await mkdir(path, { recursive: true });
  if (first === undefined) return;
  for (let made = path; made.length >= first.length; made = dirname(made)) await syncDirectory(dirname(made));
}

/**
 * Writes a file as a whole: others see the old content or the new, never a part, and it is there after a power failure.
 *
 * @param scratch a directory on the same file system, for the file while it is incomplete
 * @throws {StorageFullError} if there is no room
 */
export async function writeWhole(path: string, content: Uint8Array | string, scratch: string): Promise<void> {
  const temporary = join(scratch, randomUUID());
  try {
    const file = await open(temporary, "wx");
    try {
      await file.writeFile(content);
      await file.datasync();
    } finally {
      await file.close();
    }
    await makeDirectory(dirname(path));
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw storageError(error);
  }
  await syncDirectory(dirname(path));
}

/** Removes a file; false if there was none. */
export async function removeFile(path: string): Promise<boolean> {
  return (await orAbsent(unlink(path).then(() => true))) ?? false;
}

/** Makes what was created, renamed or removed in the directory last; where the system cannot, it is left to the system. */
export async function syncDirectory(path: string): Promise<void> {
  if (process.platform === "win32") return;
  const directory = await open(path, "r");
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

/** The outcome of a file operation, or undefined if it failed because the file is not there. */
export async function orAbsent<T>(operation: Promise<T>): Promise<T | undefined> {
  try {
    return await operation;
  } catch (error) {
    if (errorCode(error) === "ENOENT") return undefined;
    throw error;
  }
}

/** Whether there is a file or directory of this name. */
export async function isThere(path: string): Promise<boolean> {
  return (await orAbsent(access(path).then(() => true))) ?? false;
}

/** The error as a {@link StorageFullError} if it says that there is no room; otherwise itself. */
export function storageError(error: unknown): unknown {
  if (!["ENOSPC", "EDQUOT", "EFBIG"].includes(errorCode(error) ?? "")) return error;
  return new StorageFullError(
    "the registry's disk is full; delete something or use a directory with more room",
    {
      cause: error,
    },
  );
}

/** The system's name for what went wrong, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
