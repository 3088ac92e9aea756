// The memory case: the peak of `varve layer FILE` on a small file and on a large one, which should be the
// same.
import { spawn } from "node:child_process";
import { mkdtemp, open, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { inUnits, KIB, MIB } from "./chunks.mjs";
import { Random } from "./random.mjs";
import { grouped, progress, rounded, table } from "./report.mjs";
import { median } from "./rounds.mjs";

const hook = new URL("memory-hook.mjs", import.meta.url).href;
const builtCommand = fileURLToPath(new URL("../dist/varve.js", import.meta.url));

/**
 * One file size's result, as `--json` prints it.
 *
 * @typedef {object} MemoryRow
 * @property {"memory"} case
 * @property {"varve"} engine
 * @property {number} level
 * @property {number} inputBytes
 * @property {number} outputBytes
 * @property {{ median: number, worst: number }} peakMiB the process's VmHWM
 * @property {number} aboveFirstMiB the median less the first size's
 * @property {number} rounds
 */

/**
 * Writes a file for each size into a temporary directory, runs the command on each, the sizes in turn, and
 * removes everything.
 *
 * @param {object} options
 * @param {readonly number[]} options.sizes in bytes, multiples of 1 MiB
 * @param {number} options.level
 * @param {number} options.rounds
 * @param {string} [options.command] the script whose `layer` is run
 * @returns {Promise<MemoryRow[]>} in the order of the sizes
 */
export async function measureMemory({ sizes, level, rounds, command = builtCommand }) {
  const directory = await mkdtemp(join(tmpdir(), "varve-bench-memory-"));
  try {
    const samples = [];
    for (const [index, bytes] of sizes.entries()) {
      const input = join(directory, `input-${index}`);
      progress(`memory: writing ${inUnits(bytes)}`);
      await writeSample(input, bytes);
      samples.push({ bytes, input, outputBytes: 0, peaks: /** @type {number[]} */ ([]) });
    }
    const output = join(directory, "output.tar.gz");
    for (let round = 0; round < rounds; round++) {
      for (const one of samples) {
        progress(`memory: round ${round + 1} of ${rounds}, ${inUnits(one.bytes)}`);
        one.peaks.push(
          await peakMemory([command, "layer", one.input, "-o", output, "--level", String(level)]),
        );
        one.outputBytes = (await stat(output)).size;
        await rm(output);
      }
    }
    const first = median(samples[0]?.peaks ?? []);
    return samples.map(({ bytes, outputBytes, peaks }) => ({
      case: "memory",
      engine: "varve",
      level,
      inputBytes: bytes,
      outputBytes,
      peakMiB: { median: rounded(median(peaks) / MIB, 1), worst: rounded(Math.max(...peaks) / MIB, 1) },
      aboveFirstMiB: rounded((median(peaks) - first) / MIB, 1),
      rounds,
    }));
  } finally {
    progress("");
    await rm(directory, { recursive: true, force: true });
  }
}

/**
 * Runs a Node program to its end and returns the most memory that it had resident (Linux's VmHWM).
 *
 * @param {readonly string[]} args the script and its arguments
 * @returns {Promise<number>} bytes
 * @throws {Error} when the program fails, with what it said on stderr
 */
export async function peakMemory(args) {
  if (process.platform !== "linux")
    throw new Error("peak memory is read from /proc/self/status, which only Linux has");
  const child = spawn(process.execPath, ["--import", hook, ...args], {
    stdio: ["ignore", "ignore", "pipe", "pipe"],
  });
  const [, , stderr, report] = child.stdio;
  const ended = new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code, signal) => resolve(code ?? signal));
  });
  const [status, complaint, peak] = await Promise.all([
    ended,
    text(/** @type {import("node:stream").Readable} */ (stderr)),
    text(/** @type {import("node:stream").Readable} */ (report)),
  ]);
  if (status !== 0) throw new Error(`node ${args.join(" ")} ended with ${status}: ${complaint.trim()}`);
  if (!/^\d+$/.test(peak)) throw new Error(`node ${args.join(" ")} did not report its peak memory`);
  return Number(peak) * KIB;
}

/**
 * Writes pseudo-random bytes of four bits each, of which compression makes little more than half.
 *
 * @param {string} path
 * @param {number} bytes a multiple of 1 MiB
 */
async function writeSample(path, bytes) {
  const random = new Random(bytes);
  const piece = new Uint8Array(MIB);
  const file = await open(path, "w");
  try {
    for (let written = 0; written < bytes; written += MIB)
      await file.writeFile(random.fill(piece, 0x0f0f0f0f));
  } finally {
    await file.close();
  }
}

/**
 * @param {readonly MemoryRow[]} rows
 * @returns {string}
 */
export function memoryTable(rows) {
  const body = rows.map((row) => [
    inUnits(row.inputBytes),
    grouped(row.outputBytes),
    row.peakMiB.median.toFixed(1),
    row.peakMiB.worst.toFixed(1),
    row.aboveFirstMiB.toFixed(1),
  ]);
  const head = ["input", "output bytes", "median peak MiB", "worst", "above the first"];
  return table(head, body, new Set());
}
