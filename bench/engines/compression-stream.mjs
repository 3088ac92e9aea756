// The web's CompressionStream (on Node a shell over zlib, with the level fixed at zlib's default) and
// node:crypto.
import { createHash } from "node:crypto";
import { cut, inUnits, KIB, MIB } from "../chunks.mjs";
import { combinations } from "../contender.mjs";

/** @import { Entry } from "../contender.mjs" */

/**
 * Median MB/s on 8 MiB of system.tar and of packages.tar: 20.6 and 38.2 with 64 KiB, 21.0 and 42.7 with 256
 * KiB, 21.7 and 42.6 with 1 MiB, 21.4 and 40.9 with 4 MiB.
 *
 * @type {Entry<{ write: number }>}
 */
export const layer = {
  best: { write: 1 * MIB },
  configurations: combinations({ write: [64 * KIB, 256 * KIB, 1 * MIB, 4 * MIB] }),
  prepare(input, _level, { write }) {
    const chunks = cut(input, write);
    return {
      engine: "compression-stream",
      level: null,
      config: `writes of ${inUnits(write)}; two createHash beside it`,
      async run(sink) {
        const uncompressed = createHash("sha256");
        const compressed = createHash("sha256");
        const { readable, writable } = new CompressionStream("gzip");
        const writing = feed(writable.getWriter(), chunks, (chunk) => uncompressed.update(chunk));
        let outputBytes = 0;
        const reader = readable.getReader();
        for (let read = await reader.read(); !read.done; read = await reader.read()) {
          compressed.update(read.value);
          outputBytes += read.value.length;
          sink?.(read.value);
        }
        await writing;
        return { outputBytes, digest: compressed.digest("hex"), diffID: uncompressed.digest("hex") };
      },
    };
  },
};

/** DecompressionStream. @type {Entry<{ write: number }>} */
export const gunzip = {
  best: { write: 1 * MIB },
  configurations: combinations({ write: [64 * KIB, 256 * KIB, 1 * MIB, 4 * MIB] }),
  prepare(input, _level, { write }) {
    const chunks = cut(input, write);
    return {
      engine: "decompression-stream",
      level: null,
      config: `writes of ${inUnits(write)}`,
      async run(sink) {
        const { readable, writable } = new DecompressionStream("gzip");
        const writing = feed(writable.getWriter(), chunks, () => {});
        let outputBytes = 0;
        const reader = readable.getReader();
        for (let read = await reader.read(); !read.done; read = await reader.read()) {
          outputBytes += read.value.length;
          sink?.(read.value);
        }
        await writing;
        return { outputBytes };
      },
    };
  },
};

/**
 * Writes each chunk first and looks at it then, while the stream works on another thread.
 *
 * @param {WritableStreamDefaultWriter<BufferSource>} writer
 * @param {readonly Uint8Array[]} chunks
 * @param {(chunk: Uint8Array) => void} onInput
 */
async function feed(writer, chunks, onInput) {
  for (const chunk of chunks) {
    const written = writer.write(/** @type {Uint8Array<ArrayBuffer>} */ (chunk));
    onInput(chunk);
    await written;
  }
  await writer.close();
}
