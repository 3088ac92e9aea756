// Node's own zlib (Chromium's, in C with SIMD) and OpenSSL (with the processor's SHA instructions).
import { createHash } from "node:crypto";
import * as zlib from "node:zlib";
import { cut, inUnits, KIB, LAYER_CHUNK, MIB } from "../chunks.mjs";
import { combinations } from "../contender.mjs";

/** @import { Entry } from "../contender.mjs" */

/**
 * How zlib's stream class is used: bytes in a write, in an output piece (`chunkSize`), and queued before
 * `write` asks to wait.
 *
 * @typedef {{ write: number, chunkSize: number, highWaterMark: number, memLevel: number }}
 *   StreamConfiguration
 */

/**
 * Median MB/s of the layer case at level 1 on 16 MiB of system.tar and of packages.tar (Node 20.20, 2
 * shared cores):
 *
 *     write    chunkSize  highWaterMark  memLevel   system  packages
 *     64 KiB   16 KiB     16 KiB         8           48.5      80.8   Node's defaults
 *     256 KiB  256 KiB    1 MiB          8           59.8     105.8
 *     1 MiB    64 KiB     1 MiB          8           58.3     117.5
 *     1 MiB    1 MiB      1 MiB          8           61.5     114.5
 *
 * and in another run, on another 16 MiB, with an output larger by 0.2 %:
 *
 *     1 MiB    1 MiB      1 MiB          8           74.4      93.6
 *     1 MiB    1 MiB      1 MiB          9           85.6      96.5
 *
 * @type {StreamConfiguration}
 */
const stream = { write: LAYER_CHUNK, chunkSize: 1 * MIB, highWaterMark: 1 * MIB, memLevel: 9 };

const streams = [
  ...combinations({
    write: [64 * KIB, 256 * KIB, 1 * MIB],
    chunkSize: [16 * KIB, 64 * KIB, 256 * KIB, 1 * MIB],
    highWaterMark: [16 * KIB, 1 * MIB],
    memLevel: [8],
  }),
  stream,
];

/**
 * @param {StreamConfiguration} configuration
 * @returns {string}
 */
function describe({ write, chunkSize, highWaterMark, memLevel }) {
  return `createGzip: writes of ${inUnits(write)}, chunkSize ${inUnits(chunkSize)}, highWaterMark ${inUnits(highWaterMark)}, memLevel ${memLevel}`;
}

/**
 * Runs chunks through one stream of zlib's, which works on a thread of libuv's pool, so that what `onInput` and `onOutput` do
 * on the main thread goes on beside it; each chunk is therefore queued first and looked at then.
 *
 * @param {import("node:stream").Transform} stream
 * @param {readonly Uint8Array[]} chunks
 * @param {(chunk: Uint8Array) => void} onInput
 * @param {(piece: Uint8Array) => void} onOutput
 * @returns {Promise<void>}
 */
function through(stream, chunks, onInput, onOutput) {
  return new Promise((resolve, reject) => {
    stream.on("data", onOutput);
    stream.on("end", resolve);
    stream.on("error", reject);
    const waiting = chunks.values();
    const feed = () => {
      for (let next = waiting.next(); !next.done; next = waiting.next()) {
        const hasRoom = stream.write(next.value);
        onInput(next.value);
        if (!hasRoom) {
          stream.once("drain", feed);
          return;
        }
      }
      stream.end();
    };
    feed();
  });
}

