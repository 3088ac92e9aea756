/** Compresses a text and takes it back, at one stroke each. */
import { gunzip, gzip, init } from "varve/core";

await init();
const text = new TextEncoder().encode(
  "a varve is the thin layer that a stream lays down in one season\n".repeat(1000),
);
const compressed = gzip(text, { level: 1 });
console.log(`${text.length} bytes, ${compressed.length} as gzip`);
console.log(
  new TextDecoder().decode(gunzip(compressed)) === new TextDecoder().decode(text) ? "the same" : "other",
);
