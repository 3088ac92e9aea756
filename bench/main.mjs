// The bench's command line.
import { readFile, writeFile } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError, Option } from "commander";
import { allLevels, cases } from "./cases.mjs";
import { MIB } from "./chunks.mjs";
import { coldEngines, coldTable, measureCold } from "./cold.mjs";
import { writeCorpora } from "./corpus.mjs";
import { measureMemory, memoryTable } from "./memory.mjs";
import { plot } from "./plot.mjs";
import { grouped, machine, table, throughputTable } from "./report.mjs";
import { measure, tune } from "./throughput.mjs";

/** @import { Input } from "./throughput.mjs" */

const help = `
Examples:
  npm run -s bench -- corpus --out /tmp/corpus
  npm run -s bench -- layer --input /tmp/corpus/packages.tar /tmp/corpus/system.tar
  npm run -s bench -- gzip --input /tmp/corpus/system.tar --engines varve,node --rounds 9 --json
  npm run -s bench -- gzip --input /tmp/corpus/system.tar --first 24 --level all --plot /tmp/speed.svg
  npm run -s bench -- gunzip --input /tmp/corpus/system.tar
  npm run -s bench -- tune layer --engine node --input /tmp/corpus/system.tar --first 16

How it measures:
  A file is read into memory once, and every engine gets the same bytes. Each engine's output is verified by node:zlib and
  node:crypto before anything is timed. Then the engines run in turn, one run each a round, in one process; each round begins one
  engine further on, and garbage is collected before every run. MB/s are of input, 1 MB being 1,000,000 bytes; the median of the
  rounds is the figure to quote, and the best is what a quiet moment gives. Every engine is used in the way that \`tune\` found
  fastest for it, which the table names. Cases with --json print one object a line.

Before measuring varve, build it: npm run build`;

const program = new Command("bench")
  .description("Measures varve beside what else can do the job on Node.")
  .addHelpText("after", help)
  .showHelpAfterError("(--help tells more)");

program
  .command("corpus")
  .description("write the standing corpora: packages.tar, system.tar, compressed.tar, zeros.bin, random.bin")
  .requiredOption("--out <dir>", "directory to write them to")
  .action(async ({ out }) => {
    const written = await writeCorpora(out);
    const body = written.map(({ name, size, sha256 }) => [name, grouped(size), sha256]);
    console.log(table(["file", "bytes", "sha256"], body, new Set([0, 2])));
  });

for (const [name, which] of Object.entries(cases)) {
  const command = program
    .command(name)
    .description(`${which.summary} (${Object.keys(which.engines).join(", ")})`)
    .addOption(inputOption())
    .addOption(firstOption())
    .addOption(roundsOption(7, 5))
    .option("--engines <names>", "only these, separated by commas", names)
    .option("--json", "print one object a line");
  if (which.compresses) {
    command.addOption(levelsOption());
    command.option("--plot <svg>", "draw speed against ratio, for all levels and inputs, into this file");
  }
  if (which.threaded) command.addOption(threadsOption());
  command.action(
    async ({ input, first, level: levels = [1], rounds, engines, threads, json, plot: picture }) => {
      const all = [];
      for (const file of await readInputs(input, first)) {
        for (const level of levels) {
          const rows = await measure(name, which, file, {
            level,
            rounds,
            engines,
            threads,
            everyLevel: levels.length > 1,
          });
          all.push(...rows);
          if (json) printLines(rows);
          else
            printTable(
              `${name}, ${describe(file)}, ${rounds} rounds`,
              throughputTable(rows, which.baseline, which.compresses),
            );
        }
      }
      if (picture !== undefined)
        await writeFile(picture, plot(all, `${name}: speed against ratio, ${machine()}`));
    },
  );
}

program
  .command("cold")
  .description(
    `a fresh process: import, compile, a layer of the first 64 KiB, in milliseconds (${Object.keys(coldEngines).join(", ")})`,
  )
  .option("--input <file>", "what the first 64 KiB are taken from (default: TypeScript's compiler)")
  .addOption(levelOption())
  .addOption(roundsOption(11, 5))
  .option("--engines <names>", "only these, separated by commas", names)
  .option("--json", "print one object a line")
  .action(async ({ input, level, rounds, engines, json }) => {
    const file = input === undefined ? fileURLToPath(import.meta.resolve("typescript")) : resolve(input);
    const rows = await measureCold(file, { level, rounds, engines: engines ?? Object.keys(coldEngines) });
    if (json) printLines(rows);
    else printTable(`cold, the first 64 KiB of ${basename(file)}, ${rounds} processes each`, coldTable(rows));
  });

