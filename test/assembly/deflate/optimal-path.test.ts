/**
 * The matches and the path of small segments against what a search through everything finds. The instance's regions
 * are read after a segment has been encoded: they hold what the last pass left.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { machineCode, randomFrom, text } from "../../fixtures/bytes.js";
import { constant } from "../../fixtures/format-blocks.js";
import { region } from "../../fixtures/memory-map.js";
import { rawCore, rawGzip } from "../../fixtures/wasm.js";

const HASH_MULTIPLIER = constant("deflate/optimal-matches.ts", "HASH_MULTIPLIER");
const TRIPLE_HASH_BITS = constant("deflate/optimal-matches.ts", "TRIPLE_HASH_BITS");
const LITERAL = 1;
/** From a key to its cost, modulo 2^23. */
const KEY_BITS = 9;

const core = rawCore(12);
const words = (name: string): Uint32Array => {
  const { address, size } = region(name);
  return new Uint32Array(core.bytes.buffer, address, Math.floor(size / 4));
};
const [matchWords, choices, costs, literalCosts, lengthKeys, distCosts] = [
  "MATCHES",
  "CHOICES",
  "COSTS",
  "LITERAL_COSTS",
  "LENGTH_KEYS",
  "DIST_COSTS",
].map(words) as [Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array, Uint32Array];
const counts = core.bytes.subarray(region("MATCH_COUNTS").address);

interface Match {
  readonly length: number;
  readonly distance: number;
}

const decode = (word: number): Match & { symbol: number } => ({
  length: word & 511,
  symbol: (word >>> 9) & 31,
  distance: (word >>> 14) + 1,
});

/** The matches of each position, as the instance found them. */
function foundMatches(size: number): Match[][] {
  let at = 0;
  return Array.from({ length: size }, (_, p) => {
    const count = counts[p] as number;
    at += count;
    return [...matchWords.subarray(at - count, at)].map((word) => {
      const { length, distance } = decode(word);
      return { length, distance };
    });
  });
}

function agreeing(input: Uint8Array, p: number, distance: number): number {
  let length = 0;
  while (p + length < input.length && input[p + length] === input[p - distance + length]) length++;
  return length;
}

/** For each position the nearest match of each length from 4 on, and the latest triple that has the same hash. */
function allMatches(input: Uint8Array): Match[][] {
  const padded = new Uint8Array(input.length + 4);
  padded.set(input);
  const view = new DataView(padded.buffer);
  const triples = new Map<number, number>();
  return Array.from(input, (_, p) => {
    if (p + 3 > input.length) return [];
    const matches: Match[] = [];
    const hash = Math.imul(view.getUint32(p, true) << 8, HASH_MULTIPLIER) >>> (32 - TRIPLE_HASH_BITS);
    const triple = triples.get(hash);
    triples.set(hash, p);
    if (triple !== undefined && agreeing(input, p, p - triple) >= 3)
      matches.push({ length: 3, distance: p - triple });
    let longest = 3;
    for (let distance = 1; distance <= p; distance++) {
      const length = agreeing(input, p, distance);
      if (length > longest) {
        matches.push({ length, distance });
        longest = length;
      }
    }
    return matches;
  });
}

const distSymbol = (distance: number): number => {
  const extraBits = Math.max(0, 30 - Math.clz32(distance - 1));
  return 2 * extraBits + ((distance - 1) >>> extraBits);
};

const stepCost = (input: Uint8Array, p: number, length: number, distance: number): number =>
  length === LITERAL
    ? (literalCosts[input[p] as number] as number) >>> KEY_BITS
    : ((lengthKeys[length] as number) >>> KEY_BITS) +
      ((distCosts[distSymbol(distance)] as number) >>> KEY_BITS);

/** The least cost of any path, trying every match at every length it can be shortened to. */
function leastCost(input: Uint8Array, matches: readonly Match[][]): number {
  const ways = new Array<number>(input.length + 1).fill(Number.POSITIVE_INFINITY);
  ways[0] = 0;
  const relax = (to: number, cost: number): void => {
    ways[to] = Math.min(ways[to] as number, cost);
  };
  for (let p = 0; p < input.length; p++) {
    const way = ways[p] as number;
    relax(p + 1, way + stepCost(input, p, LITERAL, 0));
    for (const match of matches[p] as Match[]) {
      for (let length = 3; length <= match.length; length++)
        relax(p + length, way + stepCost(input, p, length, match.distance));
    }
  }
  return ways[input.length] as number;
}

/** The cost of the path that CHOICES holds. */
function pathCost(input: Uint8Array): number {
  let cost = 0;
  let p = 0;
  while (p < input.length) {
    const { length, distance, symbol } = decode(choices[p] as number);
    if (length !== LITERAL) {
      expect(symbol).toBe(distSymbol(distance));
      expect(agreeing(input, p, distance)).toBeGreaterThanOrEqual(length);
    }
    cost += stepCost(input, p, length, distance);
    p += length;
  }
  expect(p).toBe(input.length);
  return cost;
}

/** Letters of a small alphabet with copies from anywhere before: many matches, of many lengths. */
const copies = fc
  .tuple(
    fc.array(fc.integer({ min: 97, max: 102 }), { minLength: 1, maxLength: 40 }),
    fc.array(fc.tuple(fc.nat(300), fc.integer({ min: 1, max: 40 }), fc.integer({ min: 97, max: 102 })), {
      maxLength: 12,
    }),
  )
  .map(([letters, pieces]) => {
    const bytes = [...letters];
    for (const [from, length, letter] of pieces) {
      for (let at = from % bytes.length, i = 0; i < length; i++) bytes.push(bytes[at + i] as number);
      bytes.push(letter);
    }
    return Uint8Array.from(bytes.slice(0, 250));
  });

describe("a small segment at level 12", () => {
  it("has the nearest match of every length", () => {
    fc.assert(
      fc.property(copies, (input) => {
        rawGzip(core, 12, input);
        expect(foundMatches(input.length)).toEqual(allMatches(input));
      }),
      { numRuns: 300 },
    );
  });

  it("has a path that no other undercuts, by the costs of its last pass", () => {
    fc.assert(
      fc.property(copies, (input) => {
        rawGzip(core, 12, input);
        const least = leastCost(input, allMatches(input));
        expect(pathCost(input)).toBe(least);
        expect((costs[0] as number) >>> KEY_BITS).toBe(least % 2 ** 23);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    ["text", text(2000, 1)],
    ["machine code", machineCode(2000, 2)],
    ["four letters", randomFrom(4, 1500, 3)],
  ])("of %s has a path that no other through the matches it found undercuts", (_, input) => {
    for (const level of [10, 11, 12]) {
      rawGzip(core, level, input);
      expect(pathCost(input)).toBe(leastCost(input, foundMatches(input.length)));
    }
  });
});
