import { deflateRawSync, inflateRawSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { Inflate, init } from "../../src/core/index.js";
import {
  BitWriter,
  codeOf,
  dynamicHeader,
  fixedDist,
  fixedLitlen,
  lengthsOf,
  storedBlock,
} from "../fixtures/bit-writer.js";
import { concat, mixed, randomBytes, text, xorshift32 } from "../fixtures/bytes.js";
import { cut } from "../fixtures/encode.js";
import { inflated } from "../fixtures/inflate.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";

beforeAll(() => init());

const END = 256;

/** Whole, in single bytes and in sevens, it is what zlib makes of it, too. */
function expectInflates(deflate: Uint8Array, data: Uint8Array): void {
  expectSameBytes(inflateRawSync(deflate), data);
  for (const lengths of [[deflate.length], [1], [7]]) {
    const { output, error } = inflated(new Inflate(), cut(deflate, lengths));
    expect(error).toBeUndefined();
    expectSameBytes(output, data);
  }
}

/** Codewords of 1, 2, 3 bits and so on, two of the longest: a complete code. */
function ladder(symbols: readonly number[], size: number): number[] {
  return lengthsOf(
    size,
    symbols.map((symbol, i) => [symbol, Math.min(i + 1, symbols.length - 1)] as const),
  );
}

const alphabet = [...Array(12).keys()].map((i) => 97 + i);

/** What is decoded at one go: with all that may come before it, these take the most bits of the buffer. */
const widestLitlens = [
  { litlens: "tables", symbols: [...alphabet.slice(0, 9), END, 112, 284], literals: [112], longest: 11 },
  { litlens: "subtables", symbols: [...alphabet, 112, 257, 284, END], literals: [107, 112], longest: 15 },
];
const widestDists = [
  { dists: "tables", symbols: [0, 1, 2, 3, 4, 5, 6, 28, 29], longest: 8 },
  { dists: "subtables", symbols: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 28, 29], longest: 15 },
];
const widest = widestLitlens.flatMap((litlenCode) =>
  widestDists.map((distCode) => ({
    litlens: litlenCode.litlens,
    dists: distCode.dists,
    litlenCode,
    distCode,
  })),
);

