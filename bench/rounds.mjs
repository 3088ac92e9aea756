// Rounds: every engine runs once a round, so that whatever else the machine does strikes all of them alike.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** @import { Contender, Outcome } from "./contender.mjs" */

/**
 * The middle and the best of several measurements of one thing.
 *
 * @typedef {object} Summary
 * @property {number} median
 * @property {number} best
 */

/**
 * One engine's part in a finished run.
 *
 * @typedef {object} Timed
 * @property {Contender} contender
 * @property {Outcome} outcome that of the last run
 * @property {number[]} seconds one a round, in the order of the rounds
 */

/**
 * The order in which `count` engines run in a round: each round begins one engine further on, so that none
 * always runs in the wake of the same place in time.
 *
 * @param {number} count
 * @param {number} round from 0
 * @returns {number[]} every index below `count` once
 */
export function rotation(count, round) {
  return Array.from({ length: count }, (_, place) => (place + round) % count);
}

/**
 * Times every contender once a round.
 *
 * @param {readonly Contender[]} contenders
 * @param {object} options
 * @param {number} options.rounds
 * @param {() => number} [options.now] a clock in milliseconds
 * @param {() => void} [options.settle] called before each run and not timed; collects garbage unless told
 *   otherwise, so that no engine pays for another's
 * @param {(round: number, engine: string) => void} [options.onRun] called before each run, not timed
 * @returns {Promise<Timed[]>} in the order of the contenders
 */
export async function interleave(
  contenders,
  { rounds, now = () => performance.now(), settle = collectGarbage, onRun },
) {
  const timed = contenders.map((contender) => ({
    contender,
    outcome: { outputBytes: 0 },
    seconds: /** @type {number[]} */ ([]),
  }));
  for (let round = 0; round < rounds; round++) {
    for (const index of rotation(contenders.length, round)) {
      const one = /** @type {Timed} */ (timed[index]);
      onRun?.(round, one.contender.engine);
      settle();
      const started = now();
      one.outcome = await one.contender.run();
      one.seconds.push((now() - started) / 1000);
    }
  }
  return timed;
}

/**
 * The middle value, or the mean of the two middle ones.
 *
 * @param {readonly number[]} values at least one
 * @returns {number}
 */
export function median(values) {
  if (values.length === 0) throw new RangeError("no values have no median");
  const sorted = [...values].sort((a, b) => a - b);
  const above = sorted.length >> 1;
  const upper = sorted[above] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[above - 1] ?? Number.NaN) + upper) / 2;
}

/**
 * @param {number} inputBytes
 * @param {readonly number[]} seconds
 * @returns {Summary} MB of input a second, 1 MB being 1,000,000 bytes; the best is the highest
 */
export function throughput(inputBytes, seconds) {
  const rates = seconds.map((duration) => inputBytes / 1e6 / duration);
  return { median: median(rates), best: Math.max(...rates) };
}

/**
 * @param {readonly number[]} durations in any unit
 * @returns {Summary} in the same unit; the best is the shortest
 */
export function latency(durations) {
  return { median: median(durations), best: Math.min(...durations) };
}

/**
 * V8's garbage collector, got without Node having been started with --expose-gc.
 *
 * @type {(() => void) | undefined}
 */
let collector;

function collectGarbage() {
  if (collector === undefined) {
    setFlagsFromString("--expose-gc");
    collector = runInNewContext("gc");
  }
  collector?.();
}
