import { gunzip, gzip, init, Sha256, toHex } from "varve/core";

await init();
const text = new TextEncoder().encode("varve! ".repeat(1000));
const compressed = gzip(text, { level: 9 });
console.log(text.length, compressed.length < 100, gunzip(compressed).length);

const sha256 = new Sha256();
sha256.update(compressed);
console.log(toHex(sha256.digest()).length);
