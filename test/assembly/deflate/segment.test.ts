import { describe, expect, it } from "vitest";
import { concat, machineCode, mixed, randomBytes, repeated, text } from "../../fixtures/bytes.js";
import { dirty, TABLES } from "../../fixtures/dirty-memory.js";
import { testedLevels } from "../../fixtures/levels.js";
import { drawing, drawnEnd, region } from "../../fixtures/memory-map.js";
import { expectSameBytes } from "../../fixtures/same-bytes.js";
import { type RawCore, rawCore, rawGzip, rawSegment, SEGMENT_SIZE, stream } from "../../fixtures/wasm.js";

const kinds = [
  { kind: "text", input: text(2 * SEGMENT_SIZE + 1000, 80) },
  { kind: "code", input: machineCode(SEGMENT_SIZE + 100_001, 81) },
  { kind: "a mixture", input: mixed(3 * SEGMENT_SIZE, 82) },
  { kind: "zeros", input: new Uint8Array(SEGMENT_SIZE + 5) },
  { kind: "noise", input: randomBytes(SEGMENT_SIZE + 70_000, 83) },
  { kind: "three bytes", input: repeated(randomBytes(3, 84), 5000) },
];

const atAllLevels = testedLevels.flatMap((level) => kinds.map(({ input }) => ({ level, input })));

describe.each(kinds)("a stream of $kind", ({ input }) => {
  it.each(testedLevels)("gives the same bytes after others, at other levels, at level %i", (level) => {
    const expected = rawGzip(rawCore(), level, input);
    const core = rawCore();
    rawGzip(core, 7 - level, mixed(SEGMENT_SIZE + 12_345, 85));
    expectSameBytes(rawGzip(core, level, input), expected);
    core.gzipReset(1);
    rawSegment(core, text(SEGMENT_SIZE, 86), false);
    expectSameBytes(rawGzip(core, level, input), expected);
  });

  it.each(testedLevels)(
    "gives the same bytes with noise everywhere but in tables and state, at level %i",
    (level) => {
      const expected = rawGzip(rawCore(), level, input);
      const core = rawCore();
      dirty(core, 87, []);
      core.gzipReset(level);
      const pieces: Uint8Array[] = [];
      for (let at = 0; at <= input.length; at += SEGMENT_SIZE) {
        dirty(core, 88 + at);
        pieces.push(
          rawSegment(core, input.subarray(at, at + SEGMENT_SIZE), at + SEGMENT_SIZE > input.length),
        );
      }
      expectSameBytes(concat(...pieces), expected);
    },
  );

  it.each(testedLevels)(
    "is made of segments that are functions of their window and their bytes, in any order, in any instance, at level %i",
    (level) => {
      const core = rawCore();
      core.gzipReset(level);
      const starts = Array.from(
        { length: Math.floor(input.length / SEGMENT_SIZE) + 1 },
        (_, i) => i * SEGMENT_SIZE,
      );
      const isLast = (at: number): boolean => at + SEGMENT_SIZE > input.length;
      const inOrder = starts.map((at) => rawSegment(core, input.subarray(at, at + SEGMENT_SIZE), isLast(at)));
      for (const at of starts.reverse().filter((start) => start > 0)) {
        const other = rawCore();
        dirty(other, 90, []);
        other.gzipReset(level);
        other.counters.setBigUint64(stream.inputTotal, BigInt(at), true);
        other.counters.setBigUint64(stream.outputTotal, 1n, true);
        other.counters.setUint32(stream.windowLength, 32_768, true);
        other.bytes.set(input.subarray(at - 32_768, at), region("WINDOW").address);
        const alone = rawSegment(other, input.subarray(at, at + SEGMENT_SIZE), isLast(at));
        const expected = inOrder[at / SEGMENT_SIZE] as Uint8Array;
        // The CRC-32 of what stood before was not given.
        const compared = isLast(at) ? -8 : undefined;
        expectSameBytes(alone.subarray(0, compared), expected.subarray(0, compared));
      }
    },
  );
});

/** Encodes bytes as the first segment of a stream, `around` standing at an address before the reset. */
function firstSegment(
  core: RawCore,
  level: number,
  bytes: Uint8Array,
  around?: { at: number; bytes: Uint8Array },
): Uint8Array {
  if (around) core.bytes.set(around.bytes, around.at);
  core.gzipReset(level);
  return rawSegment(core, bytes, bytes.length < SEGMENT_SIZE);
}

