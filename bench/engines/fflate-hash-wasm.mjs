// fflate (DEFLATE in JavaScript) and hash-wasm (SHA-256 and CRC-32 in WebAssembly).
import { Gzip, gunzipSync, gzipSync } from "fflate";
import { cut, inUnits, KIB, MIB } from "../chunks.mjs";
import { combinations } from "../contender.mjs";

/** @import { Entry } from "../contender.mjs" */

/** fflate takes levels that it does not have without a word. */
const levels = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/**
 * The options of fflate's gzip.
 *
 * @param {number} level
 * @param {number} mem
 * @returns {import("fflate").GzipOptions}
 */
function options(level, mem) {
  return { level: /** @type {9} */ (level), mem: /** @type {9} */ (mem), mtime: 0 };
}

/**
 * hash-wasm in the form that starts soonest: one file an algorithm, instead of one with all of them.
 *
 * @param {"sha256" | "crc32"} algorithm
 * @returns {Promise<typeof import("hash-wasm")>} of which only that algorithm is there
 */
async function hashWasm(algorithm) {
  const module = await import(`hash-wasm/dist/${algorithm}.umd.min.js`);
  return module.default;
}

/**
 * Median MB/s at level 1 on 6 MiB of system.tar and of packages.tar: 19.4 and 22.8 with pushes of 1 MiB and
 * mem 6, 18.1 and 20.8 with 64 KiB and 4, 17.0 and 21.6 with 64 KiB and 6, 16.6 and 17.9 with 1 MiB and 8.
 *
 * @type {Entry<{ push: number, mem: number }>}
 */
export const layer = {
  best: { push: 1 * MIB, mem: 6 },
  configurations: combinations({ push: [32 * KIB, 64 * KIB, 256 * KIB, 1 * MIB], mem: [4, 6, 8] }),
  levels,
  async prepare(input, level, { push, mem }) {
    const settings = options(level, mem);
    const chunks = cut(input, push);
    const { createSHA256 } = await hashWasm("sha256");
    const uncompressed = await createSHA256();
    const compressed = await createSHA256();
    return {
      engine: "fflate+hash-wasm",
      level,
      config: `Gzip: pushes of ${inUnits(push)}, mem ${mem}; two createSHA256`,
      run(sink) {
        uncompressed.init();
        compressed.init();
        let outputBytes = 0;
        const gzip = new Gzip(settings, (piece) => {
          compressed.update(piece);
          outputBytes += piece.length;
          sink?.(piece);
        });
        for (const chunk of chunks) {
          uncompressed.update(chunk);
          gzip.push(chunk, false);
        }
        gzip.push(new Uint8Array(0), true);
        return { outputBytes, digest: compressed.digest("hex"), diffID: uncompressed.digest("hex") };
      },
    };
  },
};

/**
 * Compression alone, in one call. Median MB/s at level 1 on 6 MiB of system.tar and of packages.tar: 17.7
 * and 25.2 with mem 4, 17.8 and 22.1 with 6, 13.2 and 22.9 with 8.
 *
 * @type {Entry<{ mem: number }>}
 */
export const gzip = {
  best: { mem: 4 },
  configurations: combinations({ mem: [4, 6, 8, 10, 12] }),
  levels,
  prepare(input, level, { mem }) {
    const settings = options(level, mem);
    return {
      engine: "fflate",
      level,
      config: `gzipSync: mem ${mem}`,
      run(sink) {
        const output = gzipSync(input, settings);
        sink?.(output);
        return { outputBytes: output.length };
      },
    };
  },
};

/** Decompression in one call. @type {Entry<{}>} */
export const gunzip = {
  best: {},
  configurations: [{}],
  prepare(input) {
    return {
      engine: "fflate",
      level: null,
      config: "gunzipSync, which checks no CRC-32",
      run(sink) {
        const output = gunzipSync(input);
        sink?.(output);
        return { outputBytes: output.length };
      },
    };
  },
};

/**
 * Median MB/s: 189 with 64 KiB; 172, 178, 168 and 171 with 16 KiB, 256 KiB, 1 MiB and 16 MiB.
 *
 * @type {Entry<{ update: number }>}
 */
export const sha256 = {
  best: { update: 64 * KIB },
  configurations: combinations({ update: [16 * KIB, 64 * KIB, 256 * KIB, 1 * MIB, 16 * MIB] }),
  async prepare(input, _level, { update }) {
    const chunks = cut(input, update);
    const { createSHA256 } = await hashWasm("sha256");
    const hash = await createSHA256();
    return {
      engine: "hash-wasm",
      level: null,
      config: `createSHA256: updates of ${inUnits(update)}`,
      run() {
        hash.init();
        for (const chunk of chunks) hash.update(chunk);
        return { outputBytes: 32, digest: hash.digest("hex") };
      },
    };
  },
};

/** Every size is within 5 % of 1,611 MB/s. @type {Entry<{ update: number }>} */
export const crc32 = {
  best: { update: 1 * MIB },
  configurations: sha256.configurations,
  async prepare(input, _level, { update }) {
    const chunks = cut(input, update);
    const { createCRC32 } = await hashWasm("crc32");
    const hash = await createCRC32();
    return {
      engine: "hash-wasm",
      level: null,
      config: `createCRC32: updates of ${inUnits(update)}`,
      run() {
        hash.init();
        for (const chunk of chunks) hash.update(chunk);
        return { outputBytes: 4, crc: Number.parseInt(hash.digest("hex"), 16) };
      },
    };
  },
};
