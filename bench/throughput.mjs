// Runs one throughput case on one input, and the search for an engine's best configuration.

import { availableParallelism } from "node:os";
import { chooseEngines } from "./cases.mjs";
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
  { level, rounds, engines, threads = availableParallelism() },
) {
  const contenders = [];
  for (const [, entry] of chooseEngines(which, engines)) {
    for (const configuration of entry.variants?.(threads) ?? [entry.best])
      contenders.push(await entry.prepare(input.bytes, level, configuration));
  }
  return timeVerified(name, which, input, contenders, rounds);
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
  for (const [, entry] of chooseEngines(which, [engine])) {
    for (const configuration of entry.configurations)
      contenders.push(await entry.prepare(input.bytes, level, configuration));
  }
  const rows = await timeVerified(name, which, input, contenders, rounds);
  return rows.sort((a, b) => b.mbps.median - a.mbps.median);
}

/**
 * @param {string} name
 * @param {Case} which
 * @param {Input} input
 * @param {readonly Contender[]} contenders
 * @param {number} rounds
 * @returns {Promise<ThroughputRow[]>}
 */
async function timeVerified(name, which, input, contenders, rounds) {
  try {
    for (const contender of contenders) {
      progress(`${input.name}: verifying ${contender.engine}`);
      await verified(contender, input.bytes, which.verify);
    }
    const timed = await interleave(contenders, {
      rounds,
      onRun: (round, engine) => progress(`${input.name}: round ${round + 1} of ${rounds}, ${engine}`),
    });
    return timed.map((one) => throughputRow(name, input.name, input.bytes.length, one));
  } finally {
    progress("");
  }
}
