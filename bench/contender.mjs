/**
 * What a run reports of itself. Each case fills in what it computes.
 *
 * @typedef {object} Outcome
 * @property {number} outputBytes bytes the engine produced: compressed bytes, or the length of the digest
 * @property {string} [digest] SHA-256 of what the case hashes last (the compressed bytes of a layer), in
 *   hex
 * @property {string} [diffID] SHA-256 of a layer's uncompressed bytes, in hex
 * @property {number} [crc] CRC-32, unsigned
 */

/**
 * Receives each piece of output. It is given only while an engine is verified: timed runs drop their
 * output. A piece may be a view that is valid during the call only.
 *
 * @typedef {(piece: Uint8Array) => void} Sink
 */

/**
 * One engine, set up for one input: what a round runs.
 *
 * @typedef {object} Contender
 * @property {string} engine its name in the output
 * @property {number | null} level the compression level; null where the engine or the case has none
 * @property {number} [threads] how many the engine was told to use, where it can be told
 * @property {"wasm" | "native"} [sha256] whose hash it was told to use, where it can be told
 * @property {string} config how the engine is used, in words
 * @property {(sink?: Sink) => Outcome | Promise<Outcome>} run does the whole job once
 */

/**
 * An engine's part in a case. A configuration says how the engine is used (sizes in bytes, or other numbers
 * that it takes); `prepare` sets the engine up with one for an input, and is not timed.
 *
 * @template C
 * @typedef {object} Entry
 * @property {C} best the configuration that `tune` found best, with which the case runs; figures beside it are what
 *   `npm run -s bench -- tune CASE --engine ENGINE --input FILE --first MIB` printed
 * @property {readonly C[]} configurations the ones that `tune` tries
 * @property {(threads: number) => C[]} [variants] the configurations with which the case runs, where one is not enough, for
 *   so many threads
 * @property {(input: Uint8Array, level: number, configuration: C) => Contender | Promise<Contender>}
 *   prepare
 * @property {readonly number[]} [levels] the compression levels that it has, where levels mean something to it
 * @property {string} [missing] why this runtime does not have the engine, where it does not
 */

/**
 * Every combination of the values given for each name.
 *
 * @template {string} Name
 * @param {Record<Name, readonly number[]>} values
 * @returns {Record<Name, number>[]}
 */
export function combinations(values) {
  /** @type {Record<string, number>[]} */
  let all = [{}];
  for (const [name, choices] of /** @type {[string, readonly number[]][]} */ (Object.entries(values))) {
    all = all.flatMap((one) => choices.map((choice) => ({ ...one, [name]: choice })));
  }
  return /** @type {Record<Name, number>[]} */ (all);
}
