import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ascii, concat, randomBytes, repeated, text, xorshift32 } from "../../fixtures/bytes.js";
import { testedLevels } from "../../fixtures/levels.js";
import { expectSameBytes } from "../../fixtures/same-bytes.js";
import { type RawCore, rawCore, rawCoreOf, rawGzip, stream } from "../../fixtures/wasm.js";

const ROOT = fileURLToPath(new URL("../../../", import.meta.url));
const SIZE = 600_000;

/** Units of work for each byte, by level, as assembly/deflate/levels.ts states them. */
const source = readFileSync(`${ROOT}assembly/deflate/levels.ts`, "utf8");
const stated =
  /WORK_BOUND has it:\n \*\n \* {5}([\d ]+)\n/.exec(source)?.[1]?.trim().split(/ +/).map(Number) ?? [];
const bounds = new Map(stated.map((bound, i) => [i - 2, bound]));

/** A de Bruijn sequence of all words of `n` bits, as bytes `a` and `b` (Lyndon words, after Fredricksen and Maiorana). */
function deBruijn(n: number): Uint8Array {
  const bits: number[] = [];
  const word = Array<number>(n + 1).fill(0);
  const extend = (t: number, period: number): void => {
    if (t > n) {
      if (n % period === 0) bits.push(...word.slice(1, period + 1));
      return;
    }
    word[t] = word[t - period] as number;
    extend(t + 1, period);
    for (let bit = (word[t - period] as number) + 1; bit < 2; bit++) {
      word[t] = bit;
      extend(t + 1, t);
    }
  };
  extend(1, 1);
  return Uint8Array.from(bits, (bit) => 97 + bit);
}

/** The same four bytes again and again, each time followed by other ones: every position is a candidate for all. */
function collisions(length: number, between: number): Uint8Array {
  const next = xorshift32(7);
  const pieces = Array.from({ length: Math.ceil(length / (4 + between)) }, () =>
    concat(ascii("same"), randomBytes(between, next() | 1)),
  );
  return concat(...pieces).subarray(0, length);
}

/** Copies of one text of which each is a byte longer than the one before: the best match is found last. */
function growing(length: number): Uint8Array {
  const whole = text(200, 8);
  const pieces: Uint8Array[] = [];
  for (let total = 0, i = 0; total < length; i++) {
    const piece = concat(whole.subarray(0, 4 + (i % 60)), randomBytes(1, i + 1));
    pieces.push(piece);
    total += piece.length;
  }
  return concat(...pieces).subarray(0, length);
}

const inputs: readonly (readonly [string, Uint8Array])[] = [
  ["zeros", new Uint8Array(SIZE)],
  ["period 2", repeated(ascii("ab"), SIZE)],
  ["period 3", repeated(ascii("abc"), SIZE)],
  ["period 259", repeated(randomBytes(259, 5), SIZE)],
  ["one word among noise", collisions(SIZE, 3)],
  ["one word among much noise", collisions(SIZE, 30)],
  ["copies that grow", growing(SIZE)],
  ["a de Bruijn sequence", deBruijn(18)],
  ["noise", randomBytes(SIZE, 6)],
  ["two letters at random", randomBytes(SIZE, 9).map((byte) => 97 + (byte & 1))],
  [
    "a sparse archive",
    concat(...Array.from({ length: 12 }, (_, i) => concat(text(512, i + 1), new Uint8Array(49_000)))),
  ],
];

describe("the work for a byte", () => {
  const directory = mkdtempSync(join(tmpdir(), "varve-work-"));
  let core: RawCore;
  beforeAll(() => {
    const file = join(directory, "counted.wasm");
    const asc = ["node_modules/assemblyscript/bin/asc.js", "assembly/index.ts", "--target", "core"];
    const { status, stderr } = spawnSync(
      process.execPath,
      [...asc, "--use", "COUNT_WORK=1", "--outFile", file],
      {
        cwd: ROOT,
        encoding: "utf8",
      },
    );
    expect({ status, stderr: status === 0 ? "" : stderr }).toEqual({ status: 0, stderr: "" });
    core = rawCoreOf(new Uint8Array(readFileSync(file)));
  }, 120_000);
  afterAll(() => rmSync(directory, { recursive: true, force: true }));

  it("is stated for every level", () => {
    expect([...bounds.keys()]).toEqual([-2, -1, ...testedLevels.filter((level) => level >= 0)]);
  });

  it.each(testedLevels)("stays below the bound that is stated, whatever the input, at level %i", (level) => {
    const work = inputs.map(([name, input]) => {
      const before = core.counters.getBigUint64(stream.work, true);
      rawGzip(core, level, input);
      return { name, units: Number(core.counters.getBigUint64(stream.work, true) - before) / input.length };
    });
    const bound = bounds.get(level) as number;
    expect(work.filter(({ units }) => units > bound)).toEqual([]);
    // The counter counts.
    if (bound > 0) expect(Math.max(...work.map(({ units }) => units))).toBeGreaterThan(0.5);
  });

  it("is counted without a change of the bytes, and not counted in the module that is published", () => {
    const published = rawCore();
    const input = growing(100_000);
    for (const level of testedLevels)
      expectSameBytes(rawGzip(core, level, input), rawGzip(published, level, input));
    expect(published.counters.getBigUint64(stream.work, true)).toBe(0n);
  });
});