describe("the first segment", () => {
  it.each([1, 5, 100, 5000, SEGMENT_SIZE])(
    "of %i bytes never reads before the stream, not even its own bytes repeated there",
    (length) => {
      const core = rawCore();
      for (const { input, level } of atAllLevels) {
        const bytes = input.subarray(0, length);
        const expected = firstSegment(core, level, bytes, {
          at: region("WINDOW").address,
          bytes: new Uint8Array(32_768),
        });
        // As a match would have it: the window goes over into the segment, at several phases.
        for (const shift of [0, 1, 7, bytes.length - 1]) {
          const phase = concat(bytes.subarray(shift), bytes.subarray(0, shift));
          const window = { at: region("WINDOW").address, bytes: repeated(phase, 32_768) };
          expectSameBytes(firstSegment(core, level, bytes, window), expected);
        }
      }
    },
  );
});

describe("a segment", () => {
  it.each([1, 2, 3, 4, 15, 16, 17, 1000, 32_768, 65_537, SEGMENT_SIZE - 1, SEGMENT_SIZE])(
    "of %i bytes does not depend on what stands past its end",
    (length) => {
      const core = rawCore();
      for (const { input, level } of atAllLevels) {
        const bytes = input.subarray(0, length);
        const at = core.segmentAddress + bytes.length;
        const room = Math.min(4096, region("OUTPUT_CARRY").address - at);
        const expected = firstSegment(core, level, bytes, { at, bytes: new Uint8Array(room) });
        // What would prolong a last match: bytes of the period, the last byte, or by chance.
        const [half, lastByte] = [bytes.subarray(bytes.length >>> 1), bytes.subarray(-1)];
        for (const beyond of [repeated(half, room), repeated(lastByte, room), randomBytes(room, 91)]) {
          expectSameBytes(firstSegment(core, level, bytes, { at, bytes: beyond }), expected);
        }
      }
    },
  );

  it("leaves its bytes, the tables, and the room between the regions as they were", () => {
    const core = rawCore();
    const gaps = drawing.map(({ address, size }, i) => ({
      from: address + size,
      to: drawing[i + 1]?.address ?? core.bytes.length,
    }));
    expect(gaps.at(-1)?.from).toBe(drawnEnd);
    for (const { from, to } of gaps) core.bytes.fill(0xa5, from, to);
    const tables = TABLES.map((name) => region(name)).map(({ address, size }) =>
      core.bytes.slice(address, address + size),
    );
    for (const { input, level } of atAllLevels) {
      core.layerReset(level);
      const bytes = input.subarray(0, SEGMENT_SIZE);
      const last = bytes.length < SEGMENT_SIZE;
      core.segment.set(bytes);
      core.layerHash(bytes.length, true);
      core.gzipSegment(bytes.length, last);
      expectSameBytes(core.segment.slice(0, bytes.length), bytes);
      if (last) core.layerFinish(bytes.length);
    }
    for (const { from, to } of gaps) {
      expectSameBytes(core.bytes.slice(from, to), new Uint8Array(to - from).fill(0xa5));
    }
    for (const [i, table] of tables.entries()) {
      const { address, size } = region(TABLES[i] as string);
      expectSameBytes(core.bytes.slice(address, address + size), table);
    }
  });

  it("that can't be compressed fits behind 64 KiB that wait, and keeps what stands before and after", () => {
    const core = rawCore();
    for (const level of testedLevels) {
      const input = randomBytes(SEGMENT_SIZE, 92);
      core.gzipReset(level);
      core.counters.setBigUint64(stream.outputTotal, 1n, true);
      const expected = rawSegment(core, input, false);
      core.gzipReset(level);
      core.counters.setBigUint64(stream.outputTotal, 1n, true);
      core.counters.setUint32(stream.pending, 65_536, true);
      const waiting = randomBytes(65_536, 93);
      core.bytes.set(waiting, core.outputAddress);
      core.bytes.fill(0xa5, drawnEnd);
      core.segment.set(input);
      expect(core.gzipSegment(input.length, false)).toBe(65_536 + expected.length);
      const output = core.bytes.slice(core.outputAddress, core.outputAddress + 65_536 + expected.length);
      expectSameBytes(output, concat(waiting, expected));
      expect(core.bytes.subarray(drawnEnd).every((byte) => byte === 0xa5)).toBe(true);
    }
  });
});
