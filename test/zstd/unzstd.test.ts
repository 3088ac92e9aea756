import { xxhash64 } from "hash-wasm";
import { describe, expect, it } from "vitest";
import { InflateOptionError, MachineStateError, OutputLimitError } from "../../src/core/index.js";
import { Unzstd, type UnzstdOptions, unzstd, ZstdError } from "../../src/zstd/index.js";
import { ascii, concat, randomBytes, repeated } from "../fixtures/bytes.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import {
  compressedBlock,
  constantSequences,
  decode,
  type FrameFields,
  frame,
  littleEndian,
  rawBlock,
  rawLiterals,
  reservedBlock,
  rleBlock,
  type Sequence,
  skippable,
} from "../fixtures/zstd.js";

const HELLO = ascii("hello");
/** A window of 1 KiB, the smallest. */
const SMALL: FrameFields = { windowDescriptor: 0 };
/** A window of 8 MiB. */
const LARGE: FrameFields = { windowDescriptor: 13 << 3 };

function decodeAll(bytes: Uint8Array, options: UnzstdOptions = {}) {
  return decode(new Unzstd(options), [bytes]);
}

/** The fault of a stream, and what came before it. */
function fault(bytes: Uint8Array, options: UnzstdOptions = {}): { error: ZstdError; content: Uint8Array } {
  const { error, content } = decodeAll(bytes, options);
  expect(error).toBeInstanceOf(ZstdError);
  return { error: error as ZstdError, content };
}

async function checksumOf(content: Uint8Array): Promise<number> {
  return Number.parseInt((await xxhash64(content)).slice(8), 16);
}

/** A sequence of `literals` literals and a match of 3 bytes at one of the recent offsets, or at a distance. */
function sequence(literals: number, offset: Sequence["offset"], matchCode = 0): Sequence {
  return { literals: { code: literals }, offset, match: { code: matchCode } };
}

describe("Unzstd reads frames whose header", () => {
  it.each([
    ["gives a window and no content size", SMALL],
    ["has a content size of 1 byte", { contentSize: { value: 5, bytes: 1 } }],
    ["has a content size of 4 bytes", { contentSize: { value: 5, bytes: 4 } }],
    ["has a content size of 8 bytes", { contentSize: { value: 5, bytes: 8 } }],
    ["has a window and a content size", { windowDescriptor: 0, contentSize: { value: 5, bytes: 4 } }],
    ["names dictionary 0, which is none", { ...SMALL, dictionary: { id: 0, bytes: 4 } }],
  ] satisfies [string, FrameFields][])("%s", (_, fields) => {
    expectSameBytes(unzstd(frame(fields, rawBlock(HELLO))), HELLO);
  });

  it("has a content size of 2 bytes, which begins at 256", () => {
    const content = randomBytes(300, 1);
    expectSameBytes(unzstd(frame({ contentSize: { value: 300, bytes: 2 } }, rawBlock(content))), content);
    const least = randomBytes(256, 1);
    expectSameBytes(unzstd(frame({ contentSize: { value: 256, bytes: 2 } }, rawBlock(least))), least);
  });

  it("says that there is no content", () => {
    expect(unzstd(frame({ contentSize: { value: 0, bytes: 1 } }, rawBlock(new Uint8Array(0))))).toHaveLength(
      0,
    );
    expect(
      unzstd(frame(SMALL, rawBlock(new Uint8Array(0), false), rawBlock(new Uint8Array(0)))),
    ).toHaveLength(0);
  });

  it("announces a checksum, which is verified", async () => {
    const right = frame({ ...SMALL, checksum: await checksumOf(HELLO) }, rawBlock(HELLO));
    expectSameBytes(unzstd(right), HELLO);
    const empty = frame(
      { ...SMALL, checksum: await checksumOf(new Uint8Array(0)) },
      rawBlock(new Uint8Array(0)),
    );
    expect(unzstd(empty)).toHaveLength(0);
  });
});

