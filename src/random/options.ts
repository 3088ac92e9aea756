import { VarveError } from "../core/error.js";
import { Generator, stateOf } from "./generator.js";

/** Gives 32 bits, as a whole number from 0 to 2^32 - 1. */
export type RandomSource = () => number;

/** Where the bytes come from. Default: a seed that the runtime's `crypto` gives. */
export interface RandomOptions {
  /** A whole number from 0 to 2^53 - 1. The same seed gives the same bytes, on every runtime. */
  readonly seed?: number | undefined;
  /**
   * Gives the seeds of layers, four numbers for each, when they are made; instead of `seed`. One source may serve many
   * calls, so that all of their layers differ.
   */
  readonly source?: RandomSource | undefined;
}

/** A size, a count or a seed is not a whole number of the right range. Its `code` is `ERR_VARVE_RANDOM`. */
export class RandomError extends VarveError {
  override readonly name = "RandomError";

  constructor(what: string, value: unknown, range: string) {
    super("ERR_VARVE_RANDOM", `the ${what} of something random is ${describe(value)}: give ${range}`);
  }
}

/** @throws {RandomError} if a seed is no seed, or beside a source */
export function sourceOf({ seed, source }: RandomOptions): RandomSource {
  if (source !== undefined) {
    if (seed !== undefined) throw new RandomError("seed", seed, "either a seed or a source, not both");
    return source;
  }
  const generator = new Generator(seed === undefined ? unseeded() : stateOf(whole("seed", seed)));
  return () => generator.next();
}

/** @throws {RandomError} if it is not a whole number from 0 to 2^53 - 1 */
export function whole(what: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new RandomError(what, value, "a whole number from 0 to 2^53 - 1");
  }
  return value;
}

/** @throws {RandomError} if the source gives something else than 32 bits */
export function drawState(source: RandomSource): Uint32Array {
  const state = Uint32Array.from({ length: 4 }, () => {
    const word = source();
    if (!Number.isInteger(word) || word < 0 || word > 0xffffffff) {
      throw new RandomError("source", word, "a function that returns whole numbers from 0 to 2^32 - 1");
    }
    return word;
  });
  // The one state from which the generator never gives anything but 0.
  if (state.every((word) => word === 0)) state[0] = 1;
  return state;
}

function unseeded(): Uint32Array {
  return crypto.getRandomValues(new Uint32Array(4));
}

function describe(value: unknown): string {
  return typeof value === "number" || typeof value === "bigint" ? String(value) : `a ${typeof value}`;
}
