import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { Gzip, init } from "../../../src/core/index.js";
import { concat, machineCode, mixed, randomBytes, repeated, text } from "../../fixtures/bytes.js";
import { dirty, TABLES } from "../../fixtures/dirty-memory.js";
import { cut, piecesOf } from "../../fixtures/encode.js";
import { expectGzipOf } from "../../fixtures/gunzip.js";
import { drawing, optimalDrawing, region } from "../../fixtures/memory-map.js";
import { expectSameBytes } from "../../fixtures/same-bytes.js";
import { rawCore, rawGzip, rawSegment, SEGMENT_SIZE, stream } from "../../fixtures/wasm.js";

const LEVELS = [10, 11, 12];
const core = rawCore(12);

const kinds = [
  { kind: "text", input: text(SEGMENT_SIZE + 30_000, 80) },
  { kind: "code", input: machineCode(SEGMENT_SIZE + 10_001, 81) },
  { kind: "a mixture", input: mixed(2 * SEGMENT_SIZE + 5000, 82) },
  { kind: "zeros", input: new Uint8Array(SEGMENT_SIZE + 5) },
  { kind: "noise", input: randomBytes(SEGMENT_SIZE + 70_000, 83) },
  { kind: "three bytes", input: repeated(randomBytes(3, 84), SEGMENT_SIZE) },
];

