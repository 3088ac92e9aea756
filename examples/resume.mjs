/**
 * Makes a layer of a file, and goes on where it stopped when it is started again: `node examples/resume.mjs FILE FILE.gz`. After each piece it
 * saves a checkpoint in FILE.gz.checkpoint, with mode 0600, for a checkpoint holds part of the file; Ctrl-C stops it at any time.
 */

import { once } from "node:events";
import {
  createReadStream,
  createWriteStream,
  existsSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { truncate } from "node:fs/promises";
import { describeCheckpoint, init } from "varve/core";
import { newLayer } from "varve/stream";

const [source = "", target = ""] = process.argv.slice(2);
const saved = `${target}.checkpoint`;

await init();
const checkpoint = existsSync(saved) ? new Uint8Array(readFileSync(saved)) : undefined;
const { inputOffset, outputOffset } = checkpoint
  ? describeCheckpoint(checkpoint)
  : { inputOffset: 0, outputOffset: 0 };
if (checkpoint) {
  await truncate(target, outputOffset);
  console.log(`going on at byte ${inputOffset}`);
}

const layer = newLayer(createReadStream(source, { start: inputOffset }), { resume: checkpoint });
const output = createWriteStream(target, { flags: checkpoint ? "r+" : "w", start: outputOffset });
await layer.writeTo(async (view) => {
  await new Promise((resolve, reject) =>
    output.write(view, (error) => (error ? reject(error) : resolve(undefined))),
  );
  const state = layer.checkpoint();
  if (!state) return;
  writeFileSync(`${saved}.new`, state, { mode: 0o600 });
  renameSync(`${saved}.new`, saved);
});
output.end();
await once(output, "finish");
rmSync(saved, { force: true });
console.log(String(await layer.digest()));
