import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { cut, inUnits, KIB, MIB } from "../../bench/chunks.mjs";

describe("cut", () => {
  it("makes views that together are the bytes, all of the size asked for except the last", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.integer({ min: 1, max: 64 }), (bytes, size) => {
        const pieces = cut(bytes, size);
        expect(Uint8Array.from(pieces.flatMap((piece) => [...piece]))).toEqual(Uint8Array.from(bytes));
        expect(pieces.slice(0, -1).every((piece) => piece.length === size)).toBe(true);
        expect(pieces.every((piece) => piece.length > 0 && piece.buffer === bytes.buffer)).toBe(true);
      }),
    );
  });

  it("makes no piece of no bytes", () => {
    expect(cut(new Uint8Array(0), 16)).toEqual([]);
  });

  it("refuses a size that would never end", () => {
    expect(() => cut(new Uint8Array(4), 0)).toThrow(RangeError);
    expect(() => cut(new Uint8Array(4), Number.NaN)).toThrow(RangeError);
  });
});

describe("inUnits", () => {
  it("uses the largest unit that divides the number", () => {
    expect([1, 1000, KIB, 1536, 64 * KIB, MIB, 16 * MIB, MIB + KIB].map(inUnits)).toEqual([
      "1 B",
      "1000 B",
      "1 KiB",
      "1536 B",
      "64 KiB",
      "1 MiB",
      "16 MiB",
      "1025 KiB",
    ]);
  });
});
