import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { errorCode, orAbsent } from "./durable-file.js";
import { readOn } from "./read-on.js";

/** Bytes that are read at a time. */
const CHUNK = 256 * 1024;

/** A plain file that is open for reading. */
export interface OpenedFile {
  /** Bytes that it had when it was opened. */
  readonly size: number;
  /** Its bytes, read when they are asked for; the file is closed at their end, on an error, and on cancel. */
  readonly stream: ReadableStream<Uint8Array>;
}

/**
 * Opens a plain file. Whatever else has the name is not opened, so that a symbolic link leads nowhere and a FIFO blocks nothing.
 *
 * @returns undefined if there is nothing; `"not-plain"` if it is a link, a directory, a device, a socket or a FIFO
 */
export async function openPlainFile(path: string): Promise<OpenedFile | "not-plain" | undefined> {
  const file = await openUnlessLink(path);
  if (typeof file !== "object") return file;
  try {
    const status = await file.stat();
    if (status.isFile()) return { size: status.size, stream: streamOf(file) };
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  return "not-plain";
}

/** The status of a plain file; undefined if there is none. */
export async function plainFileStatus(path: string): Promise<{ size: number; mtimeMs: number } | undefined> {
  const status = await orAbsent(lstat(path));
  return status?.isFile() ? status : undefined;
}

/** What opening does to a device is up to the device, so it is looked at before; the flags are for one that is put there since. */
async function openUnlessLink(path: string): Promise<FileHandle | "not-plain" | undefined> {
  const status = await orAbsent(lstat(path));
  if (status === undefined) return undefined;
  if (!status.isFile()) return "not-plain";
  // Windows has neither flag.
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  try {
    return await orAbsent(open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK));
  } catch (error) {
    if (errorCode(error) === "ELOOP") return "not-plain";
    throw error;
  }
}

function streamOf(file: FileHandle): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        try {
          const bytes = await readOn(file, CHUNK);
          if (bytes.length > 0) {
            controller.enqueue(bytes);
            return;
          }
        } catch (error) {
          await file.close();
          throw error;
        }
        await file.close();
        controller.close();
      },
      cancel: () => file.close(),
    },
    { highWaterMark: 0 },
  );
}
