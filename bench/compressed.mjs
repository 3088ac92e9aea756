// What the gunzip case decompresses.
import { spawnSync } from "node:child_process";
import { gzipSync } from "node:zlib";

/**
 * The bytes as `gzip -6` makes them; where there is no gzip, as zlib does at level 6.
 *
 * @param {Uint8Array} bytes
 * @returns {Uint8Array}
 */
export function compressedBySix(bytes) {
  const { status, stdout } = spawnSync("gzip", ["-6", "-n", "-c"], { input: bytes, maxBuffer: 2 ** 32 });
  return status === 0 ? new Uint8Array(stdout) : gzipSync(bytes, { level: 6 });
}
