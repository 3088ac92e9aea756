// pako (zlib in JavaScript) and @noble/hashes (SHA-256 in JavaScript).
import { sha256 as nobleSha256 } from "@noble/hashes/sha2.js";
import { Deflate, gzip as pakoGzip, ungzip } from "pako";
import { cut, inUnits, KIB, MIB } from "../chunks.mjs";
import { combinations } from "../contender.mjs";

/** @import { Entry } from "../contender.mjs" */

const levels = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9];

/**
 * @param {Uint8Array} digest
 * @returns {string}
 */
const toHex = (digest) => Buffer.from(digest).toString("hex");

/**
 * Median MB/s at level 1 on 6 MiB of system.tar and of packages.tar: 11.8 and 13.0 with pushes of 64 KiB
 * and this chunkSize, 11.1 and 12.8 with 256 KiB, 10.8 and 13.1 with 1 MiB; 16 KiB for either was slower.
 *
 * @type {Entry<{ push: number, chunkSize: number }>}
 */
export const layer = {
  best: { push: 64 * KIB, chunkSize: 64 * KIB },
  configurations: combinations({
    push: [64 * KIB, 256 * KIB, 1 * MIB],
    chunkSize: [16 * KIB, 64 * KIB, 256 * KIB],
  }),
  levels,
  prepare(input, level, { push, chunkSize }) {
    const chunks = cut(input, push);
    return {
      engine: "pako+noble",
      level,
      config: `Deflate: pushes of ${inUnits(push)}, chunkSize ${inUnits(chunkSize)}; two sha256.create`,
      run(sink) {
        const uncompressed = nobleSha256.create();
        const compressed = nobleSha256.create();
        let outputBytes = 0;
        const deflate = new Deflate({ gzip: true, level, chunkSize });
        deflate.onData = (piece) => {
          compressed.update(piece);
          outputBytes += piece.length;
          sink?.(piece);
        };
        for (const chunk of chunks) {
          uncompressed.update(chunk);
          deflate.push(chunk, false);
        }
        deflate.push(new Uint8Array(0), true);
        if (deflate.err !== 0) throw new Error(`pako failed: ${deflate.msg}`);
        return { outputBytes, digest: toHex(compressed.digest()), diffID: toHex(uncompressed.digest()) };
      },
    };
  },
};

/**
 * Compression alone, in one call. Median MB/s at level 1 on 4 MiB of system.tar and of packages.tar: 17.9
 * and 24.7 with 16 KiB, 14.8 and 25.7 with 64 KiB, 15.6 and 26.0 with 256 KiB, 16.1 and 28.9 with 1 MiB.
 *
 * @type {Entry<{ chunkSize: number }>}
 */
export const gzip = {
  best: { chunkSize: 1 * MIB },
  configurations: combinations({ chunkSize: [16 * KIB, 64 * KIB, 256 * KIB, 1 * MIB] }),
  levels,
  prepare(input, level, { chunkSize }) {
    return {
      engine: "pako",
      level,
      config: `gzip: chunkSize ${inUnits(chunkSize)}`,
      run(sink) {
        const output = pakoGzip(input, { level, chunkSize });
        sink?.(output);
        return { outputBytes: output.length };
      },
    };
  },
};

/** Decompression in one call. @type {Entry<{ chunkSize: number }>} */
export const gunzip = {
  best: { chunkSize: 1 * MIB },
  configurations: combinations({ chunkSize: [64 * KIB, 256 * KIB, 1 * MIB] }),
  prepare(input, _level, { chunkSize }) {
    return {
      engine: "pako",
      level: null,
      config: `ungzip: chunkSize ${inUnits(chunkSize)}`,
      run(sink) {
        const output = ungzip(input, { chunkSize });
        sink?.(output);
        return { outputBytes: output.length };
      },
    };
  },
};

/**
 * Median MB/s: 84 with 64 KiB, 76 to 79 with 16 KiB to 16 MiB otherwise.
 *
 * @type {Entry<{ update: number }>}
 */
export const sha256 = {
  best: { update: 64 * KIB },
  configurations: combinations({ update: [16 * KIB, 64 * KIB, 256 * KIB, 1 * MIB, 16 * MIB] }),
  prepare(input, _level, { update }) {
    const chunks = cut(input, update);
    return {
      engine: "noble",
      level: null,
      config: `sha256.create: updates of ${inUnits(update)}`,
      run() {
        const hash = nobleSha256.create();
        for (const chunk of chunks) hash.update(chunk);
        return { outputBytes: 32, digest: toHex(hash.digest()) };
      },
    };
  },
};
