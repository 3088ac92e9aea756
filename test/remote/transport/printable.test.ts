import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { printable } from "../../../src/remote/transport/printable.js";

describe("printable", () => {
  it.each([
    ["plain text stays, ümlauts and 漢字 and 😀 too", "plain text stays, ümlauts and 漢字 and 😀 too"],
    ["two\r\nlines\tand a tab", "two lines and a tab"],
    ["\u001b[31mred\u0007", "\\u001b[31mred\\u0007"],
    ["right\u202eto left", "right\\u202eto left"],
    ["separated\u2028lines", "separated\\u2028lines"],
    ["tag \u{e0041}", "tag \\ue0041"],
    ["  space around  ", "space around"],
    ["", ""],
  ])("shows %j as %j", (text, shown) => {
    expect(printable(text)).toBe(shown);
  });

  it("cuts what is too long, and says so", () => {
    expect(printable("x".repeat(20), 10)).toBe("xxxxxxxxxx...");
    expect(printable("x".repeat(10), 10)).toBe("xxxxxxxxxx");
    expect(printable("x".repeat(5000))).toHaveLength(1027);
  });

  it("lets no control character through, whatever the text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        expect(printable(text)).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      }),
    );
  });
});
