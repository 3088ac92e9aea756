import fc from "fast-check";
import { xxhash64 } from "hash-wasm";
import { describe, expect, it } from "vitest";
import { Xxh64 } from "../../src/zstd/xxh64.js";
import { ascii, randomBytes } from "../fixtures/bytes.js";

function hash(...parts: readonly Uint8Array[]): string {
  const state = new Xxh64();
  for (const part of parts) state.update(part);
  return state.digest().toString(16).padStart(16, "0");
}

describe("Xxh64", () => {
  it.each([
    ["", "ef46db3751d8e999"],
    ["a", "d24ec4f1a98c6e5b"],
    ["abc", "44bc2cf5ad770999"],
    ["Nobody inspects the spammish repetition", "fbcea83c8a378bf1"],
  ])("gives the published hash of %j", (text, expected) => {
    expect(hash(ascii(text))).toBe(expected);
  });

  it("agrees with hash-wasm on every length around a stripe", async () => {
    const bytes = randomBytes(200, 1);
    for (let length = 0; length <= bytes.length; length++) {
      expect(hash(bytes.subarray(0, length)), `${length} bytes`).toBe(
        await xxhash64(bytes.subarray(0, length)),
      );
    }
  });

  it("agrees with hash-wasm on any bytes, however they are cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }), async (parts) => {
        expect(hash(...parts)).toBe(await xxhash64(Buffer.concat(parts)));
      }),
      { numRuns: 300 },
    );
  });

  it("carries between its halves where all bits are set", async () => {
    const ones = new Uint8Array(100_003).fill(255);
    expect(hash(ones)).toBe(await xxhash64(ones));
  });

  it("takes a part of an array, and begins anew after a reset", async () => {
    const bytes = randomBytes(1000, 2);
    const state = new Xxh64();
    state.update(bytes);
    state.reset();
    state.update(bytes, 13, 777);
    expect(state.digest().toString(16).padStart(16, "0")).toBe(await xxhash64(bytes.subarray(13, 777)));
  });

  it("may be asked before more comes", async () => {
    const bytes = randomBytes(500, 3);
    const state = new Xxh64();
    state.update(bytes, 0, 100);
    state.digest();
    state.update(bytes, 100);
    expect(state.digest().toString(16).padStart(16, "0")).toBe(await xxhash64(bytes));
  });
});
