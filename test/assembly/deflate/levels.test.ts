import { openSync, readFileSync, readSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { machineCode, mixed, randomBytes } from "../../fixtures/bytes.js";
import { expectGzipOf } from "../../fixtures/gunzip.js";
import { levelRow, levels, testedLevels } from "../../fixtures/levels.js";
import { rawCore, rawGzip } from "../../fixtures/wasm.js";

const core = rawCore();

/** Real machine code and real text: the program that runs this, and a compiler's source. */
function realInputs(): readonly (readonly [string, Uint8Array])[] {
  const program = new Uint8Array(2_000_000);
  readSync(openSync(process.execPath, "r"), program, 0, program.length, 30_000_000);
  const script = readFileSync(new URL("../../../node_modules/typescript/lib/typescript.js", import.meta.url));
  return [
    ["a program", program],
    ["a script", new Uint8Array(script.subarray(1_000_000, 3_000_000))],
  ];
}

describe("the table of levels", () => {
  it("has one row for each level from -2 to 12, none the same as another but -1, which is 6", () => {
    expect(levels.map(({ level }) => level)).toEqual(Array.from({ length: 15 }, (_, i) => i - 2));
    expect({ ...levelRow(-1), level: 6 }).toEqual(levelRow(6));
    const rows = levels
      .filter(({ level }) => level !== -1)
      .map((row) => JSON.stringify({ ...row, level: 0 }));
    expect(new Set(rows).size).toBe(rows.length);
  });
});

describe("from level 1 to 9", () => {
  it.each(realInputs())("sizes fall strictly, for %s", (_, input) => {
    const sizes = testedLevels
      .filter((level) => level > 0)
      .map((level) => rawGzip(core, level, input).length);
    expect(sizes).toHaveLength(9);
    expect(sizes).toEqual([...new Set(sizes)].sort((a, b) => b - a));
  });
});

describe.each(testedLevels)("level %i", (level) => {
  it("gives back inputs of every short length, and of lengths around a part", () => {
    const input = mixed(20_000, 70);
    const lengths = [...Array(301).keys(), 4095, 4096, 4097, 5119, 5120, 5121, 8192, 10_240, 16_384, 20_000];
    for (const length of lengths) {
      const bytes = input.subarray(0, length);
      expectGzipOf(rawGzip(core, level, bytes), bytes, level);
      const zeros = new Uint8Array(length);
      expectGzipOf(rawGzip(core, level, zeros), zeros, level);
    }
  });

  it("hardly grows what can't be compressed", () => {
    for (const length of [1, 1000, 65_536, 262_144, 1_000_000]) {
      const grown = rawGzip(core, level, randomBytes(length, 71)).length - length;
      expect(grown).toBeLessThanOrEqual(18 + 5 + 5 * Math.ceil(length / 40_000));
    }
  });

  it("reaches 32768 bytes back, and not one more", () => {
    const once = randomBytes(300, 72);
    for (const [distance, found] of [
      [32_768, true],
      [32_769 + 300, false],
    ] as const) {
      const input = machineCode(distance + 300, 73);
      input.set(once, 0);
      input.set(once, distance);
      const without = input.slice();
      without.set(randomBytes(300, 74), distance);
      const saved = rawGzip(core, level, without).length - rawGzip(core, level, input).length;
      if (found && level > 0) expect(saved).toBeGreaterThan(200);
      else if (level > 0) expect(saved).toBeLessThan(60);
    }
  });
});
