import { deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { ascii, concat, machineCode, mixed, randomBytes, repeated, text } from "../../fixtures/bytes.js";
import type { Match } from "../../fixtures/deflate-reader.js";
import { dissect } from "../../fixtures/dissect.js";
import { SEGMENT_SIZE } from "../../fixtures/wasm.js";

const MAX_MATCH = 258;
const MAX_DISTANCE = 32_768;

const matchesOf = (input: Uint8Array): readonly Match[] =>
  dissect(input).blocks.flatMap(({ matches }) => matches);
const segmentOf = (position: number): number => Math.floor(position / SEGMENT_SIZE);
const endOf = ({ position, length }: Match): number => position + length;

/** 40 bytes that stand nowhere else. */
const unique = randomBytes(40, 60);
/** Filler that costs the match finder few entries, so that it displaces nothing. */
const filler = (length: number): Uint8Array => repeated(ascii("varve"), length);

describe("matches", () => {
  it("are taken as far as the bytes agree, and not past the end of their segment", () => {
    for (const input of [
      text(SEGMENT_SIZE + 70_000, 61),
      machineCode(SEGMENT_SIZE, 62),
      mixed(3 * SEGMENT_SIZE, 63),
    ]) {
      const matches = matchesOf(input);
      expect(matches.length).toBeGreaterThan(1000);
      const tooLong = matches.filter((match) => segmentOf(match.position) !== segmentOf(endOf(match) - 1));
      expect(tooLong).toEqual([]);
      const tooShort = matches.filter((match) => {
        const end = endOf(match);
        const cut = match.length === MAX_MATCH || end % SEGMENT_SIZE === 0 || end === input.length;
        return !cut && input[end] === input[end - match.distance];
      });
      expect(tooShort).toEqual([]);
    }
  });

  it("reach back exactly 32768 bytes, and not one more", () => {
    for (const [distance, found] of [
      [MAX_DISTANCE - 1, true],
      [MAX_DISTANCE, true],
      [MAX_DISTANCE + 1, false],
    ] as const) {
      const input = concat(unique, filler(distance - unique.length), unique, filler(500));
      const copied = matchesOf(input).filter(
        ({ position, length }) => position < distance + 40 && position + length > distance,
      );
      const distances = copied
        .filter(({ position }) => position >= distance && position < distance + 20)
        .map((match) => match.distance);
      expect(distances).toEqual(found ? [distance] : []);
    }
  });

  it("reach back into the window, from the first byte of a segment to the first byte of the window", () => {
    // The window begins MAX_DISTANCE before the second segment.
    const before = filler(SEGMENT_SIZE - MAX_DISTANCE);
    const input = concat(before, unique, filler(MAX_DISTANCE - unique.length), unique, filler(500));
    const match = matchesOf(input).find(({ position }) => position === SEGMENT_SIZE);
    expect(match).toMatchObject({ distance: MAX_DISTANCE });
    expect(match?.length).toBeGreaterThanOrEqual(unique.length);
  });

  it("do not reach past the window, though the match finder's positions come round", () => {
    for (let past = 1; past <= 9; past++) {
      const input = concat(
        filler(SEGMENT_SIZE - MAX_DISTANCE - past),
        unique,
        filler(MAX_DISTANCE + past - unique.length),
        unique,
        filler(500),
      );
      const inCopy = matchesOf(input).filter(
        ({ position }) => position >= SEGMENT_SIZE && position < SEGMENT_SIZE + unique.length - 16,
      );
      expect(inCopy.filter(({ distance }) => distance > MAX_DISTANCE)).toEqual([]);
    }
  });

  it("copy from both sides of a segment's border at once", () => {
    const once = concat(randomBytes(100, 64), randomBytes(100, 65));
    for (const shift of [0, 1, 2, 3]) {
      // `once` stands across the border, and again behind it.
      const input = concat(filler(SEGMENT_SIZE - 100 + shift), once, filler(300), once, filler(100));
      const crossing = matchesOf(input).filter(({ position, length, distance }) => {
        const from = position - distance;
        return position > SEGMENT_SIZE && from < SEGMENT_SIZE && from + length > SEGMENT_SIZE;
      });
      expect(crossing.length).toBeGreaterThan(0);
    }
  });

  it("end exactly where a segment ends, though the bytes go on to agree", () => {
    const ends = new Set<number>();
    // One byte over and over behind `shift` others: whole matches, and a last one that is shorter by each byte more, around
    // where it vanishes.
    for (let shift = SEGMENT_SIZE % MAX_MATCH; shift > 0 && ends.size < 12; shift--) {
      const input = new Uint8Array(SEGMENT_SIZE + 1000).fill(7);
      input.set(randomBytes(shift, 66 + shift));
      const matches = matchesOf(input);
      expect(matches.filter((match) => segmentOf(match.position) !== segmentOf(endOf(match) - 1))).toEqual(
        [],
      );
      const last = matches.find((match) => endOf(match) === SEGMENT_SIZE);
      if (last) ends.add(last.length);
    }
    // A step looks at six positions, so what is shorter is left to literals.
    expect([...ends]).toEqual(expect.arrayContaining([6, 7, 8, MAX_MATCH]));
  });

  it("end where the input ends, whatever its length", () => {
    for (let length = 0; length < 600; length++) {
      dissect(new Uint8Array(length));
      dissect(repeated(ascii("abcdefg"), length));
    }
  });

  it("make little of zeros over three segments, and go on from the window", () => {
    const { blocks } = dissect(new Uint8Array(3 * SEGMENT_SIZE));
    const matches = blocks.flatMap((block) => block.matches);
    const literals = 3 * SEGMENT_SIZE - matches.reduce((sum, { length }) => sum + length, 0);
    expect(literals).toBeLessThan(10);
    expect(matches.filter(({ position }) => position % SEGMENT_SIZE === 0 && position > 0)).toHaveLength(2);
    expect(blocks.reduce((sum, { bits }) => sum + bits, 0)).toBeLessThan((3 * SEGMENT_SIZE) / 50);
  });

  it("save about as much as zlib's at level 1", () => {
    for (const input of [text(2 ** 20, 67), machineCode(2 ** 20, 68), mixed(2 ** 21, 69)]) {
      const size = dissect(input).blocks.reduce((sum, { bits }) => sum + bits, 0) / 8;
      expect(size).toBeLessThan(1.05 * deflateRawSync(input, { level: 1 }).length);
    }
  });
});
