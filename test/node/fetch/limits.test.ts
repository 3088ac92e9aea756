import { describe, expect, it } from "vitest";
import { timeLimits } from "../../../src/node/fetch/limits.js";
import { FetchOptionsError, newFetch } from "../../../src/node/index.js";

describe("timeLimits", () => {
  it("let a commit take an hour, unlike Node's own fetch, and are finite", () => {
    expect(timeLimits({})).toEqual({
      connectTimeout: 30_000,
      headersTimeout: 3_600_000,
      bodyTimeout: 300_000,
    });
  });

  it("can be others, none included", () => {
    expect(timeLimits({ headersTimeout: 0, bodyTimeout: 5, connectTimeout: undefined })).toEqual({
      connectTimeout: 30_000,
      headersTimeout: 0,
      bodyTimeout: 5,
    });
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 31, "5" as unknown as number])(
    "cannot be %s",
    (value) => {
      expect(() => newFetch({ headersTimeout: value })).toThrow(FetchOptionsError);
      expect(() => newFetch({ headersTimeout: value })).toThrow("headersTimeout is");
    },
  );
});
