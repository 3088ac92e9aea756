import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answerRange, parseContentLength, parseContentRange } from "../../src/registry/byte-range.js";

const offset = fc.nat({ max: 5000 });

describe("answerRange", () => {
  it.each([
    [null, 10, { kind: "whole" }],
    ["bytes=0-9", 10, { kind: "part", range: { first: 0, last: 9 } }],
    ["bytes=0-0", 10, { kind: "part", range: { first: 0, last: 0 } }],
    ["bytes=3-", 10, { kind: "part", range: { first: 3, last: 9 } }],
    ["bytes=3-100", 10, { kind: "part", range: { first: 3, last: 9 } }],
    ["bytes=-4", 10, { kind: "part", range: { first: 6, last: 9 } }],
    ["bytes=-100", 10, { kind: "part", range: { first: 0, last: 9 } }],
    ["Bytes = 1-2", 10, { kind: "part", range: { first: 1, last: 2 } }],
    ["bytes=99999999999999999999-", 10, { kind: "unsatisfiable" }],
    ["bytes=0-99999999999999999999", 10, { kind: "part", range: { first: 0, last: 9 } }],
    ["bytes=10-", 10, { kind: "unsatisfiable" }],
    ["bytes=-0", 10, { kind: "unsatisfiable" }],
    ["bytes=5-4", 10, { kind: "unsatisfiable" }],
    ["bytes=", 10, { kind: "unsatisfiable" }],
    ["bytes=-", 10, { kind: "unsatisfiable" }],
    ["bytes=a-b", 10, { kind: "unsatisfiable" }],
    ["bytes=0x1-2", 10, { kind: "unsatisfiable" }],
    ["bytes=0-", 0, { kind: "unsatisfiable" }],
    ["bytes=-1", 0, { kind: "unsatisfiable" }],
    ["lines=0-1", 10, { kind: "whole" }],
    ["bytes=0-1,3-4", 10, { kind: "whole" }],
    ["nonsense", 10, { kind: "whole" }],
  ] as const)("answers %j of %d bytes", (header, size, answer) => {
    expect(answerRange(header, size)).toEqual(answer);
  });

  it("selects the bytes that slicing by hand selects", () => {
    fc.assert(
      fc.property(fc.nat({ max: 4000 }), offset, offset, (size, a, b) => {
        const [first, last] = a <= b ? [a, b] : [b, a];
        const all = Array.from({ length: size }, (_, i) => i);
        const wanted = all.slice(first, last + 1);
        const answer = answerRange(`bytes=${first}-${last}`, size);
        if (wanted.length === 0) expect(answer).toEqual({ kind: "unsatisfiable" });
        else expect(answer).toEqual({ kind: "part", range: { first: wanted[0], last: wanted.at(-1) } });
      }),
    );
  });

  it("selects the last bytes for a suffix", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 1, max: 5000 }), (size, length) => {
        expect(answerRange(`bytes=-${length}`, size)).toEqual({
          kind: "part",
          range: { first: Math.max(size - length, 0), last: size - 1 },
        });
      }),
    );
  });

  it("never selects a byte outside the body, whatever the header", () => {
    const header = fc.oneof(
      fc.string(),
      fc.stringMatching(/^bytes=[0-9a-z, -]{0,30}$/),
      fc.tuple(fc.bigInt(), fc.bigInt()).map(([a, b]) => `bytes=${a}-${b}`),
    );
    fc.assert(
      fc.property(header, fc.nat({ max: 100 }), (text, size) => {
        const answer = answerRange(text, size);
        if (answer.kind !== "part") return;
        expect(answer.range.first).toBeGreaterThanOrEqual(0);
        expect(answer.range.last).toBeGreaterThanOrEqual(answer.range.first);
        expect(answer.range.last).toBeLessThan(size);
      }),
      { numRuns: 1000 },
    );
  });
});

describe("parseContentRange", () => {
  it("reads back what it is given", () => {
    const integer = fc.nat({ max: Number.MAX_SAFE_INTEGER });
    fc.assert(
      fc.property(integer, integer, (a, b) => {
        const [first, last] = a <= b ? [a, b] : [b, a];
        expect(parseContentRange(`${first}-${last}`)).toEqual({ first, last });
        if (first < last) expect(parseContentRange(`${last}-${first}`)).toBeUndefined();
      }),
    );
  });

  it.each([
    "",
    "-",
    "1-",
    "-1",
    "bytes 0-1/2",
    "bytes=0-1",
    "0-1/*",
    " 0-1",
    "0 - 1",
    "1.0-2",
    "0x0-1",
    "0-1, 2-3",
    "+0-1",
    "0-1\n",
  ])("refuses %j", (header) => {
    expect(parseContentRange(header)).toBeUndefined();
  });

  it("refuses numbers that it could not count exactly", () => {
    expect(parseContentRange("0-9007199254740991")).toEqual({ first: 0, last: Number.MAX_SAFE_INTEGER });
    expect(parseContentRange("0-9007199254740992")).toBeUndefined();
    expect(parseContentRange(`0-${"9".repeat(400)}`)).toBeUndefined();
  });
});

describe("parseContentLength", () => {
  it("tells an absent header from one that is no number", () => {
    expect(parseContentLength(null)).toBeNull();
    expect(parseContentLength("0")).toBe(0);
    expect(parseContentLength("1234")).toBe(1234);
    for (const text of ["", "-1", "1.5", "1e3", "0x10", "1, 1", " 1", "9007199254740992"]) {
      expect(parseContentLength(text)).toBeUndefined();
    }
  });
});
