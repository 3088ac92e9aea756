import { beforeAll, describe, expect, it } from "vitest";
import { concat, machineCode, mixed, randomBytes, text } from "../../fixtures/bytes.js";
import type { Block } from "../../fixtures/deflate-reader.js";
import { dissect } from "../../fixtures/dissect.js";
import { SEGMENT_SIZE } from "../../fixtures/wasm.js";

const STORED_MAXIMUM = 65_535;

const LENGTH_EXTRA_BITS = [
  ...Array<number>(8).fill(0),
  1,
  1,
  1,
  1,
  2,
  2,
  2,
  2,
  3,
  3,
  3,
  3,
  4,
  4,
  4,
  4,
  5,
  5,
  5,
  5,
  0,
];

/** Bits of a block's content as one or more stored blocks, at the place where it stands. */
function storedBits({ bit, start, end }: Block): number {
  let at = bit;
  for (let left = end - start; left > 0; left -= STORED_MAXIMUM) {
    at = Math.ceil((at + 3) / 8) * 8 + 32 + 8 * Math.min(left, STORED_MAXIMUM);
  }
  return at - bit;
}

/** Bits of a block's symbols as a fixed block. */
function fixedBits({ counts }: Block): number {
  const litlen = counts.litlen.reduce((sum, count, symbol) => {
    const codeword = symbol < 144 ? 8 : symbol < 256 ? 9 : symbol < 280 ? 7 : 8;
    return sum + count * (codeword + (LENGTH_EXTRA_BITS[symbol - 257] ?? 0));
  }, 0);
  const dist = counts.dist.reduce(
    (sum, count, symbol) => sum + count * (5 + Math.max(0, (symbol >>> 1) - 1)),
    0,
  );
  return 3 + litlen + dist;
}

/**
 * Puts six bytes that have been before at `count` places, every 40 bytes, so near that the match finder never
 * skips.
 */
function withCopies(bytes: Uint8Array<ArrayBuffer>, count: number): Uint8Array<ArrayBuffer> {
  for (let i = 1; i <= count; i++) {
    const from = (i * 7919) % (40 * i - 6);
    bytes.copyWithin(40 * i, from, from + 6);
  }
  return bytes;
}

const withContent = (blocks: readonly Block[]): readonly Block[] =>
  blocks.filter(({ start, end }) => end > start);

describe("the type of a block", () => {
  const corpora = [
    text(SEGMENT_SIZE, 41),
    machineCode(SEGMENT_SIZE, 42),
    mixed(8 * SEGMENT_SIZE + 1, 43),
    ...Array.from({ length: 400 }, (_, i) => text(i, 44)),
    ...Array.from({ length: 300 }, (_, i) => randomBytes(i, 45)),
    // Noise with more and more copies in it: by their codewords alone they'd pay sooner than with their extra
    // bits.
    ...Array.from({ length: 40 }, (_, i) => withCopies(randomBytes(4000, 40 + i), i)),
    ...Array.from({ length: 100 }, (_, i) => concat(randomBytes(i, 46), text(3 * i, 47))),
  ];
  let blocks: readonly Block[] = [];
  beforeAll(() => {
    blocks = corpora.flatMap((input) => withContent(dissect(input).blocks));
  });

  it("is each of the three somewhere", () => {
    const types = ["stored", "fixed", "dynamic"] as const;
    for (const type of types)
      expect(blocks.filter((block) => block.type === type).length, type).toBeGreaterThan(20);
  });

  it("is dynamic only where that is the shortest by at least a bit", () => {
    for (const block of blocks.filter(({ type }) => type === "dynamic")) {
      expect(block.bits).toBeLessThan(fixedBits(block));
      expect(block.bits).toBeLessThan(storedBits(block));
    }
  });

  it("is fixed only where stored would be longer", () => {
    for (const block of blocks.filter(({ type }) => type === "fixed")) {
      expect(block.bits).toBe(fixedBits(block));
      expect(block.bits).toBeLessThan(storedBits(block));
    }
  });

  it("is stored for bytes without structure", () => {
    for (const length of [100, 256, 5000, 20_000]) {
      const types = withContent(dissect(randomBytes(length, 48)).blocks).map(({ type }) => type);
      expect(types, `${length} bytes`).toEqual(types.map(() => "stored"));
    }
    const everyByte = Uint8Array.from({ length: 256 }, (_, i) => i);
    expect(dissect(everyByte).blocks.map(({ type }) => type)).toEqual(["stored"]);
  });

  it("is weighed to the bit, and stored on a tie with fixed", () => {
    // Literals so far apart that a dynamic code's header costs too much: ten of 8 bits in the fixed code, the
    // rest of 9.
    // Fixed takes 3 + 7 bits and these, stored 3 + 5 + 32 and 8 bits each: a tie at 30.
    for (let nines = 20; nines <= 36; nines++) {
      const input = Uint8Array.from({ length: 10 + nines }, (_, i) => (i < 10 ? 3 * i : 144 + 3 * (i - 10)));
      const [block] = dissect(input).blocks;
      expect(block?.type, `${nines} bytes of nine bits`).toBe(nines < 30 ? "fixed" : "stored");
    }
  });
});

describe("the frame of a segment", () => {
  /** Where the blocks without content stand, and what they are. */
  const marks = (input: Uint8Array, level: number) =>
    dissect(input, level).blocks.flatMap(({ type, final, start, end }) =>
      start === end ? [{ type, final, at: start }] : [],
    );

  it.each([0, 1])(
    "closes every full segment by an empty stored block, and nothing else, at level %i",
    (level) => {
      const input = text(2 * SEGMENT_SIZE + 5, 49);
      expect(marks(input, level)).toEqual([
        { type: "stored", final: false, at: SEGMENT_SIZE },
        { type: "stored", final: false, at: 2 * SEGMENT_SIZE },
      ]);
      const { blocks } = dissect(input, level);
      for (const { start, end } of blocks) {
        expect(Math.floor(start / SEGMENT_SIZE)).toBe(Math.floor(Math.max(start, end - 1) / SEGMENT_SIZE));
      }
      expect(blocks.map(({ final }) => final)).toEqual(blocks.map((_, i) => i === blocks.length - 1));
    },
  );

  it.each([0, 1])(
    "ends a stream of full segments, and the empty one, by an empty fixed block at level %i",
    (level) => {
      const end = { type: "fixed", final: true };
      expect(marks(new Uint8Array(0), level)).toEqual([{ ...end, at: 0 }]);
      expect(marks(text(SEGMENT_SIZE, 50), level)).toEqual([
        { type: "stored", final: false, at: SEGMENT_SIZE },
        { ...end, at: SEGMENT_SIZE },
      ]);
    },
  );

  it("stores everything at level 0, in blocks as long as can be", () => {
    for (const length of [1, 65_534, 65_535, 65_536, 131_070, 131_071, SEGMENT_SIZE - 1]) {
      const { blocks } = dissect(text(length, 51), 0);
      const sizes = blocks.map(({ start, end }) => end - start);
      expect(blocks.every(({ type }) => type === "stored")).toBe(true);
      expect(sizes.slice(0, -1)).toEqual(sizes.slice(0, -1).map(() => STORED_MAXIMUM));
      expect(sizes.length).toBe(Math.ceil(length / STORED_MAXIMUM));
    }
  });
});
