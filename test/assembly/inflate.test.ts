import { createHash } from "node:crypto";
import { crc32, deflateRawSync, gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { gzipHeader } from "../fixtures/bit-writer.js";
import { concat, mixed, randomBytes, text, xorshift32 } from "../fixtures/bytes.js";
import { overlay } from "../fixtures/memory-map.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { wasmFile } from "../fixtures/wasm.js";

/** The inflater's exports, driven by hand; assembly/index.ts documents them. */
interface InflateExports {
  readonly memory: WebAssembly.Memory;
  inflateReset(gzip: boolean, ignoreTrailing: boolean): void;
  inflate(length: number, limit: number): number;
  inflateTaken(): number;
  inflateLayerReset(ignoreTrailing: boolean): void;
  inflateLayerHash(used: number, paired: boolean): void;
  inflateLayerFinish(): void;
}

const at = (name: string): number => overlay.constants.get(name) as number;
const NO_LIMIT = 2 ** 30;

/** Offsets in the state, and modes, see assembly/inflate/state.ts. */
const state = { bitCount: 0x18, mode: 0x1c, memberCrc: 0x54, memberSize: 0x58, output: 0x78 };
const AT_BLOCK = 6;
const AFTER_MEMBER = 15;

/** SHA256_DIGEST. */
const DIGESTS = 0x40;

function rawInflater() {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(wasmFile("core")));
  const inflater = exports as unknown as InflateExports;
  const bytes = new Uint8Array(inflater.memory.buffer as ArrayBuffer);
  const view = new DataView(bytes.buffer, at("INFLATE_STATE"), 256);
  return {
    ...inflater,
    bytes,
    field: (offset: number): number => view.getUint32(offset, true),
    setField: (offset: number, value: number): void => view.setUint32(offset, value, true),
    /** Gives a piece and returns how much of it was used. */
    give(piece: Uint8Array, limit = NO_LIMIT): number {
      bytes.set(piece, at("COMPRESSED"));
      return inflater.inflate(piece.length, limit);
    },
  };
}

