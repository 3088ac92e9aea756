import { checkBytes } from "./check-bytes.js";
import { coreInstances } from "./core-instance.js";

/**
 * The CRC-32 of bytes (RFC 1952, 8; polynomial 0xEDB88320), as an unsigned integer.
 *
 * @param previous the CRC-32 of what stands before them, so that a message may come in pieces
 * @throws NotInitializedError
 */
export function crc32(bytes: Uint8Array, previous = 0): number {
  checkBytes(bytes);
  const instance = coreInstances.acquire();
  const { segment, segmentAddress, exports } = instance;
  let crc = previous;
  for (let offset = 0; offset < bytes.length; offset += segment.length) {
    const piece = bytes.subarray(offset, offset + segment.length);
    segment.set(piece);
    crc = exports.crc32(crc, segmentAddress, piece.length);
  }
  coreInstances.release(instance);
  return crc >>> 0;
}
