import { equal, ok } from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
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
  const installed = join(project, "node_modules", "varve", "dist");
  const source = join(installed, "core.wasm");
  const target = join(project, `${runtime}.tar.gz`);
  const said = JSON.parse(await run([join(installed, "varve.js"), "layer", source, "-o", target, "--json"]));
  const [input, output] = await Promise.all([readFile(source), readFile(target)]);
  ok(gunzipSync(output).equals(input), "the layer inflates to something else than the file");
  equal(said.digest, sha256(output));
  equal(said.diffID, sha256(input));
  equal(said.size, output.length);
}
