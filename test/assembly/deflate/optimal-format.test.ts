import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, machineCode, mixed, randomBytes, randomFrom, repeated, text } from "../../fixtures/bytes.js";
import { formatOptimalGzip, parametersOf } from "../../fixtures/format-optimal.js";
import { expectSameBytes } from "../../fixtures/same-bytes.js";
import { shortInput } from "../../fixtures/short-inputs.js";
import { rawCore, rawGzip, SEGMENT_SIZE } from "../../fixtures/wasm.js";

const core = rawCore(12);
const LEVELS = [10, 11, 12];

describe("the encoder that is written from FORMAT.md", () => {
  it.each([
    ["nothing", new Uint8Array(0)],
    ["text", text(9000, 90)],
    ["machine code", machineCode(9000, 91)],
    ["a mixture", mixed(70_000, 92).subarray(60_000)],
    ["noise", randomBytes(6000, 93)],
    ["a flat alphabet that hardly pays", randomFrom(250, 7000, 94)],
    ["three bytes in no order", randomFrom(3, 4500, 89)],
    ["zeros", new Uint8Array(9000)],
    ["noise with copies", repeated(concat(randomBytes(50, 97), text(20, 98)), 9000)],
    ["runs", concat(...Array.from({ length: 20 }, (_, i) => new Uint8Array(150 + i).fill(i % 3)))],
  ])("gives the bytes of the core for %s", (_, input) => {
    for (const level of LEVELS) expectSameBytes(rawGzip(core, level, input), formatOptimalGzip(input, level));
  });

  it("gives the bytes of the core for a segment behind a window, with matches as far as the window reaches", () => {
    const period = concat(text(16_000, 95), randomBytes(16_768, 96));
    const input = concat(
      new Uint8Array(SEGMENT_SIZE - 32_768),
      repeated(period, 36_000),
      machineCode(2000, 97),
    );
    expectSameBytes(rawGzip(core, 10, input), formatOptimalGzip(input, 10));
  });

  it("gives the bytes of the core for any short input", { timeout: 60_000 }, () => {
    fc.assert(
      fc.property(shortInput, fc.constantFrom(...LEVELS), (bytes, level) => {
        expectSameBytes(rawGzip(core, level, bytes), formatOptimalGzip(bytes, level));
      }),
      { numRuns: 60 },
    );
  });
});

describe("FORMAT.md", () => {
  const page = readFileSync(new URL("../../../assembly/deflate/FORMAT.md", import.meta.url), "utf8");
  const own = page.slice(page.indexOf("## Levels 10 to 12: matches"));

  it("names constants that the source has, and columns of the table of levels", () => {
    const sources = [
      "entropy",
      "levels",
      "optimal",
      "optimal-matches",
      "optimal-costs",
      "optimal-path",
      "optimal-blocks",
    ]
      .map((name) => readFileSync(new URL(`../../../assembly/deflate/${name}.ts`, import.meta.url), "utf8"))
      .join("\n");
    const named = new Set([...own.matchAll(/`([A-Z]+(?:_[A-Z]+)*)`/g)].map(([, name]) => name as string));
    expect(named.size).toBeGreaterThanOrEqual(17);
    for (const name of named) {
      expect(sources.includes(`const ${name}:`) || sources.includes(` *     ${name} `), name).toBe(true);
    }
  });

  it("is read with the parameters of the table, which grow with the level", () => {
    const [ten, eleven, twelve] = LEVELS.map(parametersOf);
    for (const column of ["depth", "nice", "passes", "settled"] as const) {
      expect(ten?.[column], column).toBeLessThanOrEqual(eleven?.[column] as number);
      expect(eleven?.[column], column).toBeLessThanOrEqual(twelve?.[column] as number);
    }
    expect(ten?.part).toBeGreaterThan(twelve?.part as number);
  });
});
