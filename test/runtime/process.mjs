/** Child processes that cannot outlive this one or their time, and whose output is kept for whoever has to find out why they failed. */
import { spawn } from "node:child_process";

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();

process.on("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** The tests speak to this machine alone, and a proxy would stand in between. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !/_proxy$/i.test(name)),
);

/** @typedef {{ cwd?: string, env?: Record<string, string>, signal: AbortSignal }} Options */

/**
 * Starts a program, which is ended when the signal is aborted.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {Options} options
 */
export function start(file, args, { cwd, env, signal }) {
  const child = spawn(file, args, {
    ...(cwd !== undefined && { cwd }),
    env: { ...environment, ...env },
    stdio: ["ignore", "pipe", "pipe", "pipe"],
    signal,
    killSignal: "SIGKILL",
  });
  running.add(child);
  const { 1: stdout, 2: stderr, 3: control } = /** @type {import("node:stream").Readable[]} */ (child.stdio);
  let printed = "";
  let output = "";
  stdout?.setEncoding("utf8").on("data", (text) => {
    printed += text;
    output += text;
  });
  stderr?.setEncoding("utf8").on("data", (text) => {
    output += text;
  });
  child.on("error", (error) => {
    output += `${error.message}\n`;
  });
  /** @type {Promise<{ code: number | null, reason: string }>} */
  const ended = new Promise((resolve) => {
    child.on("close", (code, killedBy) => {
      running.delete(child);
      resolve({ code, reason: code === null ? `was ended by ${killedBy}` : `ended with status ${code}` });
    });
  });
  return {
    /** How it ended, in words, and its exit status. */
    ended,
    /** What it writes to its file descriptor 3. */
    control,
    /** What it has printed so far on its standard output. */
    printed: () => printed,
    /** The same with what it has printed on its standard error. */
    output: () => output,
    end: () => child.kill("SIGKILL"),
  };
}

/**
 * Runs a program to its end.
 *
 * @param {string} file
 * @param {readonly string[]} args
 * @param {Options} options
 * @returns what it printed on its standard output
 * @throws an error with all of its output, unless it ends with status 0
 */
export async function run(file, args, options) {
  const program = start(file, args, options);
  const { code, reason } = await program.ended;
  if (code !== 0) throw new Error(`${[file, ...args].join(" ")} ${reason}\n${program.output()}`);
  return program.printed();
}
