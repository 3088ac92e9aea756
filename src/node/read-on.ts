import type { FileHandle } from "node:fs/promises";

/**
 * Reads from a file into a buffer of its own.
 *
 * @param most how many bytes at most, 1 or more
 * @param position where; by default where the file stands, which moves on
 * @returns no bytes at the file's end
 */
export async function readOn(
  file: FileHandle,
  most: number,
  position: number | null = null,
): Promise<Uint8Array<ArrayBuffer>> {
  // Node 20.0 reads nothing, as at the end, unless it is told how much.
  const { bytesRead, buffer } = await file.read(new Uint8Array(most), 0, most, position);
  return buffer.subarray(0, bytesRead);
}