describe("DEFLATE written by hand", () => {
  it("may have codewords of 15 bits in all three places, with most extra bits", () => {
    const letters = alphabet;
    const writer = new BitWriter();
    const { litlen, dist } = dynamicHeader(
      writer,
      true,
      ladder([...letters, 112, 284, 257, END], 286),
      ladder([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 29, 28], 30),
    );
    expect(litlen.lengths[END]).toBe(15);
    expect(dist.lengths[28]).toBe(15);
    const data: number[] = [];
    const literal = (symbol: number): void => {
      writer.symbol(litlen, symbol);
      data.push(symbol);
    };
    const match = (length: number, distance: number): void => {
      for (let i = 0; i < length; i++) data.push(data[data.length - distance] as number);
    };
    for (let i = 0; data.length < 33_000; i++) literal(i % 7 === 0 ? 112 : (letters[i % 12] as number));
    // Length 227 + 30, distance 24577 + 8191.
    writer.symbol(litlen, 284).bits(30, 5).symbol(dist, 29).bits(8191, 13);
    match(257, 32_768);
    // Length 3, distance 16385 + 5000.
    writer.symbol(litlen, 257).symbol(dist, 28).bits(5000, 13);
    match(3, 21_385);
    writer.symbol(litlen, 284).bits(0, 5).symbol(dist, 0);
    match(227, 1);
    literal(112);
    writer.symbol(litlen, END);
    expectInflates(writer.bytes(), Uint8Array.from(data));
  });

  it.each(widest)(
    "may have the longest codewords of $litlens for lengths and of $dists for distances, again and again, with most extra bits",
    ({ litlenCode, distCode }) => {
      const writer = new BitWriter();
      const { litlen, dist } = dynamicHeader(
        writer,
        true,
        ladder(litlenCode.symbols, 286),
        ladder(distCode.symbols, 30),
      );
      expect([litlen.lengths[284], dist.lengths[29]]).toEqual([litlenCode.longest, distCode.longest]);
      const next = xorshift32(7);
      const data: number[] = [];
      const literal = (symbol: number): void => {
        writer.symbol(litlen, symbol);
        data.push(symbol);
      };
      while (data.length < 32_768) literal(alphabet[next() % 9] as number);
      for (let match = 0; match < 400; match++) {
        for (let count = next() % 5; count > 0; count--) {
          literal(litlenCode.literals[next() % litlenCode.literals.length] as number);
        }
        const more = next() % 2 ? 30 : next() % 31;
        const further = next() % 2 ? 8191 : next() % 8192;
        const symbol = 28 + (next() % 2);
        writer.symbol(litlen, 284).bits(more, 5).symbol(dist, symbol).bits(further, 13);
        const distance = (symbol === 28 ? 16_385 : 24_577) + further;
        for (let i = 227 + more; i > 0; i--) data.push(data[data.length - distance] as number);
      }
      writer.symbol(litlen, END);
      const deflate = writer.bytes();
      expectInflates(deflate, Uint8Array.from(data));
      // The fast loop begins where 64 bytes are there, and ends 32 before the end: at every bit of a symbol.
      for (const lengths of [[64], [65], [71, 97], [127, 66, 80]]) {
        const { output, error } = inflated(new Inflate(), cut(deflate, lengths));
        expect(error).toBeUndefined();
        expectSameBytes(output, Uint8Array.from(data));
      }
    },
  );

  it("may have a distance code of one codeword of one bit (RFC 1951, 3.2.7)", () => {
    const writer = new BitWriter();
    const { litlen, dist } = dynamicHeader(
      writer,
      true,
      lengthsOf(258, [
        [120, 1],
        [END, 2],
        [257, 2],
      ]),
      lengthsOf(4, [[3, 1]]),
    );
    for (let i = 0; i < 4; i++) writer.symbol(litlen, 120);
    for (let i = 0; i < 1000; i++) writer.symbol(litlen, 257).symbol(dist, 3);
    writer.symbol(litlen, END);
    expectInflates(writer.bytes(), new Uint8Array(3004).fill(120));
  });

  it("may have a distance code of no codeword, when all are literals", () => {
    const writer = new BitWriter();
    const { litlen } = dynamicHeader(
      writer,
      true,
      lengthsOf(257, [
        [0, 1],
        [END, 1],
      ]),
      [0],
    );
    for (let i = 0; i < 500; i++) writer.symbol(litlen, 0);
    writer.symbol(litlen, END);
    expectInflates(writer.bytes(), new Uint8Array(500));
  });

  it("may have dynamic blocks that stand for nothing, and a litlen code of one codeword", () => {
    const writer = new BitWriter();
    for (let i = 0; i < 50; i++) {
      const { litlen } = dynamicHeader(writer, false, lengthsOf(257, [[END, 1]]), [0]);
      writer.symbol(litlen, END);
    }
    writer.bits(1, 1).bits(1, 2).symbol(fixedLitlen, 33).symbol(fixedLitlen, END);
    expectInflates(writer.bytes(), Uint8Array.of(33));
  });

  it("may have blocks of all types in turn, each reaching back into those before", () => {
    const writer = new BitWriter();
    const data: number[] = [];
    const repeat = (length: number, distance: number): void => {
      for (let i = 0; i < length; i++) data.push(data[data.length - distance] as number);
    };
    for (let round = 0; round < 20; round++) {
      const noise = randomBytes(round === 10 ? 65_535 : round * 13, round + 1);
      storedBlock(writer, false, noise);
      data.push(...noise);
      writer.bits(0, 1).bits(1, 2);
      for (const letter of [200, 7, round]) {
        writer.symbol(fixedLitlen, letter);
        data.push(letter);
      }
      // Length 258, distance 3.
      writer.symbol(fixedLitlen, 285).symbol(fixedDist, 2).symbol(fixedLitlen, END);
      repeat(258, 3);
      const { litlen, dist } = dynamicHeader(
        writer,
        false,
        lengthsOf(266, [
          [65, 1],
          [END, 2],
          [265, 2],
        ]),
        lengthsOf(16, [
          [15, 1],
          [0, 1],
        ]),
      );
      // Length 11 + 1, distance 193 - 1 + 64 + 1.
      writer.symbol(litlen, 65).symbol(litlen, 265).bits(1, 1).symbol(dist, 15).bits(63, 6);
      data.push(65);
      repeat(12, 256);
      writer.symbol(litlen, END);
    }
    storedBlock(writer, true, new Uint8Array(0));
    expectInflates(writer.bytes(), Uint8Array.from(data));
  });

  it("may have stored blocks of 0 and of 65535 bytes", () => {
    const writer = new BitWriter();
    const noise = randomBytes(3 * 65_535, 5);
    for (let i = 0; i < 3; i++) {
      storedBlock(writer, false, noise.subarray(i * 65_535, (i + 1) * 65_535));
      storedBlock(writer, false, new Uint8Array(0));
    }
    storedBlock(writer, true, new Uint8Array(0));
    expectInflates(writer.bytes(), noise);
  });

  it("may repeat code lengths from one alphabet into the other", () => {
    // 17 and 18 for zeros, 16 for the length before, over the border between litlen and dist.
    const precode = codeOf(
      lengthsOf(19, [
        [0, 3],
        [1, 3],
        [2, 3],
        [16, 3],
        [17, 3],
        [18, 3],
        [3, 2],
      ]),
    );
    const writer = new BitWriter().bits(1, 1).bits(2, 2).bits(1, 5).bits(3, 5).bits(15, 4);
    for (const symbol of [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]) {
      writer.bits(precode.lengths[symbol] as number, 3);
    }
    // 0..96: zeros; 97: 1; 98..255: zeros; END and 257: 2, and four dist symbols of 2.
    writer
      .symbol(precode, 18)
      .bits(97 - 11, 7)
      .symbol(precode, 1);
    writer
      .symbol(precode, 18)
      .bits(138 - 11, 7)
      .symbol(precode, 18)
      .bits(20 - 11, 7);
    writer.symbol(precode, 2).symbol(precode, 16).bits(2, 2);
    const litlen = codeOf(
      lengthsOf(258, [
        [97, 1],
        [END, 2],
        [257, 2],
      ]),
    );
    const dist = codeOf([2, 2, 2, 2]);
    for (let i = 0; i < 5; i++) writer.symbol(litlen, 97);
    writer.symbol(litlen, 257).symbol(dist, 3).symbol(litlen, END);
    expectInflates(writer.bytes(), new Uint8Array(8).fill(97));
  });

  it("may copy from every distance at every length, overlapping or not", () => {
    for (let distance = 1; distance <= 70; distance++) {
      const writer = new BitWriter().bits(0, 1).bits(1, 2);
      const start = randomBytes(distance, distance);
      for (const byte of start) writer.symbol(fixedLitlen, byte);
      writer.symbol(fixedLitlen, END);
      const data = [...start];
      writer.bits(1, 1).bits(1, 2);
      for (const [symbol, extraBits, base] of LENGTHS) {
        for (let extra = 0; extra < 1 << extraBits; extra += 3) {
          writer.symbol(fixedLitlen, symbol).bits(extra, extraBits);
          const [distSymbol, distBits, distBase] = distanceSymbol(distance);
          writer.symbol(fixedDist, distSymbol).bits(distance - distBase, distBits);
          for (let i = 0; i < base + extra; i++) data.push(data[data.length - distance] as number);
        }
      }
      writer.symbol(fixedLitlen, END);
      const deflate = writer.bytes();
      const { output, error } = inflated(new Inflate(), [deflate]);
      expect(error).toBeUndefined();
      expectSameBytes(output, Uint8Array.from(data));
    }
  });
});

