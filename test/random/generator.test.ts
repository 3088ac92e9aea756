import { describe, expect, it } from "vitest";
import { Generator, stateOf } from "../../src/random/generator.js";

describe("the generator", () => {
  it("gives the numbers that its authors' code gives", () => {
    const generator = new Generator(Uint32Array.of(1, 2, 3, 4));
    expect(Array.from({ length: 10 }, () => generator.next())).toEqual([
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ]);
  });

  it("fills what is no whole number of words, wherever it begins", () => {
    for (const length of [0, 1, 2, 3, 4, 5, 7]) {
      const whole = new Uint8Array(8);
      new Generator(stateOf(1)).fill(whole);
      const buffer = new Uint8Array(16);
      new Generator(stateOf(1)).fill(buffer.subarray(3, 3 + length));
      expect(buffer.subarray(3, 3 + length)).toEqual(whole.subarray(0, length));
      expect(buffer.subarray(3 + length).every((byte) => byte === 0)).toBe(true);
    }
  });

  it("makes another state of each seed, also of those that differ above 32 bits", () => {
    const seeds = [0, 1, 2, 2 ** 31, 2 ** 32 - 1, 2 ** 32, 2 ** 32 + 1, 2 ** 52, 2 ** 53 - 1];
    expect(new Set(seeds.map((seed) => stateOf(seed).join())).size).toBe(seeds.length);
    for (const seed of seeds) expect(stateOf(seed).some((word) => word !== 0)).toBe(true);
  });
});
