import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { mixed, randomBytes, text } from "../fixtures/bytes.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { type RawCore, rawCore, rawGzip, SEGMENT_SIZE, stream } from "../fixtures/wasm.js";

const WINDOW_SIZE = 32_768;

interface Segment {
  readonly window: Uint8Array;
  readonly bytes: Uint8Array;
  readonly last: boolean;
}

/** The segments of an input, each with the window before it. */
function segmentsOf(input: Uint8Array): Segment[] {
  const count = Math.floor(input.length / SEGMENT_SIZE) + 1;
  return Array.from({ length: count }, (_, i) => {
    const from = i * SEGMENT_SIZE;
    return {
      window: input.subarray(Math.max(0, from - WINDOW_SIZE), from),
      bytes: input.subarray(from, from + SEGMENT_SIZE),
      last: i === count - 1,
    };
  });
}

/** What `segmentEncode` makes of a segment, so many bytes behind the output's beginning. */
function encode(core: RawCore, level: number, { window, bytes, last }: Segment, behind = 0): Uint8Array {
  core.bytes.set(window, core.segmentAddress - window.length);
  core.segment.set(bytes);
  const at = core.outputAddress + behind;
  const size = core.segmentEncode(level, window.length, bytes.length, last, at);
  return core.bytes.slice(at, at + size);
}

/** Appends a segment that was encoded elsewhere, and returns how many bytes wait. */
function append(core: RawCore, { bytes, last }: Segment, output: Uint8Array): number {
  core.bytes.set(output, core.gzipNext());
  return core.gzipAppend(bytes.length, output.length, crc32(bytes), last);
}

function takeWaiting(core: RawCore, waiting: number): Uint8Array {
  const output = core.bytes.slice(core.outputAddress, core.outputAddress + waiting);
  core.gzipTaken();
  return output;
}

const inputs = [
  { name: "nothing", input: new Uint8Array(0) },
  { name: "a few bytes", input: text(100, 1) },
  { name: "a mixture", input: mixed(4 * SEGMENT_SIZE + 12_345, 2) },
  { name: "whole segments", input: text(3 * SEGMENT_SIZE, 3) },
  { name: "noise", input: randomBytes(2 * SEGMENT_SIZE + 1, 4) },
];

describe.each([0, 1])("segments at level %i", (level) => {
  it.each(inputs)(
    "of $name, encoded backwards by several instances and joined, are the stream",
    ({ input }) => {
      const segments = segmentsOf(input);
      const instances = [rawCore(), rawCore()] as const;
      const outputs: Uint8Array[] = [];
      for (let i = segments.length - 1; i >= 0; i--)
        outputs[i] = encode(instances[i % 2]!, level, segments[i]!);
      const core = rawCore();
      core.gzipReset(level);
      const pieces = segments.map((segment, i) => takeWaiting(core, append(core, segment, outputs[i]!)));
      expectSameBytes(Buffer.concat(pieces), rawGzip(rawCore(), level, input));
      expect(core.counters.getBigUint64(stream.inputTotal, true)).toBe(BigInt(input.length));
      expect(core.counters.getUint32(stream.crc32, true)).toBe(crc32(input));
    },
  );

  it("are the same bytes wherever in the output region they are put", () => {
    const [, second] = segmentsOf(mixed(2 * SEGMENT_SIZE, 5)) as [Segment, Segment];
    const core = rawCore();
    const expected = encode(core, level, second);
    for (const behind of [1, 10, 4099, 65_545])
      expectSameBytes(encode(core, level, second, behind), expected);
  });
});

describe("encoding a segment apart", () => {
  it("leaves the counters of the instance's own stream as they are", () => {
    const core = rawCore();
    const input = mixed(2 * SEGMENT_SIZE + 10, 6);
    const [first, second, last] = segmentsOf(input) as [Segment, Segment, Segment];
    core.gzipReset(1);
    const outputs = [encode(core, 1, first), encode(core, 1, second), encode(core, 1, last)] as const;
    let waiting = append(core, first, outputs[0]);
    const before = core.counters.buffer.slice(core.counters.byteOffset, core.counters.byteOffset + 64);
    encode(core, 1, second, waiting);
    encode(core, 0, last, waiting);
    const after = core.counters.buffer.slice(core.counters.byteOffset, core.counters.byteOffset + 64);
    expectSameBytes(new Uint8Array(after), new Uint8Array(before));
    const pieces = [takeWaiting(core, waiting)];
    waiting = append(core, second, outputs[1]);
    waiting = append(core, last, outputs[2]);
    pieces.push(takeWaiting(core, waiting));
    expectSameBytes(Buffer.concat(pieces), rawGzip(rawCore(), 1, input));
  });

  it("names the same place until a segment is appended there, and puts the header before the first", () => {
    const core = rawCore();
    core.gzipReset(1);
    expect(core.gzipNext()).toBe(core.outputAddress + 10);
    expect(core.gzipNext()).toBe(core.outputAddress + 10);
    core.gzipAppend(0, 0, 0, false);
    expect(core.gzipNext()).toBe(core.outputAddress + 10);
    expect([...core.bytes.subarray(core.outputAddress, core.outputAddress + 3)]).toEqual([0x1f, 0x8b, 8]);
  });
});

it("the hash of the output can be ended apart from that of the input", () => {
  const core = rawCore();
  const input = mixed(2 * SEGMENT_SIZE + 77, 7);
  core.layerReset(1);
  const segments = segmentsOf(input);
  const pieces: Uint8Array[] = [];
  let waiting = 0;
  for (const [i, segment] of segments.entries()) {
    const output = encode(rawCore(), 1, segment);
    core.segment.set(segment.bytes);
    core.layerHash(segment.bytes.length, i % 2 === 0);
    if (segment.last) {
      const tail = segment.bytes.length & 63;
      const at = core.segmentAddress + segment.bytes.length - tail;
      core.sha256Finish(0, at, tail, input.length);
      core.segment.fill(0xaa);
    }
    if (waiting > 0) {
      pieces.push(core.bytes.slice(core.outputAddress, core.outputAddress + waiting));
      core.layerTaken();
    }
    waiting = append(core, segment, output);
  }
  core.layerFinishOutput();
  pieces.push(core.bytes.slice(core.outputAddress, core.outputAddress + waiting));
  const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");
  expect(Buffer.from(core.digests).toString("hex")).toBe(sha256(input) + sha256(Buffer.concat(pieces)));
});
