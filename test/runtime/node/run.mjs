import { runHost } from "../host.mjs";

/** @type {import("../runner.js").Runner} */
export const node = {
  runtime: "node",
  remedy: "npm ci",
  find: () => process.execPath,
  run: (program, context) => runHost("node", { program, words: [] }, context),
};
