import { deflateRawSync, gunzipSync, gzipSync, inflateRawSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { Gunzip, Gzip, Inflate, InflateError, init } from "../../src/core/index.js";
import { gzipHeader, member } from "../fixtures/bit-writer.js";
import { ascii, concat, mixed, text, xorshift32 } from "../fixtures/bytes.js";
import { encode } from "../fixtures/encode.js";
import { deflateOf } from "../fixtures/gunzip.js";
import { type Inflated, inflated, randomPieces } from "../fixtures/inflate.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";

beforeAll(() => init());

const MUTANTS_PER_STREAM = 45;

/** What zlib says: the bytes, or undefined. */
function zlib(bytes: Uint8Array, raw: boolean): Uint8Array | undefined {
  try {
    return raw ? inflateRawSync(bytes) : gunzipSync(bytes);
  } catch {
    return undefined;
  }
}

/** Changes bits or bytes, cuts bytes out, doubles some, or cuts the end off: up to three of these. */
function mutate(bytes: Uint8Array, next: () => number): Uint8Array {
  let mutant = bytes.slice();
  for (let count = 1 + (next() % 3); count > 0 && mutant.length > 0; count--) {
    // Headers, of files and of blocks, are where most of the rules are.
    const at = next() % (next() % 2 ? mutant.length : Math.min(mutant.length, 80));
    const kind = next() % 6;
    if (kind < 2) mutant[at] = (mutant[at] as number) ^ (1 << (next() % 8));
    else if (kind === 2) mutant[at] = next() & 255;
    else if (kind === 3) mutant = concat(mutant.subarray(0, at), mutant.subarray(at + 1 + (next() % 4)));
    else if (kind === 4) mutant = concat(mutant.subarray(0, at + 3), mutant.subarray(at));
    else mutant = mutant.subarray(0, at + 1);
  }
  return mutant;
}

/** Streams of every kind of block, small, so that a mutation meets something that matters. */
function streams(): readonly { name: string; raw: boolean; bytes: Uint8Array }[] {
  const all: { name: string; raw: boolean; bytes: Uint8Array }[] = [];
  const inputs = [text(4000, 1), mixed(30_000, 2), new Uint8Array(9000), text(300, 3), ascii("a")];
  for (const [i, input] of inputs.entries()) {
    for (const level of [0, 1, 6, 9]) {
      for (const strategy of [0, 1, 2, 3, 4]) {
        const options = {
          level,
          strategy,
          memLevel: 1 + ((i + level) % 9),
          windowBits: 9 + ((i + strategy) % 7),
        };
        const raw = (i + level + strategy) % 2 === 0;
        const bytes = new Uint8Array(raw ? deflateRawSync(input, options) : gzipSync(input, options));
        all.push({ name: `zlib's of input ${i}, level ${level}, strategy ${strategy}`, raw, bytes });
      }
    }
    for (const level of [0, 1]) {
      const gzip = encode(new Gzip(level), input);
      all.push({ name: `our own of input ${i}, level ${level}`, raw: false, bytes: gzip });
      all.push({ name: `our own of input ${i}, level ${level}, raw`, raw: true, bytes: deflateOf(gzip) });
    }
  }
  const short = text(500, 5);
  const fields = {
    extra: ascii("extra"),
    name: ascii("name"),
    comment: ascii("comment"),
    crc: "right",
  } as const;
  const full = member(new Uint8Array(deflateRawSync(short)), short, fields);
  expect(full.length).toBeGreaterThan(gzipHeader(fields).length);
  all.push({ name: "every header field", raw: false, bytes: full });
  all.push({ name: "three members", raw: false, bytes: concat(full, gzipSync(text(900, 6)), full) });
  return all;
}

/**
 * Where zlib as Node has it and this package are meant to differ: zlib's raw inflater passes over whatever follows the
 * end, and so does its gzip reader behind a zero byte; here that is an error, unless it is to be ignored. The
 * header's CRC is checked by both.
 */
function expectSameVerdict(bytes: Uint8Array, raw: boolean, { output, error }: Inflated): void {
  const expected = zlib(bytes, raw);
  if (error === undefined) {
    expect(expected, "zlib refuses what is accepted here").toBeDefined();
    expectSameBytes(output, expected as Uint8Array);
    return;
  }
  expect(error).toBeInstanceOf(InflateError);
  expect(error.offset).toBeLessThanOrEqual(bytes.length);
  if ((error as InflateError).reason === "trailing-data") {
    if (expected !== undefined) expectSameBytes(output, expected);
  } else {
    expect(expected, `zlib accepts what is refused here: ${error.message}`).toBeUndefined();
  }
}

describe("mutated streams", () => {
  it("get zlib's verdict and zlib's bytes, and always the same however they are cut", () => {
    const next = xorshift32(2024);
    let mutants = 0;
    let accepted = 0;
    const reasons = new Set<string>();
    for (const { name, raw, bytes } of streams()) {
      const make = () => (raw ? new Inflate() : new Gunzip());
      const whole = inflated(make(), [bytes]);
      expect(whole.error, name).toBeUndefined();
      expectSameBytes(whole.output, zlib(bytes, raw) as Uint8Array);
      for (let i = 0; i < MUTANTS_PER_STREAM; i++) {
        const mutant = mutate(bytes, next);
        const outcome = inflated(make(), [mutant]);
        expectSameVerdict(mutant, raw, outcome);
        const longest = [1, 40, 3000][next() % 3] as number;
        const again = inflated(make(), randomPieces(mutant, longest, next() | 1));
        expectSameBytes(again.output, outcome.output);
        expect(again.error).toEqual(outcome.error);
        mutants++;
        if (outcome.error === undefined) accepted++;
        else reasons.add((outcome.error as InflateError).reason);
      }
    }
    expect(mutants).toBeGreaterThan(5000);
    // Some mutations change nothing that counts; most do, in all the ways that there are.
    expect(accepted).toBeGreaterThan(mutants / 50);
    expect(accepted).toBeLessThan(mutants / 2);
    expect(reasons.size).toBe(17);
  });

  it("hand out a prefix of the limit's length at most, for every limit", () => {
    const next = xorshift32(7);
    const bytes = gzipSync(mixed(40_000, 8));
    for (let i = 0; i < 300; i++) {
      const mutant = mutate(bytes, next);
      const { output, error } = inflated(new Gunzip(), [mutant]);
      const maxBytes = next() % (output.length + 100);
      const limited = inflated(new Gunzip({ maxBytes }), randomPieces(mutant, 2000, next() | 1));
      expectSameBytes(limited.output, output.subarray(0, maxBytes));
      if (maxBytes >= output.length) expect(limited.error).toEqual(error);
      else expect(limited.error).toMatchObject({ name: "OutputLimitError" });
    }
  });
});
