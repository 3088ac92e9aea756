import { crc32 } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { concat, randomBytes } from "../fixtures/bytes.js";
import { rawCore, SEGMENT_SIZE } from "../fixtures/wasm.js";

const core = rawCore();
const combine = (first: number, second: number, length: number): number =>
  core.crc32Combine(first, second, length) >>> 0;

describe("the CRC-32 of two pieces joined", () => {
  it("is that of the whole, wherever it is cut", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.uint8Array({ maxLength: 300 }), (a, b) => {
        expect(combine(crc32(a), crc32(b), b.length)).toBe(crc32(concat(a, b)));
      }),
      { numRuns: 500 },
    );
  });

  it("is that of the whole for lengths around every power of two up to a segment", () => {
    const bytes = randomBytes(SEGMENT_SIZE + 11, 1);
    const head = bytes.subarray(0, 10);
    for (let power = 1; power <= SEGMENT_SIZE; power *= 2) {
      for (const length of [power - 1, power, power + 1]) {
        const tail = bytes.subarray(10, 10 + length);
        expect(combine(crc32(head), crc32(tail), length), `${length} bytes`).toBe(
          crc32(bytes.subarray(0, 10 + length)),
        );
      }
    }
  });

  it("is that of the other piece where one is empty", () => {
    expect(combine(0x12345678, 0, 0)).toBe(0x12345678);
    expect(combine(0, 0x9abcdef0, 1000)).toBe(0x9abcdef0);
  });

  it("does not depend on how three pieces are bracketed, at lengths that no memory holds", () => {
    const crc = fc.integer({ min: 0, max: 0xffffffff });
    const length = fc.integer({ min: 0, max: 2 ** 31 - 1 });
    fc.assert(
      fc.property(crc, crc, crc, length, length, (a, b, c, lengthOfB, lengthOfC) => {
        const fromLeft = combine(combine(a, b, lengthOfB), c, lengthOfC);
        const fromRight = combine(a, combine(b, c, lengthOfC), lengthOfB + lengthOfC);
        expect(fromLeft).toBe(fromRight);
      }),
      { numRuns: 300 },
    );
  });
});
