/**
 * The words of a hash's state between linear memory, where they stand as WebAssembly's little-endian integers, and a
 * saved state, where they stand as FIPS 180-4 writes a digest: big-endian.
 */

/** The 32-bit words of a state as bytes of their own. */
export function readHashWords(state: DataView): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(state.byteLength);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += 4) view.setUint32(at, state.getUint32(at, true));
  return bytes;
}

/** Sets the 32-bit words of a state. */
export function writeHashWords(state: DataView, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += 4) state.setUint32(at, view.getUint32(at), true);
}

/** The 64-bit words of a state as bytes of their own. */
export function readLongHashWords(state: DataView): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(state.byteLength);
  const view = new DataView(bytes.buffer);
  for (let at = 0; at < bytes.length; at += 8) view.setBigUint64(at, state.getBigUint64(at, true));
  return bytes;
}

/** Sets the 64-bit words of a state. */
export function writeLongHashWords(state: DataView, bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at < bytes.length; at += 8) state.setBigUint64(at, view.getBigUint64(at), true);
}
