import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import {
  Gunzip,
  Inflate,
  InflateError,
  InflateOptionError,
  init,
  OutputLimitError,
  VarveError,
} from "../../src/core/index.js";
import { inflateReason } from "../../src/core/inflate-error.js";
import {
  BitWriter,
  codeOf,
  dynamicCounts,
  dynamicHeader,
  fixedDist,
  fixedLitlen,
  gzipHeader,
  lengthsOf,
  member,
} from "../fixtures/bit-writer.js";
import { ascii, concat, randomBytes, text } from "../fixtures/bytes.js";
import { cut } from "../fixtures/encode.js";
import { inflated } from "../fixtures/inflate.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";

beforeAll(() => init());

const END = 256;

/** Seven literals in a block of their own; what follows begins within byte 9. */
const ahead = ascii("varves.");

function begun(): BitWriter {
  const writer = new BitWriter().bits(0, 1).bits(1, 2);
  for (const letter of ahead) writer.symbol(fixedLitlen, letter);
  return writer.symbol(fixedLitlen, END);
}

/** 3 bits of header, 7 literals of 8 bits, 7 bits for the end: the next block begins at bit 66. */
const BLOCK = 8;

function fixedBlock(write: (writer: BitWriter) => void): Uint8Array {
  const writer = begun().bits(1, 1).bits(1, 2);
  write(writer);
  return writer.raw(randomBytes(300, 9)).bytes();
}

function dynamicBlock(litlen: readonly number[], dist: readonly number[]): Uint8Array {
  const writer = begun();
  dynamicHeader(writer, true, litlen, dist);
  return writer.raw(randomBytes(300, 9)).bytes();
}

function precodeBlock(precode: readonly number[], write: (writer: BitWriter) => void = () => {}): Uint8Array {
  const writer = begun().bits(1, 1).bits(2, 2);
  dynamicCounts(writer, 257, 1, precode);
  write(writer);
  return writer.raw(randomBytes(300, 9)).bytes();
}

/** It reaches into whatever stands before. */
const TOO_FAR = "a distance one byte too far";

/** Bits before the first precode symbol of `precodeBlock`. */
const PRECODE_END = 66 + 3 + 14 + 3 * 19;
/** A precode of the two symbols given. */
const pair = (a: number, b: number) =>
  codeOf(
    lengthsOf(19, [
      [a, 1],
      [b, 1],
    ]),
  );
const ends = (pairs: readonly (readonly [number, number])[]) => lengthsOf(257, pairs);

