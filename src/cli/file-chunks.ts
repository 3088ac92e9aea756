import type { Descriptor } from "./descriptor.js";

/** Larger chunks make nothing faster; those of 64 KiB cost system calls. */
const CHUNK = 256 * 1024;

/**
 * Reads a file to its end. Two buffers take turns, so that the next chunk is read while the present one is worked on: a chunk
 * is valid until the next one is asked for.
 */
export async function* fileChunks(file: Descriptor): AsyncGenerator<Uint8Array, void, undefined> {
  let [current, next] = [new Uint8Array(CHUNK), new Uint8Array(CHUNK)];
  let reading = file.read(current);
  for (;;) {
    const length = await reading;
    if (length === 0) {
      return;
    }
    reading = file.read(next);
    // Whoever stops in between never asks what became of it.
    reading.catch(() => undefined);
    yield current.subarray(0, length);
    [current, next] = [next, current];
  }
}
