// The child process of the cold case: node cold-start.mjs MODULE LEVEL FILE BYTES Imports one engine, makes
// one layer of the file's first bytes, and says how long both took together. It imports nothing else
// beforehand that an engine might profit from.
import { readFileSync, writeSync } from "node:fs";

const [module = "", level = "", file = "", bytes = ""] = process.argv.slice(2);
const input = new Uint8Array(readFileSync(file)).subarray(0, Number(bytes));
/** @type {Buffer[]} */
const pieces = [];

const started = performance.now();
/** @type {{ layer: import("./contender.mjs").Entry<unknown> }} */
const { layer } = await import(module);
const contender = await layer.prepare(input, Number(level), layer.best);
const outcome = await contender.run((piece) => pieces.push(Buffer.from(piece)));
const milliseconds = performance.now() - started;

writeSync(
  1,
  JSON.stringify({
    level: contender.level,
    milliseconds,
    outcome,
    output: Buffer.concat(pieces).toString("base64"),
  }),
);
