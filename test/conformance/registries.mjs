/** The registries that are judged, and the one that they are compared with. */
import { mkdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { run, start } from "../runtime/process.mjs";

const command = resolve(import.meta.dirname, "../../dist/varve.js");

/** Whoever is asked for credentials here gives these. */
export const user = { name: "conformance", password: "a secret: word" };

/**
 * @typedef {{
 *   host: string,
 *   output: () => string,
 *   end: () => Promise<void>,
 * }} Served a registry that answers at `host`; `output` is what it printed
 */

/**
 * Starts `varve serve`.
 *
 * @param {string} scratch a directory for its password
 * @param {readonly string[]} flags besides the address; with --username it gets the password
 * @param {AbortSignal} signal
 * @returns {Promise<Served>}
 */
export async function startVarve(scratch, flags, signal) {
  const args = [command, "serve", "--address", "127.0.0.1:0", ...flags];
  const needsPassword = flags.includes("--password-stdin");
  const password = join(scratch, "password");
  if (needsPassword) writeFileSync(password, user.password, { mode: 0o600 });
  const program = needsPassword
    ? start("sh", ["-c", 'exec "$0" "$@" < "$PASSWORD"', process.execPath, ...args], {
        env: { PASSWORD: password },
        signal,
      })
    : start(process.execPath, args, { signal });
  const url = await firstLine(program);
  return served(program, new URL(url).host);
}

/**
 * Starts Docker's registry, with deletion.
 *
 * @param {string} scratch a directory for its files
 * @param {AbortSignal} signal
 * @returns {Promise<Served>}
 */
export async function startDockerRegistry(scratch, signal) {
  const storage = join(scratch, "docker-registry");
  mkdirSync(storage);
  const host = `127.0.0.1:${await freePort()}`;
  const configuration = join(scratch, "docker-registry.json");
  writeFileSync(
    configuration,
    JSON.stringify({
      version: "0.1",
      log: { level: "error" },
      storage: { filesystem: { rootdirectory: storage }, delete: { enabled: true } },
      http: { addr: host },
    }),
  );
  const program = start("docker-registry", ["serve", configuration], { signal });
  let hasEnded = false;
  program.ended.then(() => {
    hasEnded = true;
  });
  for (;;) {
    if (hasEnded) throw new Error(`docker-registry ended before it answered:\n${program.output()}`);
    const answer = await fetch(`http://${host}/v2/`).catch(() => undefined);
    await answer?.body?.cancel();
    if (answer?.ok) return served(program, host);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/**
 * What Debian's docker-registry calls itself; undefined if it is not installed.
 *
 * @param {AbortSignal} signal
 */
export async function dockerRegistryVersion(signal) {
  const printed = await run("docker-registry", ["--version"], { signal }).catch(() => undefined);
  return printed?.match(/\d+\.\d+\.\d+/)?.[0];
}

/**
 * @param {ReturnType<typeof start>} program
 * @param {string} host
 * @returns {Served}
 */
function served(program, host) {
  return {
    host,
    output: program.output,
    end: async () => {
      program.end();
      await program.ended;
    },
  };
}

/** @param {ReturnType<typeof start>} program */
async function firstLine(program) {
  let reason = "";
  program.ended.then((ending) => {
    reason = ending.reason;
  });
  for (;;) {
    const line = program.printed().split("\n", 2);
    if (line.length > 1) return line[0] ?? "";
    if (reason !== "") throw new Error(`varve serve ${reason}\n${program.output()}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A loopback port that nobody listened on a moment ago. @returns {Promise<number>} */
function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() =>
        typeof address === "object" && address !== null
          ? resolve(address.port)
          : reject(new Error("no port")),
      );
    });
  });
}
