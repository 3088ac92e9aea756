import { equal, ok } from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

/** @param {Uint8Array} bytes */
const sha256 = (bytes) => `sha256:${createHash("sha256").update(bytes).digest("hex")}`;

/**
 * Has the installed `varve` command make a layer of a file.
 *
 * @param {string} runtime
 * @param {(args: string[]) => Promise<string>} run runs a module in the runtime, and gives what it prints
 * @param {string} project
 */
export async function checkCommand(runtime, run, project) {
  await checkLayer(runtime, run, project, []);
}

/**
 * Has it make one with several threads, which run the command's own file.
 *
 * @param {string} runtime
 * @param {(args: string[]) => Promise<string>} run
 * @param {string} project
 */
export async function checkThreads(runtime, run, project) {
  const source = join(project, `${runtime}.tar`);
  const bytes = randomBytes(2 ** 20);
  await writeFile(source, Buffer.concat(Array.from({ length: 160 }, () => bytes)));
  const { threads } = await checkLayer(
    runtime,
    run,
    project,
    ["--threads", "3", "--sha256", "native"],
    source,
  );
  ok(threads > 1, "no worker took part");
}

/**
 * @param {string} runtime
 * @param {(args: string[]) => Promise<string>} run
 * @param {string} project
 * @param {string[]} flags
 * @param {string} [file] core.wasm if left out
 */
async function checkLayer(runtime, run, project, flags, file) {
  const installed = join(project, "node_modules", "varve", "dist");
  const source = file ?? join(installed, "core.wasm");
  const target = join(project, `${runtime}.tar.gz`);
  const said = JSON.parse(
    await run([join(installed, "varve.js"), "layer", source, "-o", target, "--json", ...flags]),
  );
  const [input, output] = await Promise.all([readFile(source), readFile(target)]);
  ok(gunzipSync(output).equals(input), "the layer inflates to something else than the file");
  equal(said.digest, sha256(output));
  equal(said.diffID, sha256(input));
  equal(said.size, output.length);
  return said;
}
