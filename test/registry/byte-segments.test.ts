import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteSegments } from "../../src/registry/byte-segments.js";
import { StorageFullError } from "../../src/registry/index.js";
import { MemoryBudget } from "../../src/registry/memory-budget.js";
import { digestOf, noise } from "./exchange.js";

describe("ByteSegments", () => {
  const whole = (segments: ByteSegments, range?: { first: number; last: number }): Uint8Array =>
    Uint8Array.from([...segments.chunks(range)].flatMap((chunk) => [...chunk]));

  it("gives back what was appended, whole and by range, before and after it is trimmed", () => {
    const pieces = fc.array(fc.integer({ min: 0, max: 9000 }), { maxLength: 6 });
    fc.assert(
      fc.property(pieces, fc.nat(), fc.nat(), (lengths, a, b) => {
        const segments = new ByteSegments(new MemoryBudget(1e9));
        const all = noise(lengths.reduce((sum, length) => sum + length, 0));
        let offset = 0;
        for (const length of lengths) {
          segments.append(all.subarray(offset, offset + length));
          offset += length;
        }
        expect(segments.size).toBe(all.length);
        expect(digestOf(whole(segments))).toBe(digestOf(all));
        segments.trim();
        expect(digestOf(whole(segments))).toBe(digestOf(all));
        if (all.length === 0) return;
        const [first, last] = [a % all.length, b % all.length].sort((x, y) => x - y) as [number, number];
        expect(digestOf(whole(segments, { first, last }))).toBe(digestOf(all.slice(first, last + 1)));
      }),
      { numRuns: 40 },
    );
  });

  it("copies in and out: changing what went in or came out changes nothing", () => {
    const segments = new ByteSegments(new MemoryBudget(1e6));
    const bytes = noise(100);
    segments.append(bytes);
    const original = bytes.slice();
    bytes.fill(0);
    for (const chunk of segments.chunks()) chunk.fill(0);
    expect(whole(segments)).toEqual(original);
  });

  it("hands out at most 64 KiB at a time", () => {
    const segments = new ByteSegments(new MemoryBudget(1e7));
    segments.append(noise(1_000_000));
    for (const chunk of segments.chunks()) expect(chunk.length).toBeLessThanOrEqual(65_536);
  });

  it("takes its memory from the budget, needs no more than its content when trimmed, and gives all back", () => {
    const budget = new MemoryBudget(1e7);
    const segments = new ByteSegments(budget);
    segments.append(noise(700_000));
    expect(budget.used).toBeGreaterThanOrEqual(700_000);
    segments.trim();
    expect(budget.used).toBe(700_000);
    segments.release();
    expect(budget.used).toBe(0);
    segments.release();
    expect(budget.used).toBe(0);
  });

  it("lets a reader finish that was begun before everything was given back", () => {
    const segments = new ByteSegments(new MemoryBudget(1e6));
    segments.append(noise(10_000));
    const chunks = segments.chunks();
    segments.release();
    expect(Uint8Array.from([...chunks].flatMap((chunk) => [...chunk]))).toEqual(noise(10_000));
  });

  it("fills its budget to the last byte", () => {
    const segments = new ByteSegments(new MemoryBudget(100_001));
    segments.append(noise(100_001));
    expect(segments.size).toBe(100_001);
    expect(() => segments.append(noise(1))).toThrow(StorageFullError);
  });
});
