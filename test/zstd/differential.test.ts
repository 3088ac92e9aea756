import fc from "fast-check";
import { decompress as fzstd } from "fzstd";
import { beforeAll, describe, expect, it } from "vitest";
import { Unzstd, unzstd, ZstdError } from "../../src/zstd/index.js";
import {
  machineCode,
  mixed,
  randomBytes,
  randomFrom,
  repeated,
  text,
  xorshift32,
} from "../fixtures/bytes.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { decode } from "../fixtures/zstd.js";
import { pieces } from "../portable/chunks.js";
import { hasZstd, reference, zstdProgram, zstdRequired } from "./native.js";

const INPUTS: readonly (readonly [string, Uint8Array<ArrayBuffer>])[] = [
  ["nothing", new Uint8Array(0)],
  ["one byte", text(1, 1)],
  ["a line", text(100, 1)],
  ["text", text(300_000, 2)],
  ["machine code", machineCode(400_000, 3)],
  ["random bytes", randomBytes(200_000, 4)],
  ["two values", randomFrom(2, 100_000, 5)],
  ["sixteen values", randomFrom(16, 100_000, 6)],
  ["zeros", new Uint8Array(1_000_000)],
  ["a period of 40 000", repeated(randomBytes(40_000, 7), 600_000)],
  ["a mixture", mixed(1_500_000, 8)],
];

let peer: Awaited<ReturnType<typeof reference>>;
beforeAll(async () => {
  peer = await reference();
});

describe("Unzstd reads what the reference encoder writes", () => {
  it.each(INPUTS)("%s, at every level", (_, input) => {
    for (const level of [1, 2, 3, 5, 7, 9, 12, 15, 19, 22]) {
      if (level > 12 && input.length > 200_000) continue;
      expectSameBytes(unzstd(peer.compress(input, level), { maxWindowSize: 2 ** 27 }), input);
    }
  });

  it("as another implementation does", () => {
    for (const [, input] of INPUTS) {
      const compressed = peer.compress(input, 3);
      expectSameBytes(unzstd(compressed), fzstd(compressed));
    }
  });

  it("any bytes, however they are cut", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: 1, max: 3000 })), {
          maxLength: 12,
        }),
        fc.integer({ min: 1, max: 19 }),
        fc.integer({ min: 1, max: 5000 }),
        (runs, level, longest) => {
          const input = Buffer.concat(
            runs.map(([period, length]) => repeated(period, period.length && length)),
          );
          const compressed = peer.compress(input, level);
          const { content, error } = decode(new Unzstd(), pieces(compressed, longest));
          expect(error).toBeUndefined();
          expectSameBytes(content, input);
        },
      ),
      { numRuns: 150 },
    );
  });
});

describe.skipIf(!hasZstd && !zstdRequired)("Unzstd reads what Debian's zstd writes", () => {
  it.each([
    ["with a checksum and without content size", ["-3", "--check", "--no-content-size"]],
    ["without a checksum", ["-1", "--no-check"]],
    ["in long-distance mode, with a window of 8 MiB", ["-3", "--long=23"]],
    ["at level 19", ["-19"]],
    ["at a negative level, with raw literals", ["--fast=10"]],
    ["with several threads", ["-3", "-T2", "-B65536"]],
    ["with blocks that end early", ["-1", "--rsyncable", "-T2"]],
  ])("%s", (_, args) => {
    const input = mixed(1_300_000, 9);
    const compressed = zstdProgram(args, input)!;
    const { content, error } = decode(new Unzstd(), pieces(new Uint8Array(compressed), 60_000));
    expect(error).toBeUndefined();
    expectSameBytes(content, input);
  });

  it("beyond the default window only if that is allowed", () => {
    const input = mixed(200_000, 10);
    const compressed = zstdProgram(
      ["-3", "--long=27", "--no-content-size", "--stream-size=100000000"],
      input,
    );
    const stream = compressed ?? zstdProgram(["--ultra", "-22", "--no-content-size"], input)!;
    expect(decode(new Unzstd(), [stream]).error).toMatchObject({ reason: "window-too-large" });
    expectSameBytes(unzstd(stream, { maxWindowSize: 2 ** 27 }), input);
  });
});

