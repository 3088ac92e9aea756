import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { IdentityLayerMachine, init, toHex } from "../../src/core/index.js";
import { concat, mixed, randomBytes } from "../fixtures/bytes.js";
import { cut, piecesOf } from "../fixtures/encode.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { SEGMENT_SIZE } from "../fixtures/wasm.js";

beforeAll(() => init());

/** Runs a layer whose output must be its input, and checks digest, diffID and sizes. */
function identity(input: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const machine = new IdentityLayerMachine();
  const pieces = piecesOf(machine, cut(input, lengths));
  const { digest, diffID, size, uncompressedSize } = machine.result();
  machine.release();
  expectSameBytes(concat(...pieces), input);
  const expected = createHash("sha256").update(input).digest("hex");
  expect([toHex(digest), toHex(diffID), size, uncompressedSize]).toEqual([
    expected,
    expected,
    input.length,
    input.length,
  ]);
  return pieces;
}

describe("the layer machine without compression", () => {
  it("hands out what comes in, with one digest for both sides", () => {
    for (const size of [
      1,
      63,
      64,
      65,
      1000,
      SEGMENT_SIZE - 1,
      SEGMENT_SIZE,
      SEGMENT_SIZE + 1,
      3 * SEGMENT_SIZE,
    ]) {
      identity(randomBytes(size, 20 + size), [size]);
    }
  });

  it("makes no piece of nothing", () => {
    expect(identity(new Uint8Array(0), [1])).toEqual([]);
  });

  it("hashes every length from 0 to 300", () => {
    for (let length = 0; length <= 300; length++) identity(randomBytes(length, 21), [length || 1]);
  });

  it("gives the same however the input is cut, in pieces of at least 64 KiB but for the last", () => {
    const input = mixed(5 * SEGMENT_SIZE + 12_345, 22);
    const length = fc.oneof(
      fc.constantFrom(0, 1, SEGMENT_SIZE - 1, SEGMENT_SIZE, SEGMENT_SIZE + 1),
      fc.integer({ min: 1, max: 5 * 2 ** 20 }),
    );
    const lengths = fc
      .array(length, { minLength: 1, maxLength: 8 })
      .filter((all) => all.some((one) => one > 500));
    fc.assert(
      fc.property(lengths, (all) => {
        for (const piece of identity(input, all).slice(0, -1))
          expect(piece.length).toBeGreaterThanOrEqual(65_536);
      }),
      { numRuns: 15 },
    );
    identity(input.subarray(0, SEGMENT_SIZE + 100), [1]);
  });

  it("gives digest and diffID as two arrays that the caller owns", () => {
    const machine = new IdentityLayerMachine();
    machine.finish();
    const { digest, diffID } = machine.result();
    machine.release();
    digest.fill(0);
    expect(toHex(diffID)).toBe(createHash("sha256").digest("hex"));
  });
});
