import { join } from "node:path";
import { findBinary } from "../binaries.mjs";
import { runHost } from "../host.mjs";

/** What undici looks at, of which the fetch of varve/node is made. */
const UNDICI_ENVIRONMENT = "--allow-env=JEST_WORKER_ID,UNDICI_NO_WASM_SIMD";

const OFFLINE = ["run", "--no-prompt", "--no-remote", "--no-lock", "--node-modules-dir=manual"];

/**
 * Deno takes varve from the project's node_modules. The library may do nothing but read there, speak to this machine, and look at two variables; the command
 * also writes, and looks at its environment.
 *
 * @type {import("../runner.js").Runner}
 */
export const deno = {
  runtime: "deno",
  remedy: "npm ci",
  find: (root) => findBinary(root, "deno", ["deno"]),
  run: (program, context) => {
    const { project } = context;
    const words = [...OFFLINE, `--allow-read=${project}`, "--allow-net=127.0.0.1", UNDICI_ENVIRONMENT];
    const commandWords = [...OFFLINE, `--allow-read=${project}`, `--allow-write=${project}`, "--allow-env"];
    const env = { DENO_DIR: join(project, ".deno"), DENO_NO_UPDATE_CHECK: "1", NO_COLOR: "1" };
    return runHost("deno", { program, words, commandWords, env }, context);
  },
};