/** What is known to differ, and why the strict verdict is right. */
const STRICTER: readonly RegExp[] = [
  // RFC 8878, 3.1.1.2.4: the decoder at hand, given a whole frame at once, allows a block to give more than a window.
  /a block gives more than \d+ bytes|the block has \d+ bytes/,
  // RFC 8878, 4.2.2: every bit must be used; its fast loop over four streams does not look.
  /a stream of literals does not end where it must/,
  // RFC 8878, 3.1.1.5: a distance of 0 is not valid; it reads 1 in its place. And 3.1.1.4: given a whole frame at
  // once it lets a match reach beyond the window.
  /a match begins \d+ bytes back/,
  // RFC 8878, 3.1.1.3.2.1: reserved bits must be zero.
  /reserved bits are set in the modes/,
  // Given a whole frame at once it needs no window, and so has no limit.
  /needs a window of/,
  // No frame at all is a truncated one.
  /ends before the first frame/,
];

describe("Unzstd judges damaged streams as the reference decoder does", () => {
  it.each([
    ["text at level 3", text(20_000, 11), 3],
    ["machine code at level 1", machineCode(60_000, 12), 1],
    ["a mixture at level 19", mixed(60_000, 13), 19],
    ["few bytes", text(400, 14), 5],
    ["sixteen values, for the Huffman codes", randomFrom(16, 8000, 15), 3],
    ["several blocks", mixed(500_000, 16), 3],
  ])("%s", (_, input, level) => {
    const good = peer.compress(input, level);
    const next = xorshift32(level * 7919 + input.length);
    const rounds = input.length > 100_000 ? 120 : 500;
    let agreed = 0;
    for (let round = 0; round < rounds; round++) {
      let bad = good.slice();
      for (let flips = 1 + (next() % 3); flips > 0; flips--) {
        // Headers and tables, which are where most of the rules are, lie in the front.
        const reach = next() % 3 === 0 ? Math.min(bad.length, 150) : bad.length;
        bad[next() % reach]! ^= 1 << (next() % 8);
      }
      if (next() % 16 === 0) bad = bad.subarray(0, next() % bad.length);
      const { content, error } = decode(new Unzstd(), pieces(bad, 1 + (next() % 30_000)));
      const expected = peer.decompress(bad, 2 ** 20);
      if (error === undefined) {
        expect(expected, `round ${round}: the reference refuses what we read`).toBeDefined();
        expectSameBytes(content, expected!);
        agreed++;
      } else {
        expect(error).toBeInstanceOf(ZstdError);
        if (expected === undefined) agreed++;
        else
          expect((error as ZstdError).message).toMatch(
            new RegExp(STRICTER.map(({ source }) => source).join("|")),
          );
      }
    }
    expect(agreed).toBeGreaterThan(0.85 * rounds);
  });

  it("noise behind a frame's header", () => {
    fc.assert(
      fc.property(
        fc.constantFrom([0x00, 0x40], [0x04, 0x40], [0x20, 0xff], [0x24, 0x80]),
        fc.constantFrom(0, 1, 2),
        fc.uint8Array({ minLength: 1, maxLength: 200 }),
        ([descriptor, size], type, noise) => {
          const header = (noise.length << 3) | (type << 1) | 1;
          const block = Uint8Array.of(header & 255, header >>> 8, 0);
          const stream = Buffer.concat([
            Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd, descriptor!, size!),
            block,
            noise,
          ]);
          const { content, error } = decode(new Unzstd(), [stream]);
          const expected = peer.decompress(stream, 2 ** 20);
          if (error === undefined) expectSameBytes(content, expected!);
          else expect(error).toBeInstanceOf(ZstdError);
        },
      ),
      { numRuns: 1500 },
    );
  });

  it.skipIf(!hasZstd && !zstdRequired)("as Debian's zstd does, checksums included", () => {
    const input = mixed(30_000, 17);
    const next = xorshift32(99);
    for (const args of [
      ["-3", "--check"],
      ["-3", "--no-check", "--no-content-size"],
    ]) {
      const good = zstdProgram(args, input)!;
      for (let round = 0; round < 40; round++) {
        const bad = Uint8Array.from(good);
        bad[next() % bad.length]! ^= 1 << (next() % 8);
        const { content, error } = decode(new Unzstd(), [bad]);
        const expected = zstdProgram(["-d"], bad);
        if (error === undefined) expectSameBytes(content, expected!);
        else if (expected !== undefined) {
          expect((error as ZstdError).message).toMatch(
            new RegExp(STRICTER.map(({ source }) => source).join("|")),
          );
        }
      }
    }
  });

  it("content that is handed out before an error is a prefix of it, where a whole block was damaged later", () => {
    const input = mixed(700_000, 18);
    const good = peer.compress(input, 3);
    for (const cut of [0.3, 0.6, 0.9]) {
      const { content, error } = decode(new Unzstd(), [good.subarray(0, Math.floor(good.length * cut))]);
      expect(error).toMatchObject({ reason: "truncated" });
      expect(content.length).toBeGreaterThan(0);
      expectSameBytes(content, input.subarray(0, content.length));
    }
  });
});
