/** One binary kilobyte, in bytes. */
export const KIB = 1024;

/** One binary megabyte, in bytes. */
export const MIB = 1024 * KIB;

/**
 * Bytes in a chunk of the layer case for `node`, which runs best with it, and so for `varve`, which is fed
 * the same chunks.
 */
export const LAYER_CHUNK = 1 * MIB;

/**
 * Cuts bytes into consecutive views of `size` bytes (the last one may be shorter; no bytes give no views).
 * Nothing is copied.
 *
 * @param {Uint8Array} bytes
 * @param {number} size bytes in a piece, at least 1
 * @returns {Uint8Array[]}
 */
export function cut(bytes, size) {
  if (!(size >= 1)) throw new RangeError(`a piece needs at least 1 byte, not ${size}`);
  const pieces = [];
  for (let offset = 0; offset < bytes.length; offset += size)
    pieces.push(bytes.subarray(offset, offset + size));
  return pieces;
}

/**
 * A byte count as people write it: `64 KiB`, `1 MiB`, `100 B`.
 *
 * @param {number} bytes
 * @returns {string}
 */
export function inUnits(bytes) {
  if (bytes >= MIB && bytes % MIB === 0) return `${bytes / MIB} MiB`;
  if (bytes >= KIB && bytes % KIB === 0) return `${bytes / KIB} KiB`;
  return `${bytes} B`;
}
