/**
 * @import { GoldenTable } from "../golden/inputs.js"
 * @import { HandedIn } from "./runner.js"
 */

/**
 * Compares what a runtime handed in with the golden table. All runtimes equal to the table means that they are equal to each other; each
 * difference tells which other runtimes have it too, because a table that is out of date and a runtime that is wrong look different so.
 *
 * @param {HandedIn} report
 * @param {GoldenTable} table
 * @param {readonly HandedIn[]} reports those of all runtimes
 * @returns {string[]} the differences, in words
 */
export function differences(report, table, reports) {
  /** @type {Map<string, string | undefined>} */
  const expected = new Map();
  for (const { name, gzip } of table.rows) {
    for (const level of table.levels) expected.set(`${name}/${level}`, gzip[level]?.sha256);
  }
  const found = [];
  for (const key of new Set([...expected.keys(), ...Object.keys(report.digests)])) {
    const digest = report.digests[key];
    const wanted = expected.get(key);
    if (digest === undefined) {
      found.push(`${key}: ${report.runtime} handed in no digest`);
    } else if (digest !== wanted) {
      const company = reports.filter(({ digests }) => digests[key] === digest).map(({ runtime }) => runtime);
      found.push(`${key}: ${company.join(", ")} gave ${digest}, the table has ${wanted ?? "no such row"}`);
    }
  }
  return found;
}
