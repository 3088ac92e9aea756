import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, machineCode, mixed, randomBytes, randomFrom, repeated, text } from "../../fixtures/bytes.js";
import { formatGzip } from "../../fixtures/format-encoder.js";
import { testedLevels } from "../../fixtures/levels.js";
import { region } from "../../fixtures/memory-map.js";
import { expectSameBytes } from "../../fixtures/same-bytes.js";
import { shortInput } from "../../fixtures/short-inputs.js";
import { rawCore, rawGzip, SEGMENT_SIZE } from "../../fixtures/wasm.js";

const core = rawCore();
const page = readFileSync(new URL("../../../assembly/deflate/FORMAT.md", import.meta.url), "utf8")
  .replace(/^## Levels 10 to 12.*/ms, "")
  .replaceAll(/\s+/g, " ");

describe("the encoder that is written from FORMAT.md", () => {
  it.each([
    ["nothing", new Uint8Array(0)],
    ["text", text(SEGMENT_SIZE + 40_000, 90)],
    ["machine code", machineCode(SEGMENT_SIZE + 40_000, 91)],
    ["a mixture", mixed(SEGMENT_SIZE + 150_000, 92)],
    ["noise", randomBytes(150_000, 93)],
    ["a flat alphabet that hardly pays", randomFrom(250, 100_000, 94)],
    ["zeros", new Uint8Array(SEGMENT_SIZE + 300)],
    ["a long period", repeated(concat(text(16_384, 95), randomBytes(16_385, 96)), SEGMENT_SIZE + 70_000)],
    ["noise with copies", repeated(concat(randomBytes(50, 97), text(20, 98)), 9000)],
  ])("gives the bytes of the core for %s", (_, input) => {
    for (const level of testedLevels) expectSameBytes(rawGzip(core, level, input), formatGzip(input, level));
  });

  it("gives the bytes of the core for any short input", () => {
    fc.assert(
      fc.property(shortInput, fc.constantFrom(...testedLevels), (bytes, level) => {
        expectSameBytes(rawGzip(core, level, bytes), formatGzip(bytes, level));
      }),
      { numRuns: 120 },
    );
  });
});

describe("FORMAT.md", () => {
  it("names constants that the source has", () => {
    const sources = [
      "segment",
      "levels",
      "fast",
      "pairs",
      "buckets",
      "rows",
      "chains",
      "block",
      "entropy",
      "huffman",
    ].map((name) => readFileSync(new URL(`../../../assembly/deflate/${name}.ts`, import.meta.url), "utf8"));
    const named = new Set([...page.matchAll(/`([A-Z]+(?:_[A-Z]+)+)`/g)].map(([, name]) => name as string));
    expect(named.size).toBeGreaterThanOrEqual(12);
    for (const name of named) {
      expect(
        sources.some((source) => source.includes(`const ${name}:`)),
        name,
      ).toBe(true);
    }
  });

  it("counts positions from where the segment stands, which decides what an unused entry of the table points to", () => {
    expect(page).toContain("0x1000 (the address `SEGMENT` modulo 2^16)");
    expect(region("SEGMENT").address % 65_536).toBe(0x1000);
  });
});
