import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  concat,
  machineCode,
  mixed,
  randomBytes,
  randomFrom,
  text,
  xorshift32,
} from "../../fixtures/bytes.js";
import type { Block } from "../../fixtures/deflate-reader.js";
import { dissect } from "../../fixtures/dissect.js";
import { codeCost, huffmanCost, limitedHuffmanCost } from "../../fixtures/huffman-cost.js";
import { SEGMENT_SIZE } from "../../fixtures/wasm.js";

const alphabets = [
  { alphabet: "litlen", limit: 15 },
  { alphabet: "dist", limit: 15 },
  { alphabet: "precode", limit: 7 },
] as const;

/**
 * Each code is as short as a prefix code can be; if the longest codeword is at the limit, within 1 % of it.
 * (Completeness is checked by the reader.)
 */
function expectGoodCodes(blocks: readonly Block[]): void {
  for (const { counts, lengths } of blocks.filter(({ type }) => type === "dynamic")) {
    for (const { alphabet, limit } of alphabets) {
      const cost = codeCost(counts[alphabet], lengths[alphabet]);
      const longest = Math.max(...lengths[alphabet]);
      expect(longest).toBeLessThanOrEqual(limit);
      if (longest < limit) expect(cost, alphabet).toBe(huffmanCost(counts[alphabet]));
      else expect(cost, alphabet).toBeLessThanOrEqual(1.01 * limitedHuffmanCost(counts[alphabet], limit));
    }
  }
}

/** The blocks that carry bytes, which must be dynamic. */
function dynamicBlocks(input: Uint8Array): readonly Block[] {
  const blocks = dissect(input).blocks.filter(({ start, end }) => end > start);
  expect(blocks.map(({ type }) => type)).toEqual(blocks.map(() => "dynamic"));
  expectGoodCodes(blocks);
  return blocks;
}

/** The only block of a short input. */
function dynamicBlock(input: Uint8Array): Block {
  const [block, ...others] = dynamicBlocks(input);
  if (!block || others.length > 0) throw new Error(`${others.length + 1} blocks: the input is to make one`);
  return block;
}

/** Fisher and Yates's shuffle. */
function shuffled(bytes: Uint8Array, seed: number): Uint8Array<ArrayBuffer> {
  const next = xorshift32(seed);
  const result = bytes.slice() as Uint8Array<ArrayBuffer>;
  for (let i = result.length - 1; i > 0; i--) {
    const j = next() % (i + 1);
    [result[i], result[j]] = [result[j] as number, result[i] as number];
  }
  return result;
}

/** Byte value `i` as often as `counts[i]` says, in disorder. */
function withCounts(counts: readonly number[], seed: number): Uint8Array<ArrayBuffer> {
  return shuffled(concat(...counts.map((count, value) => new Uint8Array(count).fill(value))), seed);
}

const used = (values: readonly number[]): number => values.filter((value) => value > 0).length;

