import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { ThreadCountError, threadCount } from "../../../src/core/index.js";

describe("a number of threads", () => {
  it("is taken as it is from 1 to 64", () => {
    for (const threads of [1, 2, 3, 17, 64]) expect(threadCount(threads)).toBe(threads);
  });

  it("is as many as the machine runs at a time, at most 8, for auto", () => {
    expect(threadCount("auto")).toBe(Math.min(availableParallelism(), 8));
  });

  it.each([0, -1, 65, 1.5, Number.NaN, Number.POSITIVE_INFINITY, "2", "many", null])(
    "is refused if it is %s, by a RangeError that names it and the range",
    (threads) => {
      const call = (): number => threadCount(threads as number);
      expect(call).toThrow(ThreadCountError);
      expect(call).toThrow(RangeError);
      expect(call).toThrow(`${threads} threads`);
      expect(call).toThrow("from 1 to 64");
      expect(call).toThrow(expect.objectContaining({ code: "ERR_VARVE_THREAD_COUNT", retryable: false }));
    },
  );
});
