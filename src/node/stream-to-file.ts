import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { bytesOf } from "../bytes/index.js";
import type { CallOptions } from "../v1/index.js";
import { syncDirectory } from "./durable-file.js";

/**
 * Writes a stream into a file, such as a tarball that `tarball.write` gives. The file gets its name when it is complete and
 * on the disk: others see the old content or the new, never a part, and so it is after a power failure. Until then it is a
 * hidden file beside it, which is removed if the stream fails.
 *
 * @param path the file's; its directory must exist, and what the file was is replaced
 * @param options a signal that ends the writing, with a `ReadAbortedError`
 * @returns how many bytes the file has
 * @throws what the stream fails with, and the system's errors; the stream is cancelled
 */
export async function streamToFile(
  path: string,
  stream: ReadableStream<Uint8Array>,
  options: CallOptions = {},
): Promise<number> {
  const target = resolve(path);
  const directory = dirname(target);
  const temporary = join(directory, `.varve-${randomUUID()}`);
  const chunks = bytesOf(stream, { ...options, what: "what is written into a file" });
  let size = 0;
  try {
    const file = await open(temporary, "wx");
    try {
      for await (const chunk of chunks) {
        await file.writeFile(chunk);
        size += chunk.length;
      }
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, target);
  } catch (error) {
    // What has ended already is not troubled by it.
    await chunks.return?.().catch(() => undefined);
    await rm(temporary, { force: true });
    throw error;
  }
  await syncDirectory(directory);
  return size;
}