describe("Unzstd reads blocks", () => {
  it("of each type, one after the other", () => {
    const content = concat(ascii("abc"), ascii("xxxx"), ascii("de"));
    const stream = frame(
      SMALL,
      rawBlock(ascii("abc"), false),
      rleBlock(0x78, 4, false),
      compressedBlock(concat(rawLiterals(ascii("de")), Uint8Array.of(0))),
    );
    expectSameBytes(unzstd(stream), content);
  });

  it("with matches at new and at recent offsets", () => {
    // Offset code 2 with extra bits 0 to 3 is 4 to 7: a distance of 1 to 4.
    const distanceOne = constantSequences([sequence(1, { code: 2, extra: 0 })]);
    expectSameBytes(
      unzstd(frame(SMALL, compressedBlock(concat(rawLiterals(ascii("ab")), distanceOne)))),
      ascii("aaaab"),
    );
    // The three offsets that a frame begins with are 1, 4 and 8; with literals, code 0 is the first of them.
    const first = constantSequences([sequence(2, { code: 0 })]);
    expectSameBytes(
      unzstd(frame(SMALL, compressedBlock(concat(rawLiterals(ascii("ab")), first)))),
      ascii("abbbb"),
    );
    // Without literals, offset value 1 is the second one.
    const second = constantSequences([sequence(0, { code: 0 })]);
    expectSameBytes(
      unzstd(
        frame(
          SMALL,
          rawBlock(ascii("abcdefgh"), false),
          compressedBlock(concat(rawLiterals(new Uint8Array(0)), second)),
        ),
      ),
      ascii("abcdefghefg"),
    );
    // Value 3 without literals is the first one less one.
    const less = constantSequences([sequence(1, { code: 2, extra: 2 })]);
    const thenLess = constantSequences([sequence(0, { code: 1, extra: 1 })]);
    expectSameBytes(
      unzstd(
        frame(
          SMALL,
          rawBlock(ascii("abcdefgh"), false),
          compressedBlock(concat(rawLiterals(ascii("i")), less), false),
          compressedBlock(concat(rawLiterals(new Uint8Array(0)), thenLess)),
        ),
      ),
      ascii("abcdefghighihih"),
    );
  });

  it("with a match as long as the window allows, over the start of the block", () => {
    const before = randomBytes(1024, 1);
    const match: Sequence = {
      literals: { code: 0 },
      offset: { code: 10, extra: 3 },
      match: { code: 43, bits: 7, extra: 0 },
    };
    const block = compressedBlock(concat(rawLiterals(new Uint8Array(0)), constantSequences([match])));
    expectSameBytes(
      unzstd(frame(SMALL, rawBlock(before, false), block)),
      concat(before, before.subarray(0, 131)),
    );
  });

  it("of the largest size, and no larger", () => {
    const content = randomBytes(128 * 1024, 1);
    expectSameBytes(unzstd(frame(LARGE, rawBlock(content))), content);
    expect(unzstd(frame(LARGE, rleBlock(7, 128 * 1024)))).toHaveLength(128 * 1024);
    for (const block of [rawBlock(concat(content, HELLO)), rleBlock(7, 128 * 1024 + 1)]) {
      expect(fault(frame(LARGE, block)).error.reason).toBe("bad-block");
    }
    expect(fault(frame(SMALL, rleBlock(7, 1025))).error.reason).toBe("bad-block");
  });
});

describe("Unzstd reads streams", () => {
  it("of several frames, with skippable ones before, between and after them", () => {
    const stream = concat(
      skippable(randomBytes(100_000, 1), 3),
      frame(SMALL, rawBlock(HELLO)),
      skippable(new Uint8Array(0), 15),
      frame({ contentSize: { value: 5, bytes: 1 } }, rawBlock(HELLO)),
      skippable(HELLO),
    );
    expectSameBytes(unzstd(stream), concat(HELLO, HELLO));
  });

  it("of nothing but skippable frames, as nothing", () => {
    expect(unzstd(skippable(HELLO))).toHaveLength(0);
  });

  it("that come a byte at a time", () => {
    const stream = concat(skippable(HELLO), frame({ contentSize: { value: 5, bytes: 8 } }, rawBlock(HELLO)));
    const bytes = Array.from(stream, (byte) => Uint8Array.of(byte));
    expectSameBytes(decode(new Unzstd(), bytes).content, HELLO);
  });

  it("whose matches don't reach into the frame before", () => {
    const block = compressedBlock(
      concat(rawLiterals(new Uint8Array(0)), constantSequences([sequence(0, { code: 2, extra: 0 })])),
    );
    const { error, content } = fault(concat(frame(SMALL, rawBlock(HELLO)), frame(SMALL, block)));
    expect(error.reason).toBe("invalid-distance");
    expect(content.length).toBeLessThanOrEqual(5);
  });

  it("in pieces of at least 64 KiB, but for the last", () => {
    const content = randomBytes(1_000_000, 1);
    const blocks = Array.from({ length: 1000 }, (_, i) =>
      rawBlock(content.subarray(i * 1000, (i + 1) * 1000), i === 999),
    );
    const { content: decoded, pieces } = decodeAll(frame(LARGE, ...blocks));
    expectSameBytes(decoded, content);
    expect(Math.min(...pieces.slice(0, -1))).toBeGreaterThanOrEqual(65536);
  });

  it("much longer than their window, moving the window along", () => {
    const content = repeated(randomBytes(1000, 1), 5_000_000);
    const match: Sequence = {
      literals: { code: 0 },
      offset: { code: 9, extra: 1003 - 512 },
      match: { code: 51, bits: 15, extra: 2045 },
    };
    // Each match repeats 34816 bytes at a distance of 1000.
    const again = compressedBlock(concat(rawLiterals(new Uint8Array(0)), constantSequences([match])), false);
    const count = 140;
    const window: FrameFields = { windowDescriptor: 7 << 3 };
    const stream = frame(
      window,
      rawBlock(content.subarray(0, 1000), false),
      ...Array(count).fill(again),
      rawBlock(HELLO),
    );
    const decoded = unzstd(stream);
    const length = decoded.length - 5;
    expect(length).toBe(1000 + count * (0x8003 + 2045));
    expectSameBytes(decoded.subarray(0, length), repeated(content.subarray(0, 1000), length));
  });
});

