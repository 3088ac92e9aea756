// What the bench prints: tables for people, one JSON object a line for programs.
import { availableParallelism, cpus } from "node:os";
import { throughput } from "./rounds.mjs";

/** @import { Timed } from "./rounds.mjs" */

/**
 * One engine's result in a throughput case, as `--json` prints it.
 *
 * @typedef {object} ThroughputRow
 * @property {string} case
 * @property {string} engine
 * @property {number | null} level
 * @property {number} inputBytes
 * @property {number} outputBytes
 * @property {{ median: number, best: number }} mbps MB of uncompressed bytes a second, 1 MB being 1,000,000 bytes
 * @property {number} rounds
 * @property {string} input the file's name
 * @property {number} [threads] how many threads the engine was told to use, where it can be told
 * @property {"wasm" | "native"} [sha256] whose hash it was told to use, where it can be told
 * @property {string} config
 */

/**
 * @param {string} name the case
 * @param {string} input the file's name
 * @param {number} inputBytes how many the engine got
 * @param {Timed} timed
 * @param {number} [uncompressedBytes] those that MB/s count, where the engine got others
 * @returns {ThroughputRow}
 */
export function throughputRow(
  name,
  input,
  inputBytes,
  { contender, outcome, seconds },
  uncompressedBytes = inputBytes,
) {
  const { median, best } = throughput(uncompressedBytes, seconds);
  return {
    case: name,
    engine: contender.engine,
    level: contender.level,
    inputBytes,
    outputBytes: outcome.outputBytes,
    mbps: { median: rounded(median, 1), best: rounded(best, 1) },
    rounds: seconds.length,
    input,
    ...(contender.threads === undefined ? {} : { threads: contender.threads }),
    ...(contender.sha256 === undefined ? {} : { sha256: contender.sha256 }),
    config: contender.config,
  };
}

/**
 * A table of a case's results on one input, each compared with the baseline engine where that one took
 * part.
 *
 * @param {readonly ThroughputRow[]} rows
 * @param {string} baseline
 * @param {boolean} compresses whether output sizes are worth a column
 * @returns {string}
 */
export function throughputTable(rows, baseline, compresses) {
  const reference = rows.find((row) => row.engine === baseline);
  const head = ["engine", "level", "median MB/s", "best MB/s"];
  if (reference !== undefined) head.push(`x ${baseline}`);
  if (compresses) head.push("output bytes", "ratio");
  const body = rows.map((row) => {
    const cells = [
      row.engine,
      row.level === null ? "-" : String(row.level),
      row.mbps.median.toFixed(1),
      row.mbps.best.toFixed(1),
    ];
    if (reference !== undefined) cells.push((row.mbps.median / reference.mbps.median).toFixed(2));
    if (compresses)
      cells.push(
        grouped(row.outputBytes),
        row.inputBytes === 0 ? "-" : (row.outputBytes / row.inputBytes).toFixed(4),
      );
    return [...cells, row.config];
  });
  return table([...head, "used as"], body, new Set([0, head.length]));
}

/**
 * Columns as wide as their widest cell, two spaces apart.
 *
 * @param {readonly string[]} head
 * @param {readonly (readonly string[])[]} body
 * @param {ReadonlySet<number>} left indexes of the columns set flush left; the others are numbers
 * @returns {string} lines without a trailing newline
 */
export function table(head, body, left) {
  const lines = [head, ...body];
  const widths = head.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  return lines
    .map((line) =>
      widths
        .map((width, column) =>
          left.has(column) ? (line[column] ?? "").padEnd(width) : (line[column] ?? "").padStart(width),
        )
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/**
 * A whole number with its thousands set apart, whatever the machine's language.
 *
 * @param {number} value
 * @returns {string}
 */
export function grouped(value) {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ",");
}

/**
 * @param {number} value
 * @param {number} places decimals to keep
 * @returns {number}
 */
export function rounded(value, places) {
  return Math.round(value * 10 ** places) / 10 ** places;
}

/**
 * The machine, in a few words: a figure means little without it.
 *
 * @returns {string}
 */
export function machine() {
  const model = cpus()[0]?.model.trim() ?? "unknown processor";
  return `Node ${process.version}, ${process.platform} ${process.arch}, ${availableParallelism()} x ${model}`;
}

/**
 * A line on stderr that the next one overwrites; silent where stderr is not a terminal.
 *
 * @param {string} text empty to wipe the line
 */
export function progress(text) {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