/** Damage to a DEFLATE stream of which `ahead` is intact; `more` bytes of the bad block come before it. */
const damagedDeflate: readonly [
  what: string,
  reason: string,
  offset: number,
  bytes: Uint8Array,
  more?: number,
][] = [
  ["a reserved block type", "reserved-block", BLOCK, begun().bits(1, 1).bits(3, 2).raw([1, 2, 3]).bytes()],
  [
    "a stored length without its complement",
    "stored-length",
    9,
    begun().bits(1, 1).bits(0, 2).raw([3, 0, 3, 0, 65, 65, 65]).bytes(),
  ],
  [
    "287 litlen codes",
    "too-many-codes",
    BLOCK,
    begun().bits(1, 1).bits(2, 2).bits(30, 5).bits(0, 5).bits(15, 4).raw(randomBytes(99, 1)).bytes(),
  ],
  [
    "31 dist codes",
    "too-many-codes",
    BLOCK,
    begun().bits(1, 1).bits(2, 2).bits(0, 5).bits(30, 5).bits(15, 4).raw(randomBytes(99, 1)).bytes(),
  ],
  [
    "an over-subscribed precode",
    "over-subscribed",
    BLOCK,
    precodeBlock(
      lengthsOf(19, [
        [0, 1],
        [1, 1],
        [2, 7],
      ]),
    ),
  ],
  [
    "an incomplete precode",
    "under-subscribed",
    BLOCK,
    precodeBlock(
      lengthsOf(19, [
        [0, 1],
        [1, 2],
      ]),
    ),
  ],
  ["a precode of one codeword", "under-subscribed", BLOCK, precodeBlock(lengthsOf(19, [[0, 1]]))],
  ["an empty precode", "under-subscribed", BLOCK, precodeBlock(new Array(19).fill(0))],
  [
    "an over-subscribed litlen code",
    "over-subscribed",
    BLOCK,
    dynamicBlock(
      ends([
        [65, 1],
        [66, 1],
        [END, 15],
      ]),
      [0],
    ),
  ],
  [
    "an incomplete litlen code",
    "under-subscribed",
    BLOCK,
    dynamicBlock(
      ends([
        [65, 1],
        [END, 3],
      ]),
      [0],
    ),
  ],
  ["a litlen code of one long codeword", "under-subscribed", BLOCK, dynamicBlock(ends([[END, 2]]), [0])],
  [
    "an over-subscribed dist code",
    "over-subscribed",
    BLOCK,
    dynamicBlock(
      ends([
        [65, 1],
        [END, 1],
      ]),
      [1, 1, 1],
    ),
  ],
  [
    "an incomplete dist code",
    "under-subscribed",
    BLOCK,
    dynamicBlock(
      ends([
        [65, 1],
        [END, 1],
      ]),
      [1, 2],
    ),
  ],
  [
    "no end of block",
    "no-end-of-block",
    BLOCK,
    dynamicBlock(
      ends([
        [65, 1],
        [66, 1],
      ]),
      [0],
    ),
  ],
  [
    "a repetition of nothing",
    "bad-repeat",
    Math.floor(PRECODE_END / 8),
    precodeBlock(pair(1, 16).lengths, (writer) => writer.symbol(pair(1, 16), 16).bits(0, 2)),
  ],
  [
    "a repetition past the last symbol",
    "bad-repeat",
    // After two runs of 138 at the 275th of 258 lengths.
    Math.floor((PRECODE_END + 8) / 8),
    precodeBlock(pair(1, 18).lengths, (writer) =>
      writer.symbol(pair(1, 18), 18).bits(127, 7).symbol(pair(1, 18), 18).bits(127, 7),
    ),
  ],
  [
    "the litlen symbol 286",
    "invalid-symbol",
    // One literal of 8 bits after 66 + 3.
    Math.floor(77 / 8),
    fixedBlock((writer) => writer.symbol(fixedLitlen, 65).symbol(fixedLitlen, 286)),
    1,
  ],
  [
    "the dist symbol 30",
    "invalid-distance",
    Math.floor(69 / 8),
    fixedBlock((writer) => writer.symbol(fixedLitlen, 257).symbol(fixedDist, 30)),
  ],
  [
    TOO_FAR,
    "invalid-distance",
    Math.floor(69 / 8),
    // 7 bytes are there; distance 7 + 1.
    fixedBlock((writer) => writer.symbol(fixedLitlen, 257).symbol(fixedDist, 5).bits(1, 1)),
  ],
  [
    "an unused codeword of a dist code of one",
    "invalid-distance",
    // 258 + 1 code lengths of 4 bits each.
    Math.floor((PRECODE_END + 4 * 259) / 8),
    (() => {
      const writer = begun();
      const { litlen } = dynamicHeader(
        writer,
        true,
        lengthsOf(258, [
          [65, 1],
          [END, 2],
          [257, 2],
        ]),
        [1],
      );
      return writer.symbol(litlen, 257).bits(1, 1).raw(randomBytes(300, 9)).bytes();
    })(),
  ],
];

describe("a bad DEFLATE stream", () => {
  it.each(damagedDeflate)("with %s says so: %s at byte %i", (_, reason, offset, bytes, more = 0) => {
    // Behind plenty of input, in single bytes, and in the middle of a large stream.
    for (const lengths of [[bytes.length], [1], [5, 3]]) {
      const { output, error } = inflated(new Inflate(), cut(bytes, lengths));
      expect(error).toBeInstanceOf(InflateError);
      expect(error).toMatchObject({
        code: "ERR_VARVE_INFLATE",
        reason,
        retryable: false,
        name: "InflateError",
      });
      expect(error?.offset).toBe(offset);
      expect(error?.message).toContain(`at byte ${error?.offset}`);
      expectSameBytes(output.subarray(0, ahead.length), ahead);
      expect(output.length).toBe(ahead.length + more);
    }
  });

  it.each(damagedDeflate.filter(([what]) => what !== TOO_FAR))(
    "with %s behind 200 kB says the same, with the offset of it all",
    (_, reason, offset, bytes) => {
      const before = randomBytes(200_000, 8);
      const stored = storedBlocks(before);
      const { output, error } = inflated(new Inflate(), [concat(stored, bytes)]);
      expect(error).toMatchObject({ reason, offset: stored.length + offset });
      expectSameBytes(output.subarray(0, 200_007), concat(before, ahead));
    },
  );
});

/** Stored blocks that aren't final. */
function storedBlocks(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 50_000) {
    const { length } = bytes.subarray(at, at + 50_000);
    parts.push(Uint8Array.of(0, length & 255, length >> 8, ~length & 255, (~length >> 8) & 255));
    parts.push(bytes.subarray(at, at + length));
  }
  return concat(...parts);
}