describe("Unzstd refuses", () => {
  const good = frame({ contentSize: { value: 5, bytes: 4 } }, rawBlock(HELLO));

  it.each([
    ["what is not Zstandard", ascii("hello, world"), "bad-header", 0],
    ["zeros", new Uint8Array(10), "bad-header", 0],
    ["something after the last frame", concat(good, ascii("more")), "bad-header", good.length],
    ["a reserved bit in the header", frame({ ...SMALL, reserved: true }, rawBlock(HELLO)), "bad-header", 4],
    [
      "a dictionary of 1 byte",
      frame({ ...SMALL, dictionary: { id: 7, bytes: 1 } }, rawBlock(HELLO)),
      "dictionary",
      6,
    ],
    [
      "a dictionary of 2 bytes",
      frame({ ...SMALL, dictionary: { id: 700, bytes: 2 } }, rawBlock(HELLO)),
      "dictionary",
      6,
    ],
    [
      "a dictionary of 4 bytes",
      frame({ contentSize: { value: 5, bytes: 1 }, dictionary: { id: 2 ** 31, bytes: 4 } }, rawBlock(HELLO)),
      "dictionary",
      5,
    ],
    ["a block of the reserved type", frame(SMALL, reservedBlock()), "bad-block", 6],
    [
      "less content than the header says",
      frame({ contentSize: { value: 6, bytes: 1 } }, rawBlock(HELLO)),
      "length-mismatch",
      9,
    ],
    [
      "more content than the header says",
      frame(
        { windowDescriptor: 0, contentSize: { value: 4, bytes: 4 } },
        rawBlock(HELLO, false),
        rawBlock(HELLO),
      ),
      "length-mismatch",
      13,
    ],
    ["a wrong checksum", frame({ ...SMALL, checksum: 0x12345678 }, rawBlock(HELLO)), "checksum-mismatch", 14],
    [
      "an offset of 0",
      frame(
        SMALL,
        rawBlock(HELLO, false),
        compressedBlock(
          concat(rawLiterals(new Uint8Array(0)), constantSequences([sequence(0, { code: 1, extra: 1 })])),
        ),
      ),
      "invalid-distance",
      undefined,
    ],
    [
      "a match before the frame's start",
      frame(
        SMALL,
        compressedBlock(
          concat(rawLiterals(ascii("ab")), constantSequences([sequence(2, { code: 2, extra: 2 })])),
        ),
      ),
      "invalid-distance",
      undefined,
    ],
    [
      "a match beyond the window",
      frame(
        SMALL,
        rawBlock(randomBytes(1024, 1), false),
        rawBlock(randomBytes(10, 1), false),
        compressedBlock(
          concat(rawLiterals(new Uint8Array(0)), constantSequences([sequence(0, { code: 10, extra: 4 })])),
        ),
      ),
      "invalid-distance",
      undefined,
    ],
    [
      "more literals than there are",
      frame(
        SMALL,
        compressedBlock(concat(rawLiterals(ascii("a")), constantSequences([sequence(2, { code: 0 })]))),
      ),
      "bad-sequences",
      undefined,
    ],
    [
      "reserved bits of the modes",
      frame(
        SMALL,
        compressedBlock(concat(rawLiterals(ascii("ab")), Uint8Array.of(1, 0b01010101, 2, 0, 0, 1))),
      ),
      "bad-sequences",
      undefined,
    ],
    [
      "a symbol that does not exist",
      frame(
        SMALL,
        compressedBlock(concat(rawLiterals(ascii("ab")), Uint8Array.of(1, 0b01010100, 36, 0, 0, 1))),
      ),
      "bad-table",
      undefined,
    ],
    [
      "tables of a block that is not there",
      frame(SMALL, compressedBlock(concat(rawLiterals(ascii("ab")), Uint8Array.of(1, 0b11111100, 1)))),
      "bad-sequences",
      undefined,
    ],
    [
      "a Huffman code of a block that is not there",
      frame(SMALL, compressedBlock(Uint8Array.of(0x13, 0x40, 0, 1, 0))),
      "bad-literals",
      undefined,
    ],
    [
      "an empty compressed block",
      frame(SMALL, compressedBlock(new Uint8Array(0))),
      "bad-literals",
      undefined,
    ],
    [
      "something behind literals without sequences",
      frame(SMALL, compressedBlock(concat(rawLiterals(ascii("ab")), Uint8Array.of(0, 0)))),
      "bad-sequences",
      undefined,
    ],
    [
      "a stream of sequences without its marker",
      frame(
        SMALL,
        compressedBlock(concat(rawLiterals(ascii("ab")), Uint8Array.of(1, 0b01010100, 2, 0, 0, 0))),
      ),
      "bad-sequences",
      undefined,
    ],
    [
      "bits that no sequence reads",
      frame(
        SMALL,
        compressedBlock(concat(rawLiterals(ascii("ab")), Uint8Array.of(1, 0b01010100, 2, 0, 0, 2))),
      ),
      "bad-sequences",
      undefined,
    ],
  ] satisfies [string, Uint8Array, string, number | undefined][])("%s", (_, stream, reason, offset) => {
    const { error } = fault(stream);
    expect(error).toMatchObject({ name: "ZstdError", code: "ERR_VARVE_ZSTD", reason, retryable: false });
    expect(error.message).toContain(`at byte ${error.offset}`);
    if (offset === undefined) expect(error.offset).toBeLessThanOrEqual(stream.length);
    else expect(error.offset).toBe(offset);
  });

  it("a stream that is cut anywhere, after a true prefix", () => {
    const stream = concat(
      skippable(HELLO),
      frame(
        { windowDescriptor: 0, contentSize: { value: 9, bytes: 4 }, checksum: 0xb5b9d8f1 },
        rleBlock(65, 4, false),
        rawBlock(HELLO),
      ),
    );
    for (let length = 0; length < stream.length; length++) {
      if (length === 13) continue;
      const { error, content } = fault(stream.subarray(0, length));
      expect(error.reason, `cut to ${length}`).toBe("truncated");
      expect(error.offset).toBe(length);
      expect(content).toHaveLength(0);
    }
  });

  it("a window that is larger than is allowed, before anything is held for it", () => {
    const stream = frame({ windowDescriptor: 31 << 3 }, rawBlock(HELLO));
    const { error } = fault(stream);
    expect(error.reason).toBe("window-too-large");
    expect(error.message).toContain(`${2 ** 41} bytes`);
    expect(error.message).toContain("maxWindowSize");
    const largest = { windowDescriptor: 15 << 3 };
    expectSameBytes(unzstd(frame(largest, rawBlock(HELLO))), HELLO);
    expect(fault(frame({ windowDescriptor: (15 << 3) | 1 }, rawBlock(HELLO))).error.reason).toBe(
      "window-too-large",
    );
    expect(fault(frame(largest, rawBlock(HELLO)), { maxWindowSize: 2 ** 25 - 1 }).error.reason).toBe(
      "window-too-large",
    );
    expectSameBytes(
      unzstd(frame({ windowDescriptor: 20 << 3 }, rawBlock(HELLO)), { maxWindowSize: 2 ** 30 }),
      HELLO,
    );
  });

  it("to hold memory for a window that a frame only claims", () => {
    const before = process.memoryUsage().arrayBuffers;
    const decoders = Array.from({ length: 8 }, () => {
      const decoder = new Unzstd({ maxWindowSize: 2 ** 31 });
      decoder.update(frame({ windowDescriptor: 21 << 3 }, rawBlock(HELLO, false)), 0);
      return decoder;
    });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * 2 ** 20);
    for (const decoder of decoders) decoder.release();
  });

  it("to hold more of a long stream than its window, one and a half times, and a megabyte", () => {
    const block = rleBlock(1, 128 * 1024, false);
    const decoder = new Unzstd();
    const before = process.memoryUsage().arrayBuffers;
    let most = 0;
    decoder.update(frame({ windowDescriptor: 10 << 3 }), 0);
    for (let i = 0; i < 400; i++) {
      for (let offset = 0; offset < block.length; decoder.take()) offset = decoder.update(block, offset);
      most = Math.max(most, process.memoryUsage().arrayBuffers - before);
    }
    // While the buffer grows, the old one of half its size may not have been collected.
    expect(most).toBeLessThan(2 * 2.5 * 2 ** 20);
    decoder.release();
  });

  it("more content than maxBytes, and gives none of what is beyond", () => {
    const blocks = Array.from({ length: 100 }, () => rleBlock(1, 100_000, false));
    const bomb = frame(LARGE, ...blocks, rleBlock(1, 1));
    const { error, content } = decodeAll(bomb, { maxBytes: 1_000_000 });
    expect(error).toBeInstanceOf(OutputLimitError);
    expect(content.length).toBeLessThanOrEqual(1_000_000);
    expect(unzstd(bomb, { maxBytes: 10_000_001 })).toHaveLength(10_000_001);
    expect(decodeAll(bomb, { maxBytes: 10_000_000 }).error).toBeInstanceOf(OutputLimitError);
    const claimed = frame({ windowDescriptor: 0, contentSize: { value: 2 ** 40, bytes: 8 } });
    expect(decodeAll(claimed, { maxBytes: 2 ** 30 }).error).toBeInstanceOf(OutputLimitError);
  });

  it("options that are no number of bytes", () => {
    expect(() => new Unzstd({ maxBytes: -1 })).toThrow(InflateOptionError);
    expect(() => new Unzstd({ maxWindowSize: Number.NaN })).toThrow(InflateOptionError);
  });
});

