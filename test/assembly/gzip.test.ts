import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { concat, randomBytes, text } from "../fixtures/bytes.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { rawCore, rawSegment, SEGMENT_SIZE, stream } from "../fixtures/wasm.js";

/** The two fields after the DEFLATE stream. */
function trailer(gzip: Uint8Array): { crc32: number; isize: number } {
  const view = new DataView(gzip.buffer, gzip.byteOffset + gzip.length - 8, 8);
  return { crc32: view.getUint32(0, true), isize: view.getUint32(4, true) };
}

describe("the counters of a stream", () => {
  it("count input, output and what waits", () => {
    const core = rawCore();
    const bytes = text(SEGMENT_SIZE + 500, 20);
    core.gzipReset(1);
    const first = rawSegment(core, bytes.subarray(0, SEGMENT_SIZE), false);
    expect(core.counters.getBigUint64(stream.inputTotal, true)).toBe(BigInt(SEGMENT_SIZE));
    expect(core.counters.getBigUint64(stream.outputTotal, true)).toBe(BigInt(first.length));
    expect(core.counters.getUint32(stream.crc32, true)).toBe(crc32(bytes.subarray(0, SEGMENT_SIZE)));
    expect(core.counters.getInt32(stream.level, true)).toBe(1);
    expect(core.counters.getUint32(stream.windowLength, true)).toBe(32_768);
    expect(core.counters.getUint32(stream.pending, true)).toBe(0);
    const second = rawSegment(core, bytes.subarray(SEGMENT_SIZE), true);
    expect(core.counters.getBigUint64(stream.outputTotal, true)).toBe(BigInt(first.length + second.length));
    expect(trailer(second)).toEqual({ crc32: crc32(bytes), isize: bytes.length });
  });

  it("append a segment to the output that waits, and count both as waiting", () => {
    const core = rawCore();
    const bytes = text(2 * SEGMENT_SIZE, 21);
    const halves = [bytes.subarray(0, SEGMENT_SIZE), bytes.subarray(SEGMENT_SIZE)] as const;
    core.gzipReset(1);
    const taken = halves.map((half) => rawSegment(core, half, false));
    core.gzipReset(1);
    let waiting = 0;
    for (const half of halves) {
      core.segment.set(half);
      waiting = core.gzipSegment(half.length, false);
    }
    expect(waiting).toBe((taken[0]?.length ?? 0) + (taken[1]?.length ?? 0));
    expect(core.counters.getUint32(stream.pending, true)).toBe(waiting);
    expectSameBytes(core.bytes.slice(core.outputAddress, core.outputAddress + waiting), concat(...taken));
  });

  it("give ISIZE modulo 2^32 (RFC 1952, 2.3.1) to input past 4 GiB", () => {
    const core = rawCore();
    const bytes = randomBytes(1000, 22);
    const around = [
      2n ** 32n - 1001n,
      2n ** 32n - 1000n,
      2n ** 32n - 999n,
      2n ** 32n,
      2n ** 33n + 5n,
      2n ** 53n - 1001n,
    ];
    for (const before of around) {
      core.gzipReset(0);
      core.counters.setBigUint64(stream.inputTotal, before, true);
      core.counters.setUint32(stream.crc32, 0x12345678, true);
      const output = rawSegment(core, bytes, true);
      expect(trailer(output)).toEqual({
        crc32: crc32(bytes, 0x12345678),
        isize: Number((before + 1000n) % 2n ** 32n),
      });
      expect(core.counters.getBigUint64(stream.inputTotal, true)).toBe(before + 1000n);
    }
  });

  it("give the header once, though the output's count has left 32 bits", () => {
    const core = rawCore();
    core.gzipReset(0);
    core.counters.setBigUint64(stream.outputTotal, 2n ** 32n, true);
    const output = rawSegment(core, randomBytes(10, 23), true);
    // A stored block of 10 bytes, BFINAL set, then the trailer.
    expect([...output.subarray(0, 5)]).toEqual([1, 10, 0, 0xf5, 0xff]);
    expect(output.length).toBe(5 + 10 + 8);
    expect(core.counters.getBigUint64(stream.outputTotal, true)).toBe(2n ** 32n + 23n);
  });

  it("name the level in XFL: 4 for the fastest, 2 for the best, else 0", () => {
    const core = rawCore();
    for (const [level, xfl] of [
      [0, 0],
      [1, 4],
    ] as const) {
      core.gzipReset(level);
      expect(rawSegment(core, new Uint8Array(0), true)[8]).toBe(xfl);
    }
  });
});
