import { deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import {
  Gunzip,
  Gzip,
  gunzip,
  InflateError,
  InflateOptionError,
  init,
  OutputLimitError,
} from "../../src/core/index.js";
import { gzipHeader, gzipTrailer, type HeaderFields, member } from "../fixtures/bit-writer.js";
import { ascii, concat, mixed, randomBytes, repeated, text } from "../fixtures/bytes.js";
import { cut, encode } from "../fixtures/encode.js";
import { inflated, randomPieces } from "../fixtures/inflate.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { golden } from "../golden/inputs.js";

beforeAll(() => init());

const data = text(3000, 4);
const deflate = new Uint8Array(deflateRawSync(data));
/** Bytes that aren't zero. */
const words = (length: number): Uint8Array => randomBytes(length, 6).map((byte) => byte || 1);

describe("the header", () => {
  const headers: readonly [what: string, fields: HeaderFields][] = [
    ["no field", {}],
    ["FTEXT", { text: true }],
    ["FHCRC", { crc: "right" }],
    ["FEXTRA", { extra: randomBytes(30, 1) }],
    ["an empty FEXTRA", { extra: new Uint8Array(0) }],
    ["the longest FEXTRA, with its CRC", { extra: randomBytes(65_535, 1), crc: "right" }],
    ["FNAME", { name: ascii("layer.tar") }],
    ["an empty FNAME and FCOMMENT", { name: new Uint8Array(0), comment: new Uint8Array(0), crc: "right" }],
    ["FCOMMENT", { comment: ascii("made by hand") }],
    [
      "a name and a comment longer than any buffer",
      { name: words(300_000), comment: words(200_000), crc: "right" },
    ],
    [
      "every field",
      { text: true, extra: randomBytes(513, 2), name: words(77), comment: words(99), crc: "right" },
    ],
  ];

  it.each(headers)("may have %s, in one piece, in bytes and in pieces", (_, fields) => {
    const gzip = member(deflate, data, fields);
    for (const lengths of [[gzip.length], [1], [1000, 3], [40_000]]) {
      const { output, error } = inflated(new Gunzip(), cut(gzip, lengths));
      expect(error).toBeUndefined();
      expectSameBytes(output, data);
    }
  });

  it("is checked against its CRC wherever a byte of it is changed", () => {
    const fields: HeaderFields = {
      extra: randomBytes(20, 3),
      name: ascii("a"),
      comment: ascii("b"),
      crc: "right",
    };
    const gzip = member(deflate, data, fields);
    const header = gzipHeader(fields).length;
    for (const at of [4, 8, 9, 12, 20, 31, header - 4, header - 2]) {
      const bad = gzip.slice();
      bad[at] = (bad[at] as number) ^ 0x40;
      expect(inflated(new Gunzip(), [bad]).error).toMatchObject({ reason: "header-crc", offset: header - 2 });
    }
  });
});

describe("members", () => {
  it("follow each other, empty ones too, and each is checked", () => {
    const empty = new Uint8Array(gzipSync(new Uint8Array(0)));
    const big = mixed(400_000, 5);
    const all = concat(
      empty,
      member(deflate, data, { name: ascii("x"), crc: "right" }),
      empty,
      empty,
      gzipSync(big),
      empty,
      member(deflate, data),
    );
    for (const lengths of [[all.length], [1], [17, 4000]]) {
      const { output, error } = inflated(new Gunzip(), cut(all, lengths));
      expect(error).toBeUndefined();
      expectSameBytes(output, concat(data, big, data));
    }
  });

  it("can't refer to the bytes of the one before", () => {
    const full = deflateRawSync(concat(data, data));
    const tail = new Uint8Array(deflateRawSync(data, { dictionary: data }));
    expect(tail.length).toBeLessThan(full.length / 4);
    const all = concat(member(deflate, data), member(tail, data));
    const { output, error } = inflated(new Gunzip(), [all]);
    expect(error).toMatchObject({ reason: "invalid-distance" });
    // It may begin with a literal or two.
    expectSameBytes(output.subarray(0, data.length), data);
    expect(output.length).toBeLessThan(data.length + 3);
  });

  it("may be thousands", () => {
    const one = gzipSync(ascii("ab"));
    const { output, error } = inflated(new Gunzip(), [repeated(new Uint8Array(one), 5000 * one.length)]);
    expect(error).toBeUndefined();
    expectSameBytes(output, repeated(ascii("ab"), 10_000));
  });
});

describe("what comes behind", () => {
  const gzip = member(deflate, data);

  it("may be zeros, however many", () => {
    for (const zeros of [1, 511, 100_000]) {
      for (const lengths of [[1 << 20], [gzip.length, 1], [999]]) {
        const { output, error } = inflated(new Gunzip(), cut(concat(gzip, new Uint8Array(zeros)), lengths));
        expect(error).toBeUndefined();
        expectSameBytes(output, data);
      }
    }
  });

  it("may be anything when it is to be ignored, but a member is still one", () => {
    const tails = [
      ascii("text"),
      Uint8Array.of(0x1f),
      Uint8Array.of(0x1f, 0x8c, 8),
      concat(new Uint8Array(5), gzip),
      randomBytes(200_000, 7),
    ];
    for (const tail of tails) {
      for (const lengths of [[1 << 20], [1, 3000]]) {
        const all = concat(gzip, gzip, tail);
        const { output, error } = inflated(new Gunzip({ trailing: "ignore" }), cut(all, lengths));
        expect(error).toBeUndefined();
        expectSameBytes(output, concat(data, data));
      }
    }
    const bad = concat(gzip, Uint8Array.of(0x1f, 0x8b, 9));
    expect(inflated(new Gunzip({ trailing: "ignore" }), [bad]).error).toMatchObject({ reason: "bad-method" });
    expect(inflated(new Gunzip({ trailing: "ignore" }), [gzip.subarray(1)]).error).toMatchObject({
      reason: "bad-magic",
    });
  });
});

describe("the limit", () => {
  it("allows exactly so many bytes, over all members, and hands them out before it is an error", () => {
    const gzip = concat(gzipSync(data), gzipSync(mixed(300_000, 9)));
    const whole = concat(data, mixed(300_000, 9));
    expect(inflated(new Gunzip({ maxBytes: whole.length }), [gzip]).error).toBeUndefined();
    for (const maxBytes of [0, 1, 2999, 3000, 3001, 131_072, 131_073, 200_000, whole.length - 1]) {
      const outcomes = [[gzip.length], [1], [4096]].map((lengths) => {
        const { output, error } = inflated(new Gunzip({ maxBytes }), cut(gzip, lengths));
        expect(error).toBeInstanceOf(OutputLimitError);
        expect(error).toMatchObject({ maxBytes, code: "ERR_VARVE_OUTPUT_LIMIT" });
        expectSameBytes(output, whole.subarray(0, maxBytes));
        return error?.offset;
      });
      expect(new Set(outcomes).size).toBe(1);
      expect(outcomes[0]).toBeGreaterThan(10);
    }
  });

  it("may be nothing, where nothing is in it", () => {
    const empty = gzipSync(new Uint8Array(0));
    expect(inflated(new Gunzip({ maxBytes: 0 }), [empty, empty, new Uint8Array(3)]).error).toBeUndefined();
  });

  it("is the end of a bomb, in as little memory as any other stream", () => {
    const bomb = gzipSync(new Uint8Array(64 << 20), { level: 9 });
    const machine = new Gunzip({ maxBytes: 1 << 20 });
    let longest = 0;
    let total = 0;
    const read = (): void => {
      for (let offset = 0; offset < bomb.length; ) {
        offset = machine.update(bomb, offset);
        const view = machine.take();
        longest = Math.max(longest, view?.length ?? 0);
        total += view?.length ?? 0;
      }
    };
    expect(read).toThrow(OutputLimitError);
    expect(total).toBe(1 << 20);
    expect(longest).toBeLessThan(140_000);
    machine.release();
    expect(() => gunzip(bomb, { maxBytes: 1 << 20 })).toThrow(OutputLimitError);
    expect(gunzip(bomb).length).toBe(64 << 20);
  });

  it("is a whole number from 0 on, or none", () => {
    for (const maxBytes of [-1, 0.5, Number.NaN, 2 ** 60]) {
      expect(() => new Gunzip({ maxBytes })).toThrow(InflateOptionError);
      expect(() => gunzip(data, { maxBytes })).toThrow(InflateOptionError);
    }
    expect(() => new Gunzip({ trailing: "skip" as "ignore" })).toThrow(InflateOptionError);
    expectSameBytes(gunzip(gzipSync(data), { maxBytes: Number.POSITIVE_INFINITY }), data);
    expectSameBytes(gunzip(gzipSync(data), { maxBytes: undefined, trailing: undefined }), data);
  });
});

describe("gunzip()", () => {
  it("gives the bytes of any input that was compressed, by this package or by zlib", () => {
    const input = fc.oneof(
      fc.uint8Array({ maxLength: 2000 }),
      fc
        .tuple(fc.integer({ min: 0, max: 700_000 }), fc.integer({ min: 1, max: 1e6 }))
        .map(([n, s]) => mixed(n, s)),
    );
    fc.assert(
      fc.property(input, fc.constantFrom(...golden.levels), (bytes, level) => {
        expectSameBytes(gunzip(encode(new Gzip(level), bytes)), bytes);
        expectSameBytes(gunzip(gzipSync(bytes)), bytes);
      }),
      { numRuns: 40 },
    );
  });

  it("does not trust the length in the trailer for its memory, nor does it need it", () => {
    const lying = concat(gzipHeader(), deflate, gzipTrailer(data));
    lying.fill(0xff, lying.length - 4);
    expect(() => gunzip(lying)).toThrow(expect.objectContaining({ reason: "length-mismatch" }));
    expectSameBytes(
      gunzip(concat(gzipSync(mixed(500_000, 1)), gzipSync(data))),
      concat(mixed(500_000, 1), data),
    );
    expectSameBytes(gunzip(concat(gzipSync(data), new Uint8Array(10))), data);
    expect(() => gunzip(Uint8Array.of(0x1f, 0x8b))).toThrow(InflateError);
    expect(() => gunzip(new Uint8Array(0))).toThrow(InflateError);
  });

  it("reads a view of a part of a buffer, and gives bytes that are the caller's own", () => {
    const framed = concat(randomBytes(13, 1), gzipSync(data), randomBytes(5, 2));
    const output = gunzip(framed.subarray(13, -5));
    expectSameBytes(output, data);
    expect(output.buffer.byteLength).toBe(data.length);
    gunzip(gzipSync(randomBytes(5000, 3)));
    expectSameBytes(output, data);
  });

  it("gives what a Gunzip gives in pieces", () => {
    const gzip = gzipSync(mixed(900_000, 11));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100_000 }), fc.integer({ min: 1, max: 1e6 }), (longest, seed) => {
        const { output, error } = inflated(new Gunzip(), randomPieces(gzip, longest, seed));
        expect(error).toBeUndefined();
        expectSameBytes(output, gunzip(gzip));
      }),
      { numRuns: 20 },
    );
  });
});

it("makes no room for what a trailer claims beyond maxBytes, or before the header is known to be one", () => {
  const asked: number[] = [];
  const Whole = globalThis.Uint8Array;
  const liar = new Whole(3 << 20);
  liar.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0]);
  liar.fill(255, liar.length - 4);
  const counting = new Proxy(Whole, {
    construct(target, args: [number]) {
      if (typeof args[0] === "number") asked.push(args[0]);
      return new target(...args);
    },
  });
  vi.stubGlobal("Uint8Array", counting);
  try {
    expect(() => gunzip(liar, { maxBytes: 1000 })).toThrow();
    expect(() => gunzip(liar.subarray(1))).toThrow();
  } finally {
    vi.unstubAllGlobals();
  }
  for (const size of asked) expect(size).toBeLessThanOrEqual(1000);
});
