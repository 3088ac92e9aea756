import { crc32 as zlibCrc32 } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { crc32, Gzip, init } from "../../src/core/index.js";
import { ascii, mixed, randomBytes } from "../fixtures/bytes.js";
import { encode } from "../fixtures/encode.js";
import { expectGzipOf } from "../fixtures/gunzip.js";
import { SEGMENT_SIZE } from "../fixtures/wasm.js";

beforeAll(() => init());

describe("CRC-32", () => {
  it("gives the check value of the catalogue of CRCs, and 0 of nothing", () => {
    expect(crc32(ascii("123456789"))).toBe(0xcbf43926);
    expect(crc32(new Uint8Array(0))).toBe(0);
    expect(crc32(new Uint8Array(0), 0xcbf43926)).toBe(0xcbf43926);
  });

  it("equals zlib's for short lengths at every alignment", () => {
    const bytes = randomBytes(100, 1);
    for (let length = 0; length <= 66; length++) {
      for (let offset = 0; offset < 17; offset++) {
        const view = bytes.subarray(offset, offset + length);
        expect(crc32(view), `${length} bytes from ${offset}`).toBe(zlibCrc32(view));
      }
    }
  });

  it("equals zlib's on both sides of the length from which on it folds", () => {
    const bytes = randomBytes(1536 + 2000, 2);
    // One after the other: a rest of every length modulo the 64 bytes of a step, and more than the longest gap.
    for (let length = 1464; length <= 1536 + 200; length++) {
      const view = bytes.subarray(0, length);
      expect(crc32(view), `${length} bytes`).toBe(zlibCrc32(view));
    }
    for (let length = 1750; length <= bytes.length; length += 37) {
      const view = bytes.subarray(0, length);
      expect(crc32(view), `${length} bytes`).toBe(zlibCrc32(view));
    }
  });

  it("equals zlib's around the room that folding has, and around whole segments", () => {
    const bytes = mixed(3 * SEGMENT_SIZE + 100, 3);
    const around = [
      11_424,
      12_288,
      2 * 11_424,
      3 * 11_424,
      65_536,
      SEGMENT_SIZE,
      2 * SEGMENT_SIZE,
      3 * SEGMENT_SIZE,
    ];
    for (const middle of around) {
      for (const off of [-65, -64, -17, -16, -1, 0, 1, 15, 16, 63, 64, 65]) {
        const view = bytes.subarray(0, middle + off);
        expect(crc32(view), `${view.length} bytes`).toBe(zlibCrc32(view));
      }
    }
  });

  it("sees a single bit wherever it stands in zeros", () => {
    const length = 20_000;
    for (let at = 0; at < length; at += 97) {
      const bytes = new Uint8Array(length);
      bytes[at] = 1 << (at % 8);
      expect(crc32(bytes), `byte ${at}`).toBe(zlibCrc32(bytes));
    }
  });

  it("continues from the CRC of what stands before", () => {
    const bytes = randomBytes(100_000, 4);
    const cuts = fc.array(fc.nat({ max: bytes.length }), { maxLength: 8 });
    fc.assert(
      fc.property(cuts, fc.nat({ max: 0xffffffff }), (unsorted, previous) => {
        const places = [0, ...unsorted.sort((a, b) => a - b), bytes.length];
        let crc = previous;
        for (const [i, place] of places.entries())
          crc = crc32(bytes.subarray(places[i - 1] ?? 0, place), crc);
        expect(crc).toBe(zlibCrc32(bytes, previous));
      }),
      { numRuns: 60 },
    );
  });

  it("is computed beside streams that are under way, without touching them", () => {
    const bytes = mixed(100_000, 5);
    const gzip = new Gzip(1);
    gzip.update(bytes.subarray(0, 60_000), 0);
    expect(crc32(bytes)).toBe(zlibCrc32(bytes));
    const rest = encode(gzip, bytes.subarray(60_000));
    expectGzipOf(rest, bytes, 1);
  });
});