describe("a bad gzip file", () => {
  const data = text(5000, 2);
  const good = new Uint8Array(gzipSync(data));
  const changed = (at: number, value: number): Uint8Array => {
    const bytes = good.slice();
    bytes[at] = value;
    return bytes;
  };
  const deflate = good.subarray(10, -8);
  const second = concat(good, good);
  second[good.length + 2] = 7;

  const cases: readonly [what: string, reason: string, offset: number, bytes: Uint8Array, length: number][] =
    [
      ["a first byte of another format", "bad-magic", 0, changed(0, 0x50), 0],
      ["a second byte of another format", "bad-magic", 1, changed(1, 0x9d), 0],
      ["another method", "bad-method", 2, changed(2, 7), 0],
      ["a reserved flag", "reserved-flags", 3, changed(3, 0x20), 0],
      ["all reserved flags", "reserved-flags", 3, changed(3, 0xe0), 0],
      [
        "a header that does not match its CRC",
        "header-crc",
        gzipHeader({ name: ascii("a.tar") }).length,
        member(deflate, data, { name: ascii("a.tar"), crc: "wrong" }),
        0,
      ],
      ["a wrong CRC-32", "crc-mismatch", good.length - 8, changed(good.length - 6, 0x55), data.length],
      ["a wrong length", "length-mismatch", good.length - 4, changed(good.length - 4, 1), data.length],
      ["bad bytes behind", "trailing-data", good.length, concat(good, ascii("more")), data.length],
      [
        "bad bytes behind zeros",
        "trailing-data",
        good.length + 9,
        concat(good, new Uint8Array(9), good),
        data.length,
      ],
      [
        "half a magic number behind",
        "trailing-data",
        good.length,
        concat(good, Uint8Array.of(0x1f, 0x8a)),
        data.length,
      ],
      ["a bad second member", "bad-method", good.length + 2, second, data.length],
      ["nothing in it", "truncated", 0, new Uint8Array(0), 0],
      ["half a trailer", "truncated", good.length - 3, good.subarray(0, -3), data.length],
      ["no trailer", "truncated", good.length - 8, good.subarray(0, -8), data.length],
      ["half a second header", "truncated", good.length + 5, concat(good, good.subarray(0, 5)), data.length],
      [
        "a lone first byte behind",
        "truncated",
        good.length + 1,
        concat(good, Uint8Array.of(0x1f)),
        data.length,
      ],
    ];

  it.each(cases)("with %s says so: %s at byte %i", (_, reason, offset, bytes, length) => {
    for (const lengths of [[bytes.length || 1], [1], [900, 1, 64]]) {
      const { output, error } = inflated(new Gunzip(), cut(bytes, lengths));
      expect(error).toBeInstanceOf(InflateError);
      expect(error).toMatchObject({ reason, offset });
      expectSameBytes(output, data.subarray(0, length));
    }
  });

  it("that is cut off anywhere is truncated there, and what came before is handed out", () => {
    let before = 0;
    for (let end = 0; end < good.length; end += 7) {
      const { output, error } = inflated(new Gunzip(), [good.subarray(0, end)]);
      expect(error).toMatchObject({ reason: "truncated", offset: end });
      expectSameBytes(output, data.subarray(0, output.length));
      expect(output.length).toBeGreaterThanOrEqual(before);
      before = output.length;
    }
    expect(before).toBeGreaterThan(data.length - 100);
  });

  it("is refused from then on, by every call, and nothing more is handed out", () => {
    const machine = new Gunzip();
    const bytes = concat(good, ascii("more"));
    const offset = machine.update(bytes, 0);
    expect(machine.take()?.length).toBe(data.length);
    for (let i = 0; i < 2; i++) {
      expect(() => machine.update(bytes, Math.min(offset, bytes.length))).toThrow(InflateError);
      expect(() => machine.update(good, 0)).toThrow(InflateError);
      expect(() => machine.finish()).toThrow(InflateError);
      expect(machine.take()).toBeUndefined();
    }
    machine.release();
  });
});

describe("the errors", () => {
  it("are errors of this package, with advice", () => {
    const error = new InflateError("crc-mismatch", 17);
    expect(error).toBeInstanceOf(VarveError);
    expect(error.message).toBe(
      "the compressed stream is bad at byte 17: the data does not match its CRC-32; fetch or make it anew",
    );
    expect(new InflateError("trailing-data", 3).message).toContain('trailing: "ignore"');
    const limit = new OutputLimitError(100, 5);
    expect(limit).toBeInstanceOf(VarveError);
    expect(limit).toMatchObject({
      code: "ERR_VARVE_OUTPUT_LIMIT",
      maxBytes: 100,
      offset: 5,
      retryable: false,
    });
    expect(new InflateOptionError("x")).toMatchObject({ code: "ERR_VARVE_INFLATE_OPTION", retryable: false });
    expect(new InflateOptionError("x")).toBeInstanceOf(RangeError);
  });

  it("have a reason for every fault that the core numbers, and none for others", () => {
    expect(inflateReason(1)).toBe("bad-magic");
    expect(inflateReason(16)).toBe("trailing-data");
    for (const fault of [0, 18, -1]) expect(() => inflateReason(fault)).toThrow(RangeError);
  });
});
