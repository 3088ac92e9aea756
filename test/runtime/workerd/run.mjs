import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { findBinary } from "../binaries.mjs";
import { run as runProgram, start } from "../process.mjs";
import { bundle, compile } from "../project.mjs";
import { addTest, addTests, readReport } from "../report.mjs";

/** @import { Context, HandedIn } from "../runner.js" */

/** @type {import("../runner.js").Runner} */
export const workerd = {
  runtime: "workerd",
  remedy: "npm ci",
  find: (root) => findBinary(root, "workerd", ["bin/workerd"]),
  run: async (program, context) => {
    const { project, signal } = context;
    await bundleWorkers(project);
    const version = await runProgram(program, ["--version"], { signal });
    const server = start(program, ["serve", "config.capnp", "--control-fd=3"], { cwd: project, signal });
    const ended = server.ended.then(({ reason }) => {
      throw new Error(`workerd ${reason}`);
    });
    ended.catch(() => {});
    try {
      const report = await Promise.race([ended, visit(server.control, context)]);
      return { ...report, version: version.trim().replace("workerd ", "") };
    } catch (error) {
      const { stack } = /** @type {Error} */ (error);
      throw new Error(`${stack}\nworkerd said: ${server.output()}`, { cause: error });
    } finally {
      server.end();
    }
  },
};

/** @param {string} project */
async function bundleWorkers(project) {
  const here = import.meta.dirname;
  const modules = await bundle(join(here, "suites.ts"), project, "suites", ["workerd"]);
  if (modules.sort().join() !== "core.wasm,sha256.wasm,sha512.wasm") {
    throw new Error(
      `under the condition \`workerd\` varve imports [${modules}], where core.wasm, sha256.wasm and sha512.wasm are expected: see #module in package.json`,
    );
  }
  await bundle(join(here, "injected.ts"), project, "injected", []);
  await copyFile(join(here, "config.capnp"), join(project, "config.capnp"));
}

/**
 * Has both Workers run their suites, and the first one push a layer.
 *
 * @param {import("node:stream").Readable | undefined} control
 * @param {Context} context
 * @returns {Promise<HandedIn>}
 */
async function visit(control, { project, signal }) {
  const ports = await openPorts(control, ["suites", "injected"]);
  const report = await ask(ports.get("suites"), signal);
  addTests(report, await ask(ports.get("injected"), signal));
  const push = await compile(join(import.meta.dirname, "push.ts"), project, "push.js");
  /** @type {typeof import("./push.js")} */
  const { pushThroughWorker } = await import(pathToFileURL(push).href);
  await addTest(report, "a request's body is pushed to a registry while it comes", () =>
    pushThroughWorker(address(ports.get("suites")), signal),
  );
  const relay = await compile(join(import.meta.dirname, "relay.ts"), project, "relay.js");
  /** @type {typeof import("./relay.js")} */
  const { relayThroughWorker } = await import(pathToFileURL(relay).href);
  await addTest(
    report,
    "a layer begun in Node goes on here and is finished in Node, to the same digest",
    () => relayThroughWorker(address(ports.get("suites")), signal),
  );
  return report;
}

/**
 * Waits until every socket is open; workerd tells of each, a line of JSON, which port it has got.
 *
 * @param {import("node:stream").Readable | undefined} control
 * @param {readonly string[]} names
 * @returns {Promise<ReadonlyMap<string, number>>}
 */
async function openPorts(control, names) {
  const ports = new Map();
  if (control !== undefined) {
    for await (const line of createInterface({ input: control })) {
      const { event, socket, port } = JSON.parse(line);
      if (event === "listen") ports.set(socket, port);
      if (names.every((name) => ports.has(name))) return ports;
    }
  }
  throw new Error("workerd did not open its sockets");
}

/** @param {number | undefined} port */
function address(port) {
  return `http://127.0.0.1:${port}/`;
}

/**
 * @param {number | undefined} port
 * @param {AbortSignal} signal
 */
async function ask(port, signal) {
  const response = await fetch(address(port), { signal });
  const text = await response.text();
  if (!response.ok) throw new Error(`the Worker answered with status ${response.status}: ${text}`);
  return readReport(text, "workerd");
}
