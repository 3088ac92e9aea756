import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Gzip, init } from "../../src/core/index.js";
import {
  ascii,
  concat,
  machineCode,
  mixed,
  randomBytes,
  randomFrom,
  repeated,
  text,
} from "../fixtures/bytes.js";
import { cut, encode, piecesOf } from "../fixtures/encode.js";
import { expectGzipByAll, expectGzipOf, gzipProgram } from "../fixtures/gunzip.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { rawCore, rawGzip, SEGMENT_SIZE } from "../fixtures/wasm.js";

beforeAll(() => init());

const LEVELS = [-2, -1, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9];
const MIB = 2 ** 20;

const inputs = [
  { name: "nothing", input: new Uint8Array(0) },
  { name: "one byte", input: ascii("v") },
  { name: "a line", input: ascii("one line of text\n") },
  { name: "text", input: text(600_000, 1) },
  { name: "machine code", input: machineCode(600_000, 2) },
  { name: "noise", input: randomBytes(600_000, 3) },
  { name: "zeros", input: new Uint8Array(3 * SEGMENT_SIZE) },
  { name: "a mixture", input: mixed(2 * MIB + 17, 4) },
  { name: "a whole segment", input: mixed(SEGMENT_SIZE, 5) },
  { name: "two segments and a byte", input: mixed(2 * SEGMENT_SIZE + 1, 6) },
  { name: "a small alphabet", input: randomFrom(5, 100_000, 7) },
  { name: "a long period", input: repeated(randomBytes(32_768, 8), 200_000) },
];

describe.each(LEVELS)("gzip at level %i", (level) => {
  it.each(inputs)(
    "of $name is read by zlib, fflate and the gzip program, header and trailer as RFC 1952 says",
    ({ input }) => {
      expectGzipByAll(encode(new Gzip(level), input), input, level);
    },
  );

  it("is what the segments of the core make, one after the other", () => {
    for (const { input } of inputs)
      expectSameBytes(encode(new Gzip(level), input), rawGzip(rawCore(), level, input));
  });

  it("of any short bytes is read by zlib and fflate, and all of it by the gzip program", () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.array(fc.integer({ min: 97, max: 100 }), { maxLength: 3000 }).map((codes) => Uint8Array.from(codes)),
      fc
        .array(fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 90 })), {
          maxLength: 30,
        })
        .map((runs) => concat(...runs.map(([period, times]) => repeated(period, period.length * times)))),
    );
    const members: Uint8Array[] = [];
    const contents: Uint8Array[] = [];
    fc.assert(
      fc.property(bytes, (input) => {
        const output = encode(new Gzip(level), input);
        expectGzipOf(output, input, level);
        members.push(output);
        contents.push(input);
      }),
      { numRuns: 400 },
    );
    // A file of several members is their contents in turn (RFC 1952, 2.2).
    expectSameBytes(gzipProgram(concat(...members)), concat(...contents));
  });

  it("makes bytes without structure longer by at most 0.1 % and 64 bytes", () => {
    const noise = randomBytes(4 * SEGMENT_SIZE + 1, 9);
    const sizes = [0, 1, 2, 10, 100, 1000, 16_384, 20_480, 65_534, 65_535, 65_536, 131_070, 131_071];
    for (const multiple of [1, 2, 4])
      sizes.push(multiple * SEGMENT_SIZE - 1, multiple * SEGMENT_SIZE, multiple * SEGMENT_SIZE + 1);
    for (const size of sizes) {
      const output = encode(new Gzip(level), noise.subarray(0, size));
      expect(output.length, `${size} bytes`).toBeLessThanOrEqual(size * 1.001 + 64);
    }
  });

  it("keeps that bound for bytes that tempt it: short matches between noise, and flat alphabets", () => {
    const tempting = [
      concat(...Array.from({ length: 20_000 }, (_, i) => concat(randomBytes(7, 10 + i), ascii("gzip")))),
      randomFrom(255, 300_000, 11),
      Uint8Array.from(randomBytes(300_000, 12), (byte, i) => (i % 16 < 4 ? 7 : byte)),
    ];
    for (const input of tempting) {
      const output = encode(new Gzip(level), input);
      expectGzipOf(output, input, level);
      expect(output.length).toBeLessThanOrEqual(input.length * 1.001 + 64);
    }
  });

  it("comes in pieces of at least 64 KiB but for the last, and of a segment and a half at most", () => {
    for (const { input } of inputs) {
      const pieces = piecesOf(new Gzip(level), cut(input, [10_000]));
      expect(pieces.length).toBeGreaterThan(0);
      for (const piece of pieces.slice(0, -1)) expect(piece.length).toBeGreaterThanOrEqual(65_536);
      for (const piece of pieces) expect(piece.length).toBeLessThan(SEGMENT_SIZE + 65_536 + 1024);
    }
  });

  it("comes as soon as 64 KiB are ready", () => {
    // A segment of this makes between 64 and 128 KiB, more with a Huffman code alone, and at level 0 more than a segment.
    const input = concat(...Array.from({ length: 4 }, (_, i) => text(SEGMENT_SIZE, 14 + i)));
    const pieces = piecesOf(new Gzip(level), [input]);
    const most = level === 0 ? SEGMENT_SIZE + 1000 : level === -2 ? 3 * 65_536 : 2 * 65_536;
    for (const piece of pieces) expect(piece.length).toBeLessThan(most);
  });

  it("has room for a segment of noise behind almost 64 KiB that wait", () => {
    for (let noise = 65_000; noise < 65_600; noise += 60) {
      const first = concat(randomBytes(noise, 18), new Uint8Array(SEGMENT_SIZE - noise));
      const input = concat(first, randomBytes(2 * SEGMENT_SIZE, 19));
      expectGzipOf(encode(new Gzip(level), input), input, level);
    }
  });
});

