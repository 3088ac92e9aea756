/**
 * The machine beneath it all, synchronous and without a copy: what it hands out is a view into its own memory, valid until its next call. Here it
 * compresses a file to another and prints what a registry wants to know of it: `node examples/machine.mjs FILE FILE.gz`.
 */
import { closeSync, openSync, readSync, writeSync } from "node:fs";
import { GzipLayerMachine, init, toHex } from "varve/core";

const [source = "", target = ""] = process.argv.slice(2);
const input = openSync(source, "r");
const output = openSync(target, "w");

await init();
const machine = new GzipLayerMachine(1);
const take = () => {
  const view = machine.take();
  if (view) writeSync(output, view);
};
const chunk = new Uint8Array(1 << 20);
for (let size = readSync(input, chunk); size > 0; size = readSync(input, chunk)) {
  for (let offset = 0; offset < size; take()) offset = machine.update(chunk.subarray(0, size), offset);
}
machine.finish();
take();
const { digest, diffID, size } = machine.result();
machine.release();
closeSync(input);
closeSync(output);
console.log(`digest sha256:${toHex(digest)}\ndiffID sha256:${toHex(diffID)}\nsize   ${size}`);