program
  .command("memory")
  .description(
    "the most memory that `varve layer FILE` has resident, on a small file and on a large one (Linux)",
  )
  .option("--sizes <mib>", "sizes of the files in MiB, separated by commas", sizes, [10, 1024])
  .addOption(levelOption())
  .addOption(roundsOption(3, 1))
  .option("--json", "print one object a line")
  .action(async ({ sizes: mib, level, rounds, json }) => {
    const rows = await measureMemory({
      sizes: mib.map((/** @type {number} */ size) => size * MIB),
      level,
      rounds,
    });
    if (json) printLines(rows);
    else printTable(`memory, level ${level}, ${rounds} processes each`, memoryTable(rows));
  });

program
  .command("tune")
  .description(
    "time one engine of a case in every configuration worth trying: how the ones in use were chosen",
  )
  .addArgument(program.createArgument("<case>", "the case").choices(Object.keys(cases)))
  .requiredOption("--engine <name>", "the engine")
  .addOption(inputOption())
  .addOption(firstOption())
  .addOption(levelOption())
  .addOption(roundsOption(5, 1))
  .option("--json", "print one object a line")
  .action(async (name, { engine, input, first, level, rounds, json }) => {
    const which = cases[/** @type {keyof typeof cases} */ (name)];
    for (const file of await readInputs(input, first)) {
      const rows = await tune(name, which, file, { level, rounds, engine });
      if (json) printLines(rows);
      else
        printTable(
          `tune ${name}, ${describe(file)}, ${rounds} rounds`,
          throughputTable(rows, which.baseline, which.compresses),
        );
    }
  });

try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Error)) throw error;
  console.error(`bench: ${error.message}`);
  process.exitCode = 1;
}

function inputOption() {
  return new Option(
    "--input <files...>",
    "the file or files to measure on, one after another",
  ).makeOptionMandatory();
}

function firstOption() {
  return new Option("--first <mib>", "only the first so many MiB of each file").argParser(
    wholeNumber(1, 4096),
  );
}

function threadsOption() {
  return new Option(
    "--threads <n>",
    "measure varve on one thread and on so many (default: as many as the machine runs at a time)",
  ).argParser(wholeNumber(1, 64));
}

function levelOption() {
  return new Option("--level <n>", "compression level").argParser(wholeNumber(-2, 12)).default(1);
}

function levelsOption() {
  return new Option("--level <n>", "compression level; all: every one that varve has, one after another")
    .argParser((text) => (text === "all" ? allLevels : [wholeNumber(-2, 12)(text)]))
    .default([1], "1");
}

/**
 * @param {number} standard
 * @param {number} fewest
 */
function roundsOption(standard, fewest) {
  return new Option("--rounds <n>", `runs of each engine, at least ${fewest}`)
    .argParser(wholeNumber(fewest, 1000))
    .default(standard);
}

/**
 * @param {number} lowest
 * @param {number} highest
 * @returns {(text: string) => number}
 */
function wholeNumber(lowest, highest) {
  return (text) => {
    const value = Number(text);
    if (!/^-?\d+$/.test(text) || value < lowest || value > highest) {
      throw new InvalidArgumentError(`It must be a whole number from ${lowest} to ${highest}.`);
    }
    return value;
  };
}

/**
 * @param {string} text
 * @returns {string[]}
 */
function names(text) {
  return [...new Set(text.split(",").map((name) => name.trim()))];
}

/**
 * @param {string} text
 * @returns {number[]}
 */
function sizes(text) {
  return text.split(",").map(wholeNumber(1, 1 << 20));
}

/**
 * @param {readonly string[]} paths
 * @param {number} [first] in MiB
 * @returns {Promise<Input[]>}
 */
async function readInputs(paths, first = Number.POSITIVE_INFINITY) {
  const inputs = [];
  for (const path of paths) {
    const bytes = new Uint8Array(await readFile(path)).subarray(0, first * MIB);
    if (bytes.length === 0) throw new Error(`${path} is empty: there is nothing to measure on`);
    inputs.push({ name: basename(path), bytes });
  }
  return inputs;
}

/**
 * @param {Input} input
 * @returns {string}
 */
function describe({ name, bytes }) {
  return `${name} (${grouped(bytes.length)} bytes)`;
}

/**
 * @param {string} heading
 * @param {string} lines
 */
function printTable(heading, lines) {
  console.log(`${heading}, ${machine()}\n\n${lines}\n`);
}

/**
 * @param {readonly object[]} rows
 */
function printLines(rows) {
  for (const row of rows) console.log(JSON.stringify(row));
}