describe.each(LEVELS)("level %i", (level) => {
  beforeAll(() => init());

  it.each(kinds)("gives $kind back", ({ input }) => {
    expectGzipOf(rawGzip(core, level, input), input, level);
  });

  it("gives back inputs of every length from 0 to 300", () => {
    const sources = [text(300, 1), new Uint8Array(300), randomBytes(300, 2), repeated(text(7, 3), 300)];
    for (const source of sources) {
      for (let length = 0; length <= source.length; length++) {
        const input = source.subarray(0, length);
        expectGzipOf(rawGzip(core, level, input), input, level);
      }
    }
  });

  it("gives back whatever is made of runs and copies", () => {
    const run = fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 9 }), fc.integer({ min: 1, max: 400 }));
    fc.assert(
      fc.property(fc.array(run, { maxLength: 30 }), (runs) => {
        const input = concat(...runs.map(([period, times]) => repeated(period, period.length + times)));
        expectGzipOf(rawGzip(core, level, input), input, level);
      }),
      { numRuns: 100 },
    );
  });

  it("adds to what can't be compressed no more than stored blocks need", () => {
    for (const length of [1, 100, 5000, 65_536, SEGMENT_SIZE, SEGMENT_SIZE + 1]) {
      const input = randomBytes(length, 92);
      const segments = Math.floor(length / SEGMENT_SIZE) + 1;
      // Headers of five bytes: a stored block for each 65535 bytes, two more where blocks were cut, and each sync flush.
      const bound = length + 18 + 5 * (Math.ceil(length / 65_535) + 3 * segments);
      expect(rawGzip(core, level, input).length).toBeLessThanOrEqual(bound);
    }
  });

  it("gives the same bytes however the input is cut into chunks", () => {
    const input = mixed(SEGMENT_SIZE + 50_000, 94);
    const expected = rawGzip(core, level, input);
    for (const lengths of [[1000, 1, 70_000], [SEGMENT_SIZE], [65_536, 0, 7], [SEGMENT_SIZE + 1]]) {
      const encoder = new Gzip(level);
      expectSameBytes(concat(...piecesOf(encoder, cut(input, lengths))), expected);
      encoder.release();
    }
  });

  it.each(kinds)("gives $kind the same bytes with noise everywhere but in tables and state", ({ input }) => {
    const expected = rawGzip(rawCore(12), level, input);
    const other = rawCore(12);
    dirty(other, 87, []);
    other.gzipReset(level);
    const pieces: Uint8Array[] = [];
    for (let at = 0; at <= input.length; at += SEGMENT_SIZE) {
      dirty(other, 88 + at);
      const piece = input.subarray(at, at + SEGMENT_SIZE);
      pieces.push(rawSegment(other, piece, piece.length < SEGMENT_SIZE));
    }
    expectSameBytes(concat(...pieces), expected);
  });

  it("makes segments that are functions of their window and their bytes, in any order, in any instance", () => {
    const input = mixed(2 * SEGMENT_SIZE + 5000, 82);
    core.gzipReset(level);
    const inOrder = [0, 1, 2].map((i) =>
      rawSegment(core, input.subarray(i * SEGMENT_SIZE, (i + 1) * SEGMENT_SIZE), i === 2),
    );
    for (const i of [2, 1]) {
      const at = i * SEGMENT_SIZE;
      const other = rawCore(12);
      dirty(other, 90, []);
      other.gzipReset(level);
      other.counters.setBigUint64(stream.inputTotal, BigInt(at), true);
      other.counters.setBigUint64(stream.outputTotal, 1n, true);
      other.counters.setUint32(stream.windowLength, 32_768, true);
      other.bytes.set(input.subarray(at - 32_768, at), region("WINDOW").address);
      const alone = rawSegment(other, input.subarray(at, at + SEGMENT_SIZE), i === 2);
      // The CRC-32 of what stood before was not given.
      const compared = i === 2 ? -8 : undefined;
      expectSameBytes(alone.subarray(0, compared), (inOrder[i] as Uint8Array).subarray(0, compared));
    }
  });

  it("never reads before the stream, nor past the end of the segment", () => {
    for (const { input } of kinds) {
      for (const length of [1, 3, 17, 5000]) {
        const bytes = input.subarray(0, length);
        const encodeAmid = (before: Uint8Array, after: Uint8Array): Uint8Array => {
          core.bytes.set(before, region("WINDOW").address);
          core.bytes.set(after, core.segmentAddress + length);
          core.gzipReset(level);
          return rawSegment(core, bytes, true);
        };
        const expected = encodeAmid(new Uint8Array(32_768), new Uint8Array(700));
        // As a match would have it: the same bytes before, and after the end.
        expectSameBytes(encodeAmid(repeated(bytes, 32_768), repeated(bytes, 700)), expected);
        expectSameBytes(encodeAmid(randomBytes(32_768, 5), randomBytes(700, 6)), expected);
      }
    }
  });

  it("leaves its bytes, the tables, and the room between the regions as they were", () => {
    const instance = rawCore(12);
    const regions = [...drawing, ...optimalDrawing];
    const gaps = regions.map(({ address, size }, i) => ({
      from: address + size,
      to: regions[i + 1]?.address ?? instance.bytes.length,
    }));
    for (const { from, to } of gaps) instance.bytes.fill(0xa5, from, to);
    const tables = TABLES.map(region).map(({ address, size }) =>
      instance.bytes.slice(address, address + size),
    );
    for (const { input } of kinds) {
      instance.gzipReset(level);
      const bytes = input.subarray(0, SEGMENT_SIZE);
      rawSegment(instance, bytes, bytes.length < SEGMENT_SIZE);
      expectSameBytes(instance.segment.slice(0, bytes.length), bytes);
    }
    for (const { from, to } of gaps)
      expect(
        instance.bytes.subarray(from, to).every((byte) => byte === 0xa5),
        `${from}`,
      ).toBe(true);
    for (const [i, table] of tables.entries()) {
      const { address, size } = region(TABLES[i] as string);
      expectSameBytes(instance.bytes.slice(address, address + size), table);
    }
  });
});

describe("from level to level", () => {
  it.each(["text", "a mixture"])("the output of %s gets smaller", (kind) => {
    const input = kinds.find((candidate) => candidate.kind === kind)?.input as Uint8Array;
    const [ten, eleven, twelve] = LEVELS.map((level) => rawGzip(core, level, input).length) as [
      number,
      number,
      number,
    ];
    expect(eleven).toBeLessThan(ten);
    expect(twelve).toBeLessThan(eleven);
  });
});

describe("an instance that has not reserved the memory of these levels", () => {
  it("has none of it, and can still be given it", () => {
    const small = rawCore();
    expect(small.bytes.length).toBeLessThanOrEqual(4 * 2 ** 20);
    expect(core.bytes.length).toBeLessThanOrEqual(12 * 2 ** 20);
    small.reserveMemory(12);
    expect(small.memory.buffer.byteLength).toBe(core.bytes.length);
  });
});
