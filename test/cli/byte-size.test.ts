import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatBytes, parseByteSize } from "../../src/cli/byte-size.js";

describe("parseByteSize", () => {
  it.each([
    ["1", 1],
    ["1000000", 1_000_000],
    ["7B", 7],
    ["2kB", 2000],
    ["2KB", 2000],
    ["2KiB", 2048],
    ["512MiB", 536_870_912],
    ["512m", 536_870_912],
    ["2GB", 2_000_000_000],
    ["1G", 1_073_741_824],
    ["1 TiB", 1_099_511_627_776],
    ["1.5 GiB", 1_610_612_736],
    [" 3mb ", 3_000_000],
  ])("reads %j as %i bytes", (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  it.each([
    "",
    "0",
    "0.1",
    "-1",
    "MiB",
    "1e9",
    "12x",
    "1,5GB",
    "1 2",
    "0x10",
    "1..5",
    ".5G",
    "9007199254740992",
    "9000TB0",
  ])("refuses %j", (text) => {
    expect(parseByteSize(text)).toBeUndefined();
  });

  it("gives every whole number of bytes back as it is", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), (bytes) => {
        expect(parseByteSize(String(bytes))).toBe(bytes);
      }),
    );
  });

  it("gives a positive whole number or nothing for any text", () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const bytes = parseByteSize(text);
        expect(bytes === undefined || (Number.isSafeInteger(bytes) && bytes > 0)).toBe(true);
      }),
    );
  });
});

describe("formatBytes", () => {
  it.each([
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.0 kB"],
    [12_345, "12.3 kB"],
    [99_949, "99.9 kB"],
    [99_950, "100 kB"],
    [999_499, "999 kB"],
    [999_500, "1.0 MB"],
    [161_040_384, "161 MB"],
    [5e9, "5.0 GB"],
    [7e15, "7.0 PB"],
  ])("writes %i as %s", (bytes, text) => {
    expect(formatBytes(bytes)).toBe(text);
  });

  it("takes at most seven characters, so that columns stay where they are", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999e12 }), (bytes) => {
        expect(formatBytes(bytes).length).toBeLessThanOrEqual(7);
      }),
    );
  });
});
