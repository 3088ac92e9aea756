// The throughput cases: which engines take part in each, and who judges them.

import { compressedBySix } from "./compressed.mjs";
import * as compressionStream from "./engines/compression-stream.mjs";
import * as fflateHashWasm from "./engines/fflate-hash-wasm.mjs";
import * as node from "./engines/node.mjs";
import * as pakoNoble from "./engines/pako-noble.mjs";
import * as processes from "./engines/processes.mjs";
import * as varve from "./engines/varve.mjs";
import { verifyCrc32, verifyGunzip, verifyGzip, verifyLayer, verifySha256 } from "./verify.mjs";

/** @import { Entry } from "./contender.mjs" */
/** @import { Verify } from "./verify.mjs" */

/**
 * @typedef {object} Case
 * @property {string} summary one line for the help
 * @property {boolean} compresses whether levels mean something
 * @property {true} [threaded] whether an engine of it is measured on one thread and on several
 * @property {string} baseline the engine that the others are compared with in the table
 * @property {Readonly<Record<string, Entry<any>>>} engines by name, in the order of the table
 * @property {(bytes: Uint8Array) => Uint8Array} [from] makes what the engines get of the file's bytes, where that is not
 *   the same
 * @property {Verify} verify
 */

/** @type {Readonly<Record<"layer" | "gzip" | "gunzip" | "sha256" | "crc32", Case>>} */
export const cases = {
  layer: {
    summary: "the whole job: SHA-256 of the input, gzip, SHA-256 of the output",
    compresses: true,
    threaded: true,
    baseline: "node",
    engines: {
      varve: varve.layer,
      node: node.layer,
      "compression-stream": compressionStream.layer,
      "fflate+hash-wasm": fflateHashWasm.layer,
      "pako+noble": pakoNoble.layer,
    },
    verify: verifyLayer,
  },
  gzip: {
    summary: "compression alone, CRC-32 and framing included",
    compresses: true,
    baseline: "node",
    engines: {
      varve: varve.gzip,
      node: node.gzip,
      "node-stream": node.gzipStream,
      fflate: fflateHashWasm.gzip,
      pako: pakoNoble.gzip,
      ...processes.gzip,
    },
    verify: verifyGzip,
  },
  gunzip: {
    summary:
      "decompression alone, CRC-32 checked, of the file as `gzip -6` makes it; MB/s count the file itself",
    compresses: false,
    baseline: "node",
    engines: {
      varve: varve.gunzip,
      node: node.gunzip,
      "node-stream": node.gunzipStream,
      "decompression-stream": compressionStream.gunzip,
      fflate: fflateHashWasm.gunzip,
      pako: pakoNoble.gunzip,
      ...processes.gunzip,
    },
    from: compressedBySix,
    verify: verifyGunzip,
  },
  sha256: {
    summary: "SHA-256 of one stream",
    compresses: false,
    baseline: "hash-wasm",
    engines: {
      varve: varve.sha256,
      "hash-wasm": fflateHashWasm.sha256,
      node: node.sha256,
      noble: pakoNoble.sha256,
    },
    verify: verifySha256,
  },
  crc32: {
    summary: "CRC-32 of one stream",
    compresses: false,
    baseline: "hash-wasm",
    engines: {
      varve: varve.crc32,
      "hash-wasm": fflateHashWasm.crc32,
      node: node.crc32,
    },
    verify: verifyCrc32,
  },
};

/**
 * The engines of a case that were asked for, or all that this runtime has.
 *
 * @param {Case} which
 * @param {readonly string[]} [names] those asked for, in the order wanted
 * @returns {[name: string, entry: Entry<any>][]}
 * @throws {RangeError} for a name the case does not have, or an engine this runtime lacks
 */
export function chooseEngines(which, names) {
  if (names === undefined)
    return Object.entries(which.engines).filter(([, entry]) => entry.missing === undefined);
  return names.map((name) => {
    const entry = Object.hasOwn(which.engines, name) ? which.engines[name] : undefined;
    if (entry === undefined) {
      throw new RangeError(
        `there is no engine "${name}" in this case; it has ${Object.keys(which.engines).join(", ")}`,
      );
    }
    if (entry.missing !== undefined)
      throw new RangeError(`the engine "${name}" cannot run here: ${entry.missing}`);
    return [name, entry];
  });
}

/** Every level of the format varve-gzip/0 that compresses, in order. */
export const allLevels = [-2, ...Array.from({ length: 12 }, (_, i) => i + 1)];

/**
 * @param {Entry<any>} entry
 * @param {number} level
 * @returns {boolean} false where the engine is known not to have the level
 */
export function hasLevel(entry, level) {
  return entry.levels === undefined || entry.levels.includes(level);
}
