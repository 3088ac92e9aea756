import { beforeAll, describe, expect, it } from "vitest";
import { countingCore, workOf } from "../../fixtures/counting-core.js";
import { parametersOf } from "../../fixtures/format-optimal.js";
import { hardInputs } from "../../fixtures/hard-inputs.js";
import { expectSameBytes } from "../../fixtures/same-bytes.js";
import { type RawCore, rawCore, rawGzip, SEGMENT_SIZE } from "../../fixtures/wasm.js";

const LEVELS = [10, 11, 12];
const inputs = hardInputs(SEGMENT_SIZE + 40_000);

/** The stated bound, in units a byte: nodes of trees, comparisons of 16 bytes, steps of paths, symbols of parts. */
const bound = (level: number): number => 2 * parametersOf(level).depth + 64;

describe("the work for a byte, at levels 10 to 12,", () => {
  let counting: RawCore;
  const production = rawCore(12);
  beforeAll(() => {
    counting = countingCore();
  }, 240_000);

  it.each(inputs)("stays under the bound for $name", ({ input }) => {
    for (const level of LEVELS) {
      const before = workOf(counting);
      const output = rawGzip(counting, level, input);
      const units = workOf(counting) - before;
      expect(units / input.length, `level ${level}`).toBeLessThan(bound(level));
      // Every byte is inserted, and looked at by a path, or covered by a match that is.
      expect(units).toBeGreaterThan(input.length);
      expectSameBytes(rawGzip(production, level, input), output);
    }
  });

  it("is not counted in the module that is published", () => {
    const { input } = inputs[0] as (typeof inputs)[number];
    rawGzip(production, 12, input);
    expect(workOf(production)).toBe(0);
  });
});
