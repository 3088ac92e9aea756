/** Prints the SHA-256, the SHA-512 and the CRC-32 of standard input: `node examples/hash.mjs < FILE`. */
import { crc32, init, Sha256, Sha512, toHex } from "varve/core";

await init();
const sha256 = new Sha256();
const sha512 = new Sha512();
let crc = 0;
for await (const chunk of process.stdin) {
  sha256.update(chunk);
  sha512.update(chunk);
  crc = crc32(chunk, crc);
}
console.log(`sha256:${toHex(sha256.digest())}`);
console.log(`sha512:${toHex(sha512.digest())}`);
console.log(`crc32:${crc.toString(16).padStart(8, "0")}`);
