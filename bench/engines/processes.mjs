// Native gzip programs, each as a whole process from one file to another: what a shell script gets. The time to
// start the process, some milliseconds, is part of theirs.
import { spawnSync } from "node:child_process";
import {
  accessSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** @import { Entry } from "../contender.mjs" */

/**
 * @typedef {object} Program
 * @property {string} name
 * @property {readonly number[]} levels those it has
 * @property {readonly string[]} compress the arguments that come before the level
 * @property {readonly string[]} decompress
 * @property {string} [remark] what it does with the machine
 */

/** @type {readonly Program[]} */
const programs = [
  { name: "libdeflate-gzip", levels: range(1, 12), compress: ["-c"], decompress: ["-d", "-c"] },
  {
    name: "pigz",
    levels: range(0, 9),
    compress: ["-c"],
    decompress: ["-d", "-c"],
    remark: ", as many threads as processors",
  },
  { name: "igzip", levels: range(0, 3), compress: ["-c"], decompress: ["-d", "-c"] },
];

/** Compression, by program. @type {Readonly<Record<string, Entry<{}>>>} */
export const gzip = Object.fromEntries(
  programs.map((program) => [program.name, entry(program, (level) => [...program.compress, `-${level}`])]),
);

/** Decompression, by program. @type {Readonly<Record<string, Entry<{}>>>} */
export const gunzip = Object.fromEntries(
  programs.map((program) => [program.name, entry(program, () => program.decompress, null)]),
);

/**
 * @param {Program} program
 * @param {(level: number) => readonly string[]} arguments_
 * @param {null} [noLevel] where the job has none
 * @returns {Entry<{}>}
 */
function entry({ name, levels, remark = "" }, arguments_, noLevel) {
  const path = find(name);
  return {
    best: {},
    configurations: [{}],
    ...(noLevel === null ? {} : { levels }),
    ...(path === undefined ? { missing: `${name} is not installed` } : {}),
    prepare(input, level) {
      const args = arguments_(level);
      const files = filesOf(input);
      return {
        engine: name,
        level: noLevel === null ? null : level,
        config: `${name} ${args.join(" ")}: a process${remark}`,
        run(sink) {
          const source = openSync(files.input, "r");
          const output = openSync(files.output, "w");
          try {
            const { status, error, stderr } = spawnSync(path ?? name, args, {
              stdio: [source, output, "pipe"],
            });
            if (error) throw error;
            if (status !== 0) throw new Error(String(stderr).trim() || `${name} ended with status ${status}`);
          } finally {
            closeSync(source);
            closeSync(output);
          }
          sink?.(readFileSync(files.output));
          return { outputBytes: statSync(files.output).size };
        },
      };
    },
  };
}

/** Removed when the bench ends. @type {string[]} */
const directories = [];
process.once("exit", () => {
  for (const directory of directories) rmSync(directory, { recursive: true, force: true });
});

/** @type {WeakMap<Uint8Array, { input: string, output: string }>} */
const written = new WeakMap();

/**
 * The input as a file, written once, and a place for the output.
 *
 * @param {Uint8Array} bytes
 */
function filesOf(bytes) {
  const known = written.get(bytes);
  if (known !== undefined) return known;
  const directory = mkdtempSync(join(tmpdir(), "varve-bench-"));
  directories.push(directory);
  const files = { input: join(directory, "input"), output: join(directory, "output") };
  writeFileSync(files.input, bytes);
  written.set(bytes, files);
  return files;
}

/**
 * @param {string} program
 * @returns {string | undefined} its path, where it is installed
 */
function find(program) {
  for (const directory of (process.env.PATH ?? "").split(delimiter)) {
    const path = join(directory, program);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // It is not in this directory.
    }
  }
  return undefined;
}

/**
 * @param {number} first
 * @param {number} last
 * @returns {number[]}
 */
function range(first, last) {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}