describe("the codes of dynamic blocks", () => {
  it("are optimal, or nearly so at the limit, for text, code and mixtures", () => {
    expectGoodCodes(dissect(text(SEGMENT_SIZE, 30)).blocks);
    expectGoodCodes(dissect(machineCode(SEGMENT_SIZE, 31)).blocks);
    expectGoodCodes(dissect(mixed(4 * SEGMENT_SIZE, 32)).blocks);
  });

  it("are optimal, or nearly so at the limit, for any frequencies", () => {
    const weight = fc.nat({ max: 13 }).chain((bits) => fc.nat({ max: 2 ** bits }));
    fc.assert(
      fc.property(
        fc.array(weight, { minLength: 2, maxLength: 256 }),
        fc.integer({ min: 1 }),
        (weights, seed) => {
          const all = weights.reduce((sum, count) => sum + count, 0);
          const scale = Math.min(1, 15_000 / all);
          expectGoodCodes(
            dissect(
              withCounts(
                weights.map((count) => Math.ceil(count * scale)),
                seed,
              ),
            ).blocks,
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it("are cut to 15 bits where frequencies like Fibonacci's would need longer codewords", () => {
    // 128 literals of about 7 bits, too many for chance matches, and below them the chain of the rare ones and
    // the end of block.
    const rare = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89];
    const { counts, lengths } = dynamicBlock(withCounts([...rare, ...Array<number>(128).fill(110)], 33));
    expect(huffmanCost(counts.litlen)).toBeLessThan(limitedHuffmanCost(counts.litlen, 15));
    expect(Math.max(...lengths.litlen)).toBe(15);
  });

  it("are cut to 15 bits where a few of 256 literals are rare among 64 KiB", () => {
    const counts = Array.from({ length: 256 }, (_, value) => (value < 8 ? 1 : value < 40 ? 400 : 11));
    const { counts: found, lengths } = dynamicBlock(withCounts(counts, 34));
    expect(used(found.litlen)).toBeGreaterThanOrEqual(257);
    expect(lengths.litlen.slice(0, 256).every((length) => length > 0)).toBe(true);
  });

  it("have a precode cut to 7 bits where the code lengths' frequencies are like Fibonacci's", () => {
    const block = dissect(mixed(4 * SEGMENT_SIZE, 32)).blocks.find(
      ({ counts }) => huffmanCost(counts.precode) < limitedHuffmanCost(counts.precode, 7),
    );
    expect(Math.max(...(block?.lengths.precode ?? []))).toBe(7);
  });

  it("have two distances of one bit, neither used, where a block has no match", () => {
    const { matches, lengths, counts } = dynamicBlock(randomFrom(64, 4000, 35));
    expect(matches).toEqual([]);
    expect(lengths.dist).toEqual([1, 1]);
    expect(counts.dist).toEqual([0, 0]);
  });

  it("have a second distance of one bit beside the only one that is used", () => {
    for (const period of [1, 2, 3, 4, 5, 8, 100, 1000]) {
      const input = new Uint8Array(16_000);
      const once = randomFrom(50, period, 36);
      for (let at = 0; at < input.length; at += period) input.set(once.subarray(0, input.length - at), at);
      const { matches, lengths, counts } = dynamicBlock(input);
      expect(matches.length).toBeGreaterThan(10);
      if (new Set(matches.map(({ distance }) => distance)).size === 1) expect(used(counts.dist)).toBe(1);
      expect(used(lengths.dist)).toBe(Math.max(2, used(counts.dist)));
    }
  });

  it("fit a single byte that is repeated, and two bytes in disorder", () => {
    const single = dynamicBlock(new Uint8Array(16_000).fill(255));
    expect(used(single.counts.litlen.slice(0, 256))).toBe(1);
    expect(single.lengths.litlen[255]).toBeGreaterThan(0);
    const two = dynamicBlock(randomFrom(2, 16_000, 37, 254));
    expect(used(two.counts.litlen.slice(0, 256))).toBeLessThanOrEqual(2);
  });

  it("send every run of unused literals between two used ones", () => {
    for (let gap = 1; gap < 256; gap++) {
      const { lengths } = dynamicBlock(randomFrom(2, 1500, gap).map((bit) => bit * gap));
      expect(lengths.litlen.slice(1, gap)).toEqual(Array(gap - 1).fill(0));
    }
  });

  it("send every run of literals with codewords of one length", () => {
    for (let count = 2; count <= 128; count++) {
      const evenly = Array<number>(count).fill(Math.ceil(3000 / count));
      const { lengths } = dynamicBlock(withCounts(evenly, count));
      expect(lengths.litlen.slice(0, count).every((length) => length > 0)).toBe(true);
    }
  });

  it("use all three kinds of repetition in their headers", () => {
    const counts = dissect(
      concat(text(50_000, 38), machineCode(50_000, 39), randomBytes(100, 40)),
    ).blocks.map((block) => block.counts.precode);
    for (const symbol of [16, 17, 18]) expect(counts.some((count) => (count[symbol] ?? 0) > 0)).toBe(true);
  });
});
