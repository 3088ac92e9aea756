import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { quote } from "../../src/v1/quote.js";

describe("quote", () => {
  it.each([
    ["", '""'],
    ["gcr.io/a:b", '"gcr.io/a:b"'],
    ['say "\\"', '"say \\"\\\\\\""'],
    ["a\nb\t\u001b[31m", '"a\\u000ab\\u0009\\u001b[31m"'],
    ["\u007f\u009b\u202e\ufeff", '"\\u007f\\u009b\\u202e\\ufeff"'],
    ["\u{1f600}", '"\\ud83d\\ude00"'],
  ])("writes %j as %s", (text, quoted) => {
    expect(quote(text)).toBe(quoted);
  });

  it("cuts a long text and shows that it did", () => {
    expect(quote("a".repeat(96))).toBe(`"${"a".repeat(96)}"`);
    expect(quote("a".repeat(97))).toBe(`"${"a".repeat(96)}..."`);
  });

  it("writes a text that fits so that JSON reads it back", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        expect(quote(text)).toMatch(/^[ -~]*$/);
        expect(JSON.parse(quote(text))).toBe(text);
      }),
    );
  });
});
