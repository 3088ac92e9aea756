import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { Random } from "../../bench/random.mjs";

/** xoshiro128** 1.1 in exact integers, seeded by splitmix32: what the generator must produce. */
function* reference(seed: number): Generator<number> {
  const word = (value: bigint) => BigInt.asUintN(32, value);
  const rotated = (value: bigint, bits: bigint) => word((value << bits) | (word(value) >> (32n - bits)));
  let counter = BigInt(seed);
  const state = Array.from({ length: 4 }, () => {
    counter = word(counter + 0x9e3779b9n);
    let mixed = word((counter ^ (counter >> 16n)) * 0x21f0aaadn);
    mixed = word((mixed ^ (mixed >> 15n)) * 0x735a2d97n);
    return mixed ^ (mixed >> 15n);
  });
  let [a, b, c, d] = state as [bigint, bigint, bigint, bigint];
  for (;;) {
    yield Number(word(rotated(word(b * 5n), 7n) * 9n));
    const shifted = word(b << 9n);
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotated(d, 11n);
  }
}

describe("Random", () => {
  it("is xoshiro128**, its words laid down low byte first", () => {
    for (const seed of [0, 1, 0x76617276, 0xffffffff]) {
      const bytes = new Random(seed).fill(new Uint8Array(4096));
      const words = reference(seed);
      const view = new DataView(bytes.buffer);
      for (let offset = 0; offset < bytes.length; offset += 4) {
        expect(view.getUint32(offset, true)).toBe(words.next().value);
      }
    }
  });

  it("goes on where it stopped, so that the pieces are one stream", () => {
    const whole = new Random(7).fill(new Uint8Array(96));
    const random = new Random(7);
    const pieces = [32, 4, 60].map((size) => random.fill(new Uint8Array(size)));
    expect(Buffer.concat(pieces).equals(whole)).toBe(true);
  });

  it("fills a view without touching the bytes around it", () => {
    const around = new Uint8Array(24).fill(0xaa);
    new Random(3).fill(around.subarray(8, 16));
    expect([...around.subarray(0, 8), ...around.subarray(16)]).toEqual(new Array(16).fill(0xaa));
    expect([...around.subarray(8, 16)]).toEqual([...new Random(3).fill(new Uint8Array(8))]);
  });

  it("makes bytes that do not compress, and bytes that do under a mask", () => {
    const full = new Random(11).fill(new Uint8Array(1 << 16));
    const masked = new Random(11).fill(new Uint8Array(1 << 16), 0x0f0f0f0f);
    expect(deflateRawSync(full).length).toBeGreaterThanOrEqual(full.length);
    expect(deflateRawSync(masked).length).toBeLessThan(masked.length * 0.6);
    expect(masked.every((byte) => byte < 16)).toBe(true);
  });

  it("refuses a buffer that is not whole words", () => {
    expect(() => new Random(1).fill(new Uint8Array(5))).toThrow(RangeError);
  });
});