describe("Unzstd, after an end of any kind,", () => {
  it("says the same of a damaged stream at every later call", () => {
    const decoder = new Unzstd();
    expect(() => decoder.update(ascii("not zstd"), 0)).toThrow(ZstdError);
    expect(() => decoder.update(frame(SMALL, rawBlock(HELLO)), 0)).toThrow(ZstdError);
    expect(() => decoder.finish()).toThrow(ZstdError);
    expect(() => decoder.take()).toThrow(ZstdError);
  });

  it("takes no more input", () => {
    const decoder = new Unzstd();
    decoder.update(frame(SMALL, rawBlock(HELLO)), 0);
    decoder.finish();
    decoder.finish();
    expect(() => decoder.update(HELLO, 0)).toThrow(MachineStateError);
    expectSameBytes(decoder.take()!.slice(), HELLO);
    expect(decoder.take()).toBeUndefined();
    decoder.release();
    decoder.release();
    expect(() => decoder.take()).toThrow(MachineStateError);
    expect(() => decoder.update(HELLO, 0)).toThrow(MachineStateError);
  });

  it("is not finished while output is ready", () => {
    const decoder = new Unzstd();
    const stream = frame(LARGE, rleBlock(1, 100_000));
    expect(decoder.update(stream, 0)).toBe(stream.length);
    expect(() => decoder.finish()).toThrow(MachineStateError);
    expect(decoder.take()).toHaveLength(100_000);
    decoder.finish();
    expect(decoder.take()).toBeUndefined();
  });

  it("leaves the chunks of its caller alone, and needs them no longer than the call", () => {
    const stream = frame(SMALL, rawBlock(HELLO));
    const chunk = stream.slice();
    const decoder = new Unzstd();
    decoder.update(chunk, 0);
    expectSameBytes(chunk, stream);
    chunk.fill(0);
    decoder.finish();
    expectSameBytes(decoder.take()!.slice(), HELLO);
  });
});

it("littleEndian writes what RFC 8878 reads", () => {
  expect([...littleEndian(0x1_0000_0002, 8)]).toEqual([2, 0, 0, 0, 1, 0, 0, 0]);
});
