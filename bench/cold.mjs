// The cold case: what the first small layer costs in a process that has just started.
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { KIB } from "./chunks.mjs";
import { progress, rounded, table } from "./report.mjs";
import { latency, rotation } from "./rounds.mjs";
import { verifyLayer } from "./verify.mjs";

/** @import { Outcome } from "./contender.mjs" */

const run = promisify(execFile);
const child = fileURLToPath(new URL("cold-start.mjs", import.meta.url));

/** How much of the input goes through: its first 64 KiB. */
const COLD_BYTES = 64 * KIB;

/**
 * The module of each engine that takes part; its `layer` is run.
 *
 * @type {Readonly<Record<string, string>>}
 */
export const coldEngines = {
  varve: "./engines/varve.mjs",
  node: "./engines/node.mjs",
  "compression-stream": "./engines/compression-stream.mjs",
  "fflate+hash-wasm": "./engines/fflate-hash-wasm.mjs",
  "pako+noble": "./engines/pako-noble.mjs",
};

/**
 * One engine's result, as `--json` prints it.
 *
 * @typedef {object} ColdRow
 * @property {"cold"} case
 * @property {string} engine
 * @property {number | null} level
 * @property {number} inputBytes
 * @property {number} outputBytes
 * @property {{ median: number, best: number }} mbps the same, as MB of input a second, in the form of the other cases
 * @property {{ median: number, best: number }} ms milliseconds from before the import to the layer's
 *   digest; Node's own start is not in it
 * @property {number} rounds
 */

/**
 * Starts a fresh process for every sample, the engines in turn. Every sample's layer is verified.
 *
 * @param {string} file its first 64 KiB are the input
 * @param {{ level: number, rounds: number, engines: readonly string[] }} options
 * @returns {Promise<ColdRow[]>} in the order of the engines
 */
export async function measureCold(file, { level, rounds, engines }) {
  const input = new Uint8Array(await readFile(file)).subarray(0, COLD_BYTES);
  const samples = engines.map((engine) => ({
    engine,
    module: moduleOf(engine),
    level: /** @type {number | null} */ (level),
    outputBytes: 0,
    milliseconds: /** @type {number[]} */ ([]),
  }));
  try {
    for (let round = 0; round < rounds; round++) {
      for (const index of rotation(samples.length, round)) {
        const one = /** @type {(typeof samples)[number]} */ (samples[index]);
        progress(`cold: round ${round + 1} of ${rounds}, ${one.engine}`);
        const { stdout } = await run(process.execPath, [
          child,
          one.module,
          String(level),
          file,
          String(COLD_BYTES),
        ]);
        /** @type {{ level: number | null, milliseconds: number, outcome: Outcome, output: string }} */
        const said = JSON.parse(stdout);
        verifyLayer(input, said.outcome, Buffer.from(said.output, "base64"));
        one.level = said.level;
        one.outputBytes = said.outcome.outputBytes;
        one.milliseconds.push(said.milliseconds);
      }
    }
  } finally {
    progress("");
  }
  return samples.map(({ engine, level: ownLevel, outputBytes, milliseconds }) => {
    const { median, best } = latency(milliseconds);
    const ms = { median: rounded(median, 2), best: rounded(best, 2) };
    const mbps = { median: rate(input.length, median), best: rate(input.length, best) };
    return { case: "cold", engine, level: ownLevel, inputBytes: input.length, outputBytes, mbps, ms, rounds };
  });
}

/**
 * @param {number} bytes
 * @param {number} milliseconds
 * @returns {number} MB a second, 1 MB being 1,000,000 bytes
 */
function rate(bytes, milliseconds) {
  return rounded(bytes / 1000 / milliseconds, 2);
}

/**
 * @param {readonly ColdRow[]} rows
 * @returns {string}
 */
export function coldTable(rows) {
  const body = rows.map((row) => [
    row.engine,
    row.level === null ? "-" : String(row.level),
    row.ms.median.toFixed(2),
    row.ms.best.toFixed(2),
    String(row.outputBytes),
  ]);
  return table(["engine", "level", "median ms", "best ms", "output bytes"], body, new Set([0]));
}

/**
 * @param {string} engine
 * @returns {string}
 */
function moduleOf(engine) {
  const module = Object.hasOwn(coldEngines, engine) ? coldEngines[engine] : undefined;
  if (module === undefined) {
    throw new RangeError(
      `there is no engine "${engine}" in this case; it has ${Object.keys(coldEngines).join(", ")}`,
    );
  }
  return module;
}