/** Length symbols with their extra bits and bases. */
const LENGTHS: readonly (readonly [number, number, number])[] = Array.from({ length: 28 }, (_, i) => {
  const extraBits = i < 8 ? 0 : (i >> 2) - 1;
  const base = i < 8 ? 3 + i : 3 + ((4 + (i & 3)) << extraBits);
  return [257 + i, extraBits, base] as const;
});

function distanceSymbol(distance: number): readonly [number, number, number] {
  for (let symbol = 29; ; symbol--) {
    const extraBits = symbol < 4 ? 0 : (symbol >> 1) - 1;
    const base = symbol < 4 ? 1 + symbol : 1 + ((2 + (symbol & 1)) << extraBits);
    if (base <= distance) return [symbol, extraBits, base];
  }
}

describe("Inflate", () => {
  it("reads what zlib writes at every level, strategy and window size", () => {
    const data = concat(text(60_000, 31), mixed(150_000, 32), new Uint8Array(40_000));
    for (const level of [0, 1, 6, 9]) {
      for (const strategy of [0, 1, 2, 3, 4]) {
        for (const windowBits of [9, 15]) {
          const deflate = deflateRawSync(data, { level, strategy, windowBits, memLevel: 1 + (level % 9) });
          expectSameBytes(inflated(new Inflate(), [deflate]).output, data);
        }
      }
    }
  });

  it("gives at once what the bytes so far stand for, without waiting for more", () => {
    const writer = new BitWriter().bits(1, 1).bits(1, 2);
    for (const letter of [104, 101, 108, 108, 111]) writer.symbol(fixedLitlen, letter);
    writer.symbol(fixedLitlen, END);
    const deflate = writer.bytes();
    const machine = new Inflate();
    let given = 0;
    for (const [i, byte] of deflate.entries()) {
      machine.update(Uint8Array.of(byte), 0);
      given += machine.take()?.length ?? 0;
      // 3 bits of header and 8 for each letter.
      expect(given).toBe(Math.min(5, Math.floor((8 * (i + 1) - 3) / 8)));
    }
    machine.finish();
    machine.release();
  });

  it("refuses bytes after the end, but for zeros, and ignores them when told to", () => {
    const deflate = deflateRawSync(text(1000, 3));
    const noise = Uint8Array.of(0, 0, 9, 9);
    const { error } = inflated(new Inflate(), [concat(deflate, noise)]);
    expect(error).toMatchObject({ reason: "trailing-data", offset: deflate.length + 2 });
    for (const [options, tail] of [
      [{}, noise.subarray(0, 2)],
      [{ trailing: "ignore" }, noise],
    ] as const) {
      const { output, error: none } = inflated(new Inflate(options), [deflate, tail]);
      expect(none).toBeUndefined();
      expectSameBytes(output, text(1000, 3));
    }
  });
});
