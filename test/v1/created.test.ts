import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalTime, zeroTime } from "../../src/v1/index.js";

describe("canonicalTime", () => {
  it.each([
    ["2021-12-31T23:59:59Z", "2021-12-31T23:59:59Z"],
    ["2021-12-31T23:59:59.000Z", "2021-12-31T23:59:59Z"],
    ["2021-12-31T23:59:59.120Z", "2021-12-31T23:59:59.12Z"],
    ["2021-12-31T23:59:59.123456789999Z", "2021-12-31T23:59:59.123456789Z"],
    ["2021-12-31T23:59:59+00:00", "2021-12-31T23:59:59Z"],
    ["2021-12-31T23:59:59-00:00", "2021-12-31T23:59:59Z"],
    ["2021-12-31T23:59:59.5-08:00", "2021-12-31T23:59:59.5-08:00"],
    ["2020-02-29T00:00:00Z", "2020-02-29T00:00:00Z"],
    [zeroTime, zeroTime],
    ["0000-01-01T00:00:00Z", "0000-01-01T00:00:00Z"],
  ])("writes %s as %s", (text, canonical) => {
    expect(canonicalTime(text)).toBe(canonical);
  });

  it.each([
    ["a day that doesn't exist", "2021-02-29T00:00:00Z"],
    ["a month that doesn't exist", "2021-13-01T00:00:00Z"],
    ["an hour that doesn't exist", "2021-12-31T24:00:00Z"],
    ["a second that doesn't exist", "2021-12-31T23:59:60Z"],
    ["an offset that doesn't exist", "2021-12-31T23:59:59+24:00"],
    ["an offset of too many minutes", "2021-12-31T23:59:59+23:60"],
    ["a time without an offset", "2021-12-31T23:59:59"],
    ["a date alone", "2021-12-31"],
    ["lower case", "2021-12-31t23:59:59z"],
    ["a space", "2021-12-31 23:59:59Z"],
    ["an empty fraction", "2021-12-31T23:59:59.Z"],
    ["something before it", " 2021-12-31T23:59:59Z"],
    ["something after it", "2021-12-31T23:59:59Z\n"],
    ["nothing", ""],
  ])("knows no time in %s", (_, text) => {
    expect(canonicalTime(text)).toBeUndefined();
  });

  it("leaves what it has written as it is, and the moment the same", () => {
    const date = fc.date({
      noInvalidDate: true,
      min: new Date(zeroTime),
      max: new Date("9999-12-31T23:59:59Z"),
    });
    fc.assert(
      fc.property(date, (moment) => {
        const written = canonicalTime(moment.toISOString())!;
        expect(canonicalTime(written)).toBe(written);
        expect(new Date(written)).toEqual(moment);
      }),
      { numRuns: 200 },
    );
  });
});