describe("the input's chunks", () => {
  const input = mixed(6 * MIB, 13);

  it.each(LEVELS)(
    "of 1 byte to 5 MiB, empty ones too, make no difference to the bytes at level %i",
    (level) => {
      const expected = encode(new Gzip(level), input);
      const length = fc.oneof(
        fc.constantFrom(
          0,
          1,
          65_535,
          65_536,
          65_537,
          SEGMENT_SIZE - 1,
          SEGMENT_SIZE,
          SEGMENT_SIZE + 1,
          5 * MIB,
        ),
        fc.integer({ min: 1, max: 5000 }),
        fc.integer({ min: 1, max: 5 * MIB }),
      );
      const lengths = fc
        .array(length, { minLength: 1, maxLength: 12 })
        .filter((all) => all.reduce((a, b) => a + b) >= 200 * all.length);
      fc.assert(
        fc.property(lengths, (all) => {
          const gzip = new Gzip(level);
          expectSameBytes(concat(...piecesOf(gzip, cut(input, all))), expected);
          gzip.release();
        }),
        { numRuns: 10 },
      );
    },
  );

  it.each(LEVELS)("of one byte each make no difference at level %i", (level) => {
    const bytes = input.subarray(0, SEGMENT_SIZE + 70_000);
    const gzip = new Gzip(level);
    expectSameBytes(concat(...piecesOf(gzip, cut(bytes, [1]))), encode(new Gzip(level), bytes));
    gzip.release();
  });

  it("may be changed as soon as update has returned", () => {
    const bytes = input.subarray(0, 400_000);
    const chunk = new Uint8Array(1000);
    function* reused(): Generator<Uint8Array> {
      for (const part of cut(bytes, [1000])) {
        chunk.set(part);
        yield chunk.subarray(0, part.length);
        chunk.fill(0xff);
      }
    }
    const gzip = new Gzip(1);
    expectSameBytes(concat(...piecesOf(gzip, reused())), encode(new Gzip(1), bytes));
    gzip.release();
  });
});
