import { sha256Instances } from "../sha256-instance.js";

/** The SHA-256 of bytes that fit in the input region at once, as every checkpoint does. @throws NotInitializedError */
export function checksum(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const instance = sha256Instances.acquire();
  const { exports, input, inputAddress } = instance;
  const blocks = bytes.length >>> 6;
  input.set(bytes);
  exports.sha256Reset(0);
  exports.sha256Process(0, inputAddress, blocks);
  exports.sha256Finish(0, inputAddress + (blocks << 6), bytes.length & 63, bytes.length);
  const digest = new Uint8Array(instance.digest);
  sha256Instances.release(instance);
  return digest;
}
