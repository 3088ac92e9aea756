import { createHash } from "node:crypto";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  GunzipLayerMachine,
  Gzip,
  GzipLayerMachine,
  init,
  MachineStateError,
  OutputLimitError,
} from "../../src/core/index.js";
import { ascii, concat, mixed, randomBytes, text } from "../fixtures/bytes.js";
import { encode, piecesOf } from "../fixtures/encode.js";
import { inflated, randomPieces } from "../fixtures/inflate.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";

beforeAll(() => init());

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

/** Both digests and both sizes are those of the bytes. */
function expectResult(gzip: Uint8Array, data: Uint8Array, pieces: Iterable<Uint8Array>, options = {}): void {
  const machine = new GunzipLayerMachine(options);
  const { output, error } = inflated(machine, pieces);
  expect(error).toBeUndefined();
  expectSameBytes(output, data);
  const { digest, diffID, size, uncompressedSize } = machine.result();
  expect({ digest: hex(digest), diffID: hex(diffID), size, uncompressedSize }).toEqual({
    digest: sha256(gzip),
    diffID: sha256(data),
    size: gzip.length,
    uncompressedSize: data.length,
  });
}

describe("GunzipLayerMachine", () => {
  it("hashes both sides of whatever it reads, however it comes", () => {
    const source = fc.record({
      length: fc.integer({ min: 0, max: 600_000 }),
      seed: fc.integer({ min: 1, max: 1e6 }),
      longest: fc.constantFrom(1, 63, 64, 65, 5000, 40_000, 1e6),
      kind: fc.constantFrom(mixed, text, randomBytes),
    });
    fc.assert(
      fc.property(source, ({ length, seed, longest, kind }) => {
        const data = kind(longest === 1 ? length % 3000 : length, seed);
        const gzip = new Uint8Array(gzipSync(data));
        expectResult(gzip, data, randomPieces(gzip, longest, seed));
      }),
      { numRuns: 60 },
    );
  });

  it("hashes all bytes that it is given: every member, padding, and what it ignores", () => {
    const data = mixed(200_000, 3);
    const members = concat(gzipSync(data), gzipSync(new Uint8Array(0)), gzipSync(data));
    const padded = concat(members, new Uint8Array(70_001));
    expectResult(padded, concat(data, data), [padded]);
    const trailed = concat(members, ascii("and so on"), randomBytes(50_000, 4));
    expectResult(trailed, concat(data, data), [trailed], { trailing: "ignore" });
  });

  it("says of a layer what the machine that made it said", () => {
    const data = mixed(1_000_000, 5);
    const making = new GzipLayerMachine(1);
    const gzip = concat(...piecesOf(making, [data]));
    const reading = new GunzipLayerMachine();
    expectSameBytes(inflated(reading, [gzip]).output, data);
    expect(reading.result()).toEqual(making.result());
    making.release();
    expectSameBytes(encode(new Gzip(1), data), gzip);
  });

  it("pairs or does not pair the hashes to the same digests, once the engine has been measured", () => {
    const data = text(3_000_000, 6);
    const gzip = new Uint8Array(gzipSync(data, { level: 1 }));
    for (let i = 0; i < 3; i++) expectResult(gzip, data, [gzip]);
  });

  it("knows no digests before the end, and none of a bad stream", () => {
    const data = mixed(100_000, 7);
    const gzip = new Uint8Array(gzipSync(data));
    for (const [bytes, options] of [
      [gzip.subarray(0, -1), {}],
      [concat(gzip, ascii("x")), {}],
      [gzip, { maxBytes: 99_999 }],
    ] as const) {
      const machine = new GunzipLayerMachine(options);
      expect(() => machine.result()).toThrow(MachineStateError);
      expect(inflated(machine, [bytes]).error).toBeDefined();
      expect(() => machine.result()).toThrow(MachineStateError);
    }
    expect(inflated(new GunzipLayerMachine({ maxBytes: 5 }), [gzip]).error).toBeInstanceOf(OutputLimitError);
  });
});