/** The levels that its `level` option names. */
const levels = [-1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/** @type {Entry<StreamConfiguration>} */
export const layer = {
  best: stream,
  configurations: streams,
  levels,
  prepare(input, level, configuration) {
    const { write, ...options } = configuration;
    const chunks = cut(input, write);
    return {
      engine: "node",
      level,
      config: `${describe(configuration)}; two createHash beside it`,
      async run(sink) {
        const uncompressed = createHash("sha256");
        const compressed = createHash("sha256");
        let outputBytes = 0;
        await through(
          zlib.createGzip({ level, ...options }),
          chunks,
          (chunk) => uncompressed.update(chunk),
          (piece) => {
            compressed.update(piece);
            outputBytes += piece.length;
            sink?.(piece);
          },
        );
        return { outputBytes, digest: compressed.digest("hex"), diffID: uncompressed.digest("hex") };
      },
    };
  },
};

/** Compression alone, through the stream class. @type {Entry<StreamConfiguration>} */
export const gzipStream = {
  best: stream,
  configurations: streams,
  levels,
  prepare(input, level, configuration) {
    const { write, ...options } = configuration;
    const chunks = cut(input, write);
    return {
      engine: "node-stream",
      level,
      config: describe(configuration),
      async run(sink) {
        let outputBytes = 0;
        await through(
          zlib.createGzip({ level, ...options }),
          chunks,
          () => {},
          (piece) => {
            outputBytes += piece.length;
            sink?.(piece);
          },
        );
        return { outputBytes };
      },
    };
  },
};

/**
 * Compression alone, in one call. On 16 MiB of system.tar and of packages.tar the median MB/s were 80.7 and
 * 109.8 with 64 KiB and memLevel 8, 85.9 and 111.6 with 1 MiB and 8, 91.0 and 113.4 with 1 MiB and 9.
 *
 * @type {Entry<{ chunkSize: number, memLevel: number }>}
 */
export const gzip = {
  best: { chunkSize: 1 * MIB, memLevel: 9 },
  configurations: combinations({
    chunkSize: [16 * KIB, 64 * KIB, 256 * KIB, 1 * MIB, 4 * MIB],
    memLevel: [8, 9],
  }),
  levels,
  prepare(input, level, { chunkSize, memLevel }) {
    return {
      engine: "node",
      level,
      config: `gzipSync: chunkSize ${inUnits(chunkSize)}, memLevel ${memLevel}`,
      run(sink) {
        const output = zlib.gzipSync(input, { level, chunkSize, memLevel });
        sink?.(output);
        return { outputBytes: output.length };
      },
    };
  },
};

/** Decompression in one call. @type {Entry<{ chunkSize: number }>} */
export const gunzip = {
  best: { chunkSize: 1 * MIB },
  configurations: combinations({ chunkSize: [16 * KIB, 64 * KIB, 256 * KIB, 1 * MIB, 4 * MIB] }),
  prepare(input, _level, { chunkSize }) {
    return {
      engine: "node",
      level: null,
      config: `gunzipSync: chunkSize ${inUnits(chunkSize)}`,
      run(sink) {
        const output = zlib.gunzipSync(input, { chunkSize });
        sink?.(output);
        return { outputBytes: output.length };
      },
    };
  },
};

/** Decompression through the stream class. @type {Entry<{ write: number, chunkSize: number, highWaterMark: number }>} */
export const gunzipStream = {
  best: { write: 1 * MIB, chunkSize: 1 * MIB, highWaterMark: 1 * MIB },
  configurations: combinations({
    write: [64 * KIB, 256 * KIB, 1 * MIB],
    chunkSize: [16 * KIB, 64 * KIB, 256 * KIB, 1 * MIB],
    highWaterMark: [1 * MIB],
  }),
  prepare(input, _level, { write, chunkSize, highWaterMark }) {
    const chunks = cut(input, write);
    /** @type {zlib.ZlibOptions & { highWaterMark: number }} */
    const options = { chunkSize, highWaterMark };
    return {
      engine: "node-stream",
      level: null,
      config: `createGunzip: writes of ${inUnits(write)}, chunkSize ${inUnits(chunkSize)}, highWaterMark ${inUnits(highWaterMark)}`,
      async run(sink) {
        let outputBytes = 0;
        await through(
          zlib.createGunzip(options),
          chunks,
          () => {},
          (piece) => {
            outputBytes += piece.length;
            sink?.(piece);
          },
        );
        return { outputBytes };
      },
    };
  },
};

/**
 * Median MB/s: 1,514 with 16 MiB, 1,501 with 1 MiB, 1,286 to 1,470 below.
 *
 * @type {Entry<{ update: number }>}
 */
export const sha256 = {
  best: { update: 16 * MIB },
  configurations: combinations({ update: [16 * KIB, 64 * KIB, 256 * KIB, 1 * MIB, 16 * MIB] }),
  prepare(input, _level, { update }) {
    const chunks = cut(input, update);
    return {
      engine: "node",
      level: null,
      config: `createHash: updates of ${inUnits(update)}`,
      run() {
        const hash = createHash("sha256");
        for (const chunk of chunks) hash.update(chunk);
        return { outputBytes: 32, digest: hash.digest("hex") };
      },
    };
  },
};

/**
 * Median MB/s: 4,168 with 16 MiB, 4,030 with 256 KiB, 3,159 with 64 KiB.
 *
 * @type {Entry<{ update: number }>}
 */
export const crc32 = {
  best: { update: 16 * MIB },
  configurations: sha256.configurations,
  ...(typeof zlib.crc32 === "function" ? {} : { missing: "Node has zlib.crc32 from 20.15 on" }),
  prepare(input, _level, { update }) {
    const chunks = cut(input, update);
    return {
      engine: "node",
      level: null,
      config: `zlib.crc32: updates of ${inUnits(update)}`,
      run() {
        let crc = 0;
        for (const chunk of chunks) crc = zlib.crc32(chunk, crc);
        return { outputBytes: 4, crc };
      },
    };
  },
};
