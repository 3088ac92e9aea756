// Runs one throughput case on one input, and the search for an engine's best configuration.

import { availableParallelism } from "node:os";
import { chooseEngines, hasLevel } from "./cases.mjs";
import { progress, throughputRow } from "./report.mjs";
import { interleave } from "./rounds.mjs";
import { verified } from "./verify.mjs";

/** @import { Case } from "./cases.mjs" */
/** @import { Contender } from "./contender.mjs" */
/** @import { ThroughputRow } from "./report.mjs" */

/**
 * @typedef {object} Input
 * @property {string} name
 * @property {Uint8Array} bytes
 */

/**
 * @typedef {object} Options
 * @property {number} level
 * @property {number} rounds
 * @property {readonly string[] | undefined} engines undefined for all
 * @property {number} [threads] for engines that are measured on one and on several; default: as many as run at a time
 * @property {boolean} [everyLevel] whether the level is one of many: engines that don't have it are then left out
 */

/**
 * Verifies every engine once, then times them in rounds, each as it is used best.
 *
 * @param {string} name
 * @param {Case} which
 * @param {Input} input
 * @param {Options} options
 * @returns {Promise<ThroughputRow[]>} in the order of the engines
 */
export async function measure(
  name,
  which,
  input,
  { level, rounds, engines, everyLevel = false, threads = availableParallelism() },
) {
  const contenders = [];
  const given = which.from?.(input.bytes) ?? input.bytes;
  for (const [engine, entry] of chooseEngines(which, engines)) {
    if (hasLevel(entry, level)) {
      for (const configuration of entry.variants?.(threads) ?? [entry.best])
        contenders.push(await entry.prepare(given, level, configuration));
    } else if (engines !== undefined && !everyLevel)
      throw new RangeError(
        `the engine "${engine}" has no level ${level}: it has ${entry.levels?.join(", ")}`,
      );
  }
  return timeVerified(name, which, input, given, contenders, rounds);
}

/**
 * Times one engine in every configuration it names, interleaved like engines.
 *
 * @param {string} name
 * @param {Case} which
 * @param {Input} input
 * @param {{ level: number, rounds: number, engine: string }} options
 * @returns {Promise<ThroughputRow[]>} the fastest median first
 */
export async function tune(name, which, input, { level, rounds, engine }) {
  const contenders = [];
  const given = which.from?.(input.bytes) ?? input.bytes;
  for (const [, entry] of chooseEngines(which, [engine])) {
    for (const configuration of entry.configurations)
      contenders.push(await entry.prepare(given, level, configuration));
  }
  const rows = await timeVerified(name, which, input, given, contenders, rounds);
  return rows.sort((a, b) => b.mbps.median - a.mbps.median);
}

/**
 * @param {string} name
 * @param {Case} which
 * @param {Input} input the file
 * @param {Uint8Array} given what the engines get of it
 * @param {readonly Contender[]} contenders
 * @param {number} rounds
 * @returns {Promise<ThroughputRow[]>}
 */
async function timeVerified(name, which, input, given, contenders, rounds) {
  try {
    for (const contender of contenders) {
      progress(`${input.name}: verifying ${contender.engine}`);
      await verified(contender, input.bytes, which.verify);
    }
    const timed = await interleave(contenders, {
      rounds,
      onRun: (round, engine) => progress(`${input.name}: round ${round + 1} of ${rounds}, ${engine}`),
    });
    return timed.map((one) => throughputRow(name, input.name, given.length, one, input.bytes.length));
  } finally {
    progress("");
  }
}
