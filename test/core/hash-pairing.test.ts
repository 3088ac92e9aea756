import { afterEach, expect, it, vi } from "vitest";

/**
 * Runs `count` segments of 1000 bytes in a fresh program whose clock says that each way of hashing takes so
 * long, and returns the ways taken.
 */
async function ways(
  count: number,
  milliseconds: (paired: boolean, call: number) => number,
): Promise<boolean[]> {
  vi.resetModules();
  const { withHashPairing } = await import("../../src/core/hash-pairing.js");
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const taken: boolean[] = [];
  for (let call = 0; call < count; call++) {
    withHashPairing(1000, (paired) => {
      taken.push(paired);
      now += milliseconds(paired, call);
    });
  }
  return taken;
}

afterEach(() => {
  vi.restoreAllMocks();
});

/** More than any trial takes. */
const SETTLED = 20;

it("hashes side by side where that is faster", async () => {
  const taken = await ways(30, (paired) => (paired ? 1 : 2));
  expect(new Set(taken.slice(0, 6)).size).toBe(2);
  expect(taken.slice(SETTLED)).toEqual(Array(10).fill(true));
});

it("hashes one after the other where that is faster", async () => {
  const taken = await ways(30, (paired) => (paired ? 2 : 1));
  expect(taken.slice(SETTLED)).toEqual(Array(10).fill(false));
});

it("does not judge by the first segments, in which the engine still optimises", async () => {
  const taken = await ways(30, (paired, call) => (call < 4 ? (paired ? 1000 : 1) : paired ? 1 : 2));
  expect(taken.slice(SETTLED)).toEqual(Array(10).fill(true));
});

it("is not misled by a moment in which the machine does something else", async () => {
  const taken = await ways(30, (paired, call) => (call === 7 || call === 9 ? 1000 : paired ? 1 : 2));
  expect(taken.slice(SETTLED)).toEqual(Array(10).fill(true));
});

it("hashes side by side where the clock stands still", async () => {
  const taken = await ways(30, () => 0);
  expect(taken.slice(SETTLED)).toEqual(Array(10).fill(true));
});

it("compares times per byte, so that a short segment doesn't decide", async () => {
  vi.resetModules();
  const { withHashPairing } = await import("../../src/core/hash-pairing.js");
  let now = 0;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const taken: boolean[] = [];
  // The paired way gets segments ten times as long, and takes five times as long for each.
  for (let call = 0; call < 30; call++) {
    withHashPairing(call % 2 === 1 ? 10_000 : 1000, (paired) => {
      taken.push(paired);
      now += paired ? 5 : 1;
    });
  }
  expect(taken.slice(SETTLED)).toEqual(Array(10).fill(true));
});

it("calls the hash exactly once for each segment", async () => {
  expect(await ways(25, () => 1)).toHaveLength(25);
});
