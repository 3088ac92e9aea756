import { describe, expect, it } from "vitest";
import { NotComputedError } from "../../src/v1/index.js";
import { unlessNotComputed } from "../../src/v1/unless-not-computed.js";

describe("what a stream will know only when it has been read", () => {
  it("is given as it is once it is known", async () => {
    expect(await unlessNotComputed(Promise.resolve(7))).toBe(7);
  });

  it("is undefined before", async () => {
    expect(await unlessNotComputed(Promise.reject(new NotComputedError("digest")))).toBeUndefined();
  });

  it("is undefined before, too, if another copy of the package says so", async () => {
    const foreign = Object.assign(new Error("not yet"), { code: "ERR_VARVE_NOT_COMPUTED" });
    expect(await unlessNotComputed(Promise.reject(foreign))).toBeUndefined();
  });

  it.each([new Error("broken"), undefined, "broken"])(
    "fails with whatever else is thrown: %s",
    async (thrown) => {
      const outcome = await unlessNotComputed(Promise.reject(thrown)).then(
        () => "no failure",
        (error: unknown) => [error],
      );
      expect(outcome).toEqual([thrown]);
    },
  );
});
