import { createHash } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { Gzip, GzipLayerMachine, init, toHex } from "../../src/core/index.js";
import { encode, piecesOf } from "../fixtures/encode.js";
import { expectGzipByAll } from "../fixtures/gunzip.js";
import { SEGMENT_SIZE } from "../fixtures/wasm.js";
import { type GoldenBytes, golden, goldenInputs } from "./inputs.js";

beforeAll(() => init());

function described(bytes: Uint8Array): GoldenBytes {
  return { size: bytes.length, sha256: createHash("sha256").update(bytes).digest("hex") };
}

describe("the golden table", () => {
  it("names its format, its levels, and every input once", () => {
    expect(golden.format).toBe("varve-gzip/0");
    expect(golden.levels).toEqual([-2, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(golden.rows.map(({ name }) => name)).toEqual(goldenInputs.map(({ name }) => name));
    expect(new Set(golden.rows.map(({ name }) => name)).size).toBe(golden.rows.length);
  });

  it("has whole segments, and one byte less and more", () => {
    const sizes = golden.rows.map(({ input }) => input.size);
    for (const off of [-1, 0, 1]) {
      expect(sizes).toContain(SEGMENT_SIZE + off);
      expect(sizes).toContain(2 * SEGMENT_SIZE + off);
    }
    expect(Math.max(...sizes)).toBeGreaterThanOrEqual(3 * 2 ** 20);
  });
});

describe.each(goldenInputs)("golden: $name", ({ name, make }) => {
  const row = golden.rows.find((candidate) => candidate.name === name);
  let input = new Uint8Array(0);
  beforeAll(() => {
    input = make();
  });

  it("is made of the same bytes as ever", () => {
    expect(described(input)).toEqual(row?.input);
  });

  it.each(golden.levels)("compresses to the golden bytes at level %i, as a gzip and as a layer", (level) => {
    const output = encode(new Gzip(level), input);
    expectGzipByAll(output, input, level);
    expect(described(output)).toEqual(row?.gzip[level]);
    const machine = new GzipLayerMachine(level);
    piecesOf(machine, [input]);
    const { digest, diffID, size, uncompressedSize } = machine.result();
    machine.release();
    expect({ size, sha256: toHex(digest) }).toEqual(row?.gzip[level]);
    expect({ size: uncompressedSize, sha256: toHex(diffID) }).toEqual(row?.input);
  });
});
