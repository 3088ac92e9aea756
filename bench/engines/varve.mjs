// This package as it is built and exported. The layer case is measured on one thread and on several, with hashes in WebAssembly
// and with those of node:crypto; the other cases are one thread and all WebAssembly.
import { cut, inUnits, KIB, LAYER_CHUNK, MIB } from "../chunks.mjs";
import { combinations } from "../contender.mjs";

/** @import { Entry } from "../contender.mjs" */

/**
 * Loads a part of the package only when an engine of it runs, so that the peers can be measured without a
 * build.
 *
 * @template T
 * @param {() => Promise<T>} load
 * @returns {Promise<T>}
 */
async function built(load) {
  try {
    return await load();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw new Error("varve is not built: run `npm run build` first, or name other engines with --engines", {
      cause: error,
    });
  }
}

/**
 * Runs a machine over its whole input, as its documentation says.
 *
 * @param {import("varve/core").Encoder} machine
 * @param {readonly Uint8Array[]} chunks
 * @param {import("../contender.mjs").Sink} [sink]
 * @returns {number} bytes of output
 */
function drive(machine, chunks, sink) {
  let outputBytes = 0;
  const drain = () => {
    for (let view = machine.take(); view !== undefined; view = machine.take()) {
      outputBytes += view.length;
      sink?.(view);
    }
  };
  try {
    for (const chunk of chunks) {
      for (let offset = 0; offset < chunk.length; ) {
        offset = machine.update(chunk, offset);
        drain();
      }
    }
    machine.finish();
    drain();
  } finally {
    machine.release();
  }
  return outputBytes;
}

/**
 * What a user gets: a layer made of the chunks that `node` is fed, its compressed stream read to the end.
 *
 * @type {Entry<{ write: number, threads?: number, sha256?: "wasm" | "native" }>}
 */
export const layer = {
  best: { write: LAYER_CHUNK },
  configurations: combinations({ write: [64 * KIB, 256 * KIB, 1 * MIB, 4 * MIB] }),
  variants: (threads) =>
    [...new Set([1, threads])].flatMap((count) =>
      /** @type {const} */ (["wasm", "native"]).map((sha256) => ({
        write: LAYER_CHUNK,
        threads: count,
        sha256,
      })),
    ),
  async prepare(input, level, { write, threads = 1, sha256 = "wasm" }) {
    const { newLayer } = await built(() => import("varve/stream"));
    const chunks = cut(input, write);
    return {
      engine: "varve",
      level,
      threads,
      sha256,
      config: `newLayer(chunks of ${inUnits(write)}, ${threads} threads, ${sha256} hashes).compressed()`,
      async run(sink) {
        const made = newLayer(chunks, { compressionLevel: level, threads, sha256 });
        const reader = (await made.compressed()).getReader();
        for (let read = await reader.read(); !read.done; read = await reader.read()) sink?.(read.value);
        const { digest, diffID, size } = await made.result;
        return { outputBytes: size, digest: digest.hex, diffID: diffID.hex };
      },
    };
  },
};

/**
 * Compression alone, on the synchronous floor. Median MB/s at level 1 on 16 MiB of system.tar: 193 with 64
 * KiB, 190 with 256 KiB, 196 with 1 MiB, 190 with 16 MiB.
 *
 * @type {Entry<{ update: number }>}
 */
export const gzip = {
  best: { update: 64 * KIB },
  configurations: combinations({ update: [64 * KIB, 256 * KIB, 1 * MIB, 16 * MIB] }),
  async prepare(input, level, { update }) {
    const { Gzip, init } = await built(() => import("varve/core"));
    await init();
    const chunks = cut(input, update);
    return {
      engine: "varve",
      level,
      config: `Gzip: updates of ${inUnits(update)}`,
      run(sink) {
        return { outputBytes: drive(new Gzip(level), chunks, sink) };
      },
    };
  },
};

/**
 * Decompression alone, on the synchronous floor.
 *
 * @type {Entry<{ update: number }>}
 */
export const gunzip = {
  best: { update: 64 * KIB },
  configurations: combinations({ update: [64 * KIB, 256 * KIB, 1 * MIB, 16 * MIB] }),
  async prepare(input, _level, { update }) {
    const { Gunzip, init } = await built(() => import("varve/core"));
    await init();
    const chunks = cut(input, update);
    return {
      engine: "varve",
      level: null,
      config: `Gunzip: updates of ${inUnits(update)}`,
      run(sink) {
        return { outputBytes: drive(new Gunzip(), chunks, sink) };
      },
    };
  },
};

/** Every size is within 7 % of 285 MB/s. @type {Entry<{ update: number }>} */
export const sha256 = {
  best: { update: 64 * KIB },
  configurations: combinations({ update: [16 * KIB, 64 * KIB, 256 * KIB, 1 * MIB, 16 * MIB] }),
  async prepare(input, _level, { update }) {
    const { init, Sha256, toHex } = await built(() => import("varve/core"));
    await init();
    const chunks = cut(input, update);
    return {
      engine: "varve",
      level: null,
      config: `Sha256: updates of ${inUnits(update)}`,
      run() {
        const hash = new Sha256();
        for (const chunk of chunks) hash.update(chunk);
        return { outputBytes: 32, digest: toHex(hash.digest()) };
      },
    };
  },
};

/**
 * Median MB/s: 6,529 with 1 MiB and 6,277 with 16 MiB, 5,576 with 256 KiB, 4,408 with 16 KiB.
 *
 * @type {Entry<{ update: number }>}
 */
export const crc32 = {
  best: { update: 1 * MIB },
  configurations: sha256.configurations,
  async prepare(input, _level, { update }) {
    const { crc32: checksum, init } = await built(() => import("varve/core"));
    await init();
    const chunks = cut(input, update);
    return {
      engine: "varve",
      level: null,
      config: `crc32: updates of ${inUnits(update)}`,
      run() {
        let crc = 0;
        for (const chunk of chunks) crc = checksum(chunk, crc);
        return { outputBytes: 4, crc };
      },
    };
  },
};
