import { findBinary } from "../binaries.mjs";
import { runHost } from "../host.mjs";

/**
 * Bun must neither install what is missing nor keep compiled modules from one run for the next.
 *
 * @type {import("../runner.js").Runner}
 */
export const bun = {
  runtime: "bun",
  remedy: "npm ci",
  find: (root) => findBinary(root, "bun", ["bin/bun"]),
  run: (program, context) => {
    const env = { BUN_RUNTIME_TRANSPILER_CACHE_PATH: "0", DO_NOT_TRACK: "1" };
    return runHost("bun", { program, words: ["run", "--no-install"], env }, context);
  },
};