describe("the inflater's ABI", () => {
  it("stops for a limit within one symbol, and goes on from there", () => {
    const data = text(100_000, 1);
    const deflate = deflateRawSync(data);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9000 }), { minLength: 1, maxLength: 20 }), (limits) => {
        const inflater = rawInflater();
        inflater.inflateReset(false, false);
        const pieces: Uint8Array[] = [];
        let from = inflater.inflateTaken();
        for (let offset = 0, turn = 0; offset < deflate.length; turn++) {
          const limit = limits[turn % limits.length] as number;
          offset += inflater.give(deflate.subarray(offset, offset + 20_000), limit);
          const to = inflater.field(state.output);
          expect(to - from).toBeLessThan(limit + 258);
          expect(inflater.field(state.bitCount)).toBeLessThan(8);
          pieces.push(inflater.bytes.slice(from, to));
          from = inflater.inflateTaken();
        }
        expectSameBytes(concat(...pieces), data);
      }),
      { numRuns: 25 },
    );
  });

  it("uses all input before it wants more, keeps what is incomplete, and counts as it goes", () => {
    const data = text(5000, 2);
    const gzip = gzipSync(data);
    const inflater = rawInflater();
    inflater.inflateReset(true, false);
    for (const [i, byte] of gzip.entries()) {
      expect(inflater.give(Uint8Array.of(byte))).toBe(1);
      expect(inflater.field(state.bitCount)).toBeLessThan(48);
      if (i === 9) expect(inflater.field(state.mode)).toBe(AT_BLOCK);
      const length = inflater.field(state.output) - at("INFLATED");
      if (i < gzip.length - 1) {
        expect(inflater.field(state.memberSize)).toBe(length);
        expect(inflater.field(state.memberCrc)).toBe(crc32(data.subarray(0, length)));
      }
    }
    expect(inflater.field(state.mode)).toBe(AFTER_MEMBER);
  });

  it("takes ISIZE modulo 2^32 (RFC 1952, 2.3.1)", () => {
    const data = text(1000, 3);
    const deflate = deflateRawSync(data);
    const inflater = rawInflater();
    inflater.inflateReset(true, false);
    inflater.give(gzipHeader());
    inflater.setField(state.memberSize, 2 ** 32 - 300);
    inflater.give(deflate);
    const trailer = new DataView(new ArrayBuffer(8));
    trailer.setUint32(0, crc32(data), true);
    trailer.setUint32(4, 700, true);
    inflater.give(new Uint8Array(trailer.buffer));
    expect(inflater.field(state.mode)).toBe(AFTER_MEMBER);
  });

  it("moves its window only when half of the room is used, and distances still reach 32 KiB back", () => {
    const noise = randomBytes(32_000, 4);
    const data = concat(noise, noise, noise, noise, noise, noise.subarray(5), noise);
    const deflate = deflateRawSync(data, { level: 9 });
    expect(deflate.length).toBeLessThan(36_000);
    const inflater = rawInflater();
    inflater.inflateReset(false, false);
    let from = inflater.inflateTaken();
    expect(from).toBe(at("INFLATED"));
    const output: Uint8Array[] = [];
    let moved = 0;
    for (let offset = 0; offset < deflate.length; ) {
      offset += inflater.give(deflate.subarray(offset, offset + 3000), 20_000);
      const to = inflater.field(state.output);
      output.push(inflater.bytes.slice(from, to));
      from = inflater.inflateTaken();
      expect(from).toBe(to - at("INFLATED") < 65_536 ? to : at("INFLATED"));
      if (from !== to) moved++;
    }
    expectSameBytes(concat(...output), data);
    expect(moved).toBeGreaterThan(2);
  });

  it("reads nothing that an earlier stream has left in its memory", () => {
    const inflater = rawInflater();
    const deflate = deflateRawSync(text(20_000, 5), { dictionary: text(20_000, 5) });
    inflater.inflateReset(false, false);
    inflater.give(deflateRawSync(text(20_000, 5)).subarray(0, 4000));
    inflater.bytes.fill(0xa5, at("READ_PRECODE_LENGTHS"), overlay.end);
    const used = (): readonly number[] => {
      inflater.inflateReset(false, false);
      return [
        inflater.give(deflate),
        inflater.field(state.output),
        inflater.field(0x5c),
        inflater.field(0x60),
      ];
    };
    const dirty = used();
    expect(dirty[2]).toBe(13);
    const other = rawInflater();
    other.inflateReset(false, false);
    expect([other.give(deflate), other.field(state.output), other.field(0x5c), other.field(0x60)]).toEqual(
      dirty,
    );
  });
});

describe("hashing what is read", () => {
  it("does not depend on which pieces are hashed in which form", () => {
    const data = mixed(400_000, 6);
    const gzip = gzipSync(data);
    const expected = [data, gzip].map((bytes) => createHash("sha256").update(bytes).digest("hex")).join("");
    const inflater = rawInflater();
    const digests = (): Buffer => Buffer.from(inflater.bytes.slice(DIGESTS, DIGESTS + 64));
    for (let seed = 1; seed <= 20; seed++) {
      const next = xorshift32(seed);
      inflater.inflateLayerReset(false);
      for (let offset = 0; offset < gzip.length; ) {
        const used = inflater.give(
          gzip.subarray(offset, offset + 1 + (next() % 30_000)),
          1 + (next() % 100_000),
        );
        offset += used;
        inflater.inflateLayerHash(used, next() % 2 === 0);
        if (next() % 2 || inflater.field(state.output) >= at("INFLATED_SLACK")) inflater.inflateTaken();
      }
      expect(inflater.field(state.mode)).toBe(AFTER_MEMBER);
      inflater.inflateLayerFinish();
      expect(digests().toString("hex")).toBe(expected);
    }
  });
});
