import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { CHECKPOINT_MAXIMUM } from "../../../src/core/checkpoint/envelope.js";
import { CheckpointReader } from "../../../src/core/checkpoint/reader.js";
import { CheckpointWriter } from "../../../src/core/checkpoint/writer.js";
import { CheckpointError, describeCheckpoint, init, VarveError } from "../../../src/core/index.js";
import { ascii, concat, randomBytes } from "../../fixtures/bytes.js";
import { expectRefused, resealed } from "../../fixtures/checkpoints.js";

beforeAll(() => init());

const description = { kind: "test", format: "a/0", inputOffset: 3, outputOffset: 4 };

/** A state with one field of each type. */
function sample(): Uint8Array<ArrayBuffer> {
  return new CheckpointWriter(description)
    .u8(200)
    .i8(-2)
    .u32(0xfedcba98)
    .u64(2 ** 53 - 1)
    .bytes(randomBytes(100, 1))
    .finish();
}

/** Offset of the first field: behind the head, "test" and "a/0". */
const FIELDS = 30 + 5 + 4;

describe("the envelope", () => {
  it("is laid out byte for byte as its description says", () => {
    const state = new CheckpointWriter(description).u32(0x01020304).bytes(ascii("xyz")).finish();
    const expected = concat(
      Uint8Array.of(0x89, ...ascii("varve"), 0x0d, 0x0a),
      Uint8Array.of(1, 0),
      Uint8Array.of(FIELDS + 9 + 32, 0, 0, 0),
      Uint8Array.of(3, 0, 0, 0, 0, 0, 0, 0),
      Uint8Array.of(4, 0, 0, 0, 0, 0, 0, 0),
      Uint8Array.of(4, ...ascii("test"), 3, ...ascii("a/0")),
      Uint8Array.of(4, 3, 2, 1),
      Uint8Array.of(3, 0, ...ascii("xyz")),
    );
    expect(state).toEqual(concat(expected, createHash("sha256").update(expected).digest()));
  });

  it("says what was saved, and where input and output go on", () => {
    expect(describeCheckpoint(sample())).toEqual(description);
  });

  it("is read from a view at any offset of its buffer", () => {
    const state = sample();
    for (const offset of [1, 2, 3, 7])
      expect(describeCheckpoint(concat(new Uint8Array(offset), state).subarray(offset))).toEqual(description);
  });

  it("owns what it gives: neither the reader nor the caller sees the other's changes", () => {
    const state = sample();
    const reader = new CheckpointReader(state);
    state.fill(0);
    expect(reader.u8()).toBe(200);
    expect(state.buffer.byteLength).toBe(state.length);
  });
});

describe("the fields", () => {
  it("come back as they were written", () => {
    const reader = new CheckpointReader(sample());
    expect([reader.u8(), reader.i8(), reader.u32(), reader.u64()]).toEqual([
      200,
      -2,
      0xfedcba98,
      2 ** 53 - 1,
    ]);
    expect(reader.bytes(100)).toEqual(randomBytes(100, 1));
    reader.end();
  });

  it("come back as they were written, whichever they are", () => {
    const field = fc.oneof(
      fc.record({ type: fc.constant("u8" as const), value: fc.nat({ max: 255 }) }),
      fc.record({ type: fc.constant("i8" as const), value: fc.integer({ min: -128, max: 127 }) }),
      fc.record({ type: fc.constant("u32" as const), value: fc.nat({ max: 2 ** 32 - 1 }) }),
      fc.record({ type: fc.constant("u64" as const), value: fc.maxSafeNat() }),
      fc.record({ type: fc.constant("bytes" as const), value: fc.uint8Array({ maxLength: 300 }) }),
    );
    const text = fc.string({ unit: "grapheme-ascii", maxLength: 30 });
    fc.assert(
      fc.property(
        text,
        text,
        fc.maxSafeNat(),
        fc.maxSafeNat(),
        fc.array(field),
        (kind, format, a, b, all) => {
          const head = { kind, format, inputOffset: a, outputOffset: b };
          const writer = new CheckpointWriter(head);
          for (const { type, value } of all) writer[type](value as never);
          const reader = new CheckpointReader(writer.finish());
          expect(reader.description).toEqual(head);
          for (const { type, value } of all) expect(reader[type]()).toEqual(value);
          reader.end();
        },
      ),
      { numRuns: 100 },
    );
  });

  it("are refused when there are fewer than belong there", () => {
    for (const read of ["u8", "i8", "u32", "u64", "bytes"] as const) {
      const reader = new CheckpointReader(new CheckpointWriter(description).finish());
      expectRefused(() => reader[read](), "damaged");
    }
    const cut = new CheckpointReader(new CheckpointWriter(description).u8(9).u8(0).u8(1).finish());
    expectRefused(() => cut.bytes(), "damaged");
  });

  it("are refused when there are more than belong there", () => {
    expectRefused(() => new CheckpointReader(sample()).end(), "damaged");
  });

  it("are refused when their length is not the one that belongs there", () => {
    const reader = new CheckpointReader(new CheckpointWriter(description).bytes(new Uint8Array(31)).finish());
    expectRefused(() => reader.bytes(32), "damaged");
  });

  it("are refused when a count is beyond what JavaScript counts exactly", () => {
    const state = sample();
    state.fill(255, 14, 22);
    expectRefused(() => describeCheckpoint(resealed(state)), "damaged");
  });
});

describe("a state that is not intact", () => {
  it("is refused with any one of its bits turned over", () => {
    const state = sample();
    for (let i = 0; i < state.length; i++) {
      for (let bit = 0; bit < 8; bit++) {
        const turned = state.slice();
        turned[i]! ^= 1 << bit;
        expectRefused(() => describeCheckpoint(turned));
      }
    }
  });

  it("is refused at every length but its own", () => {
    const state = sample();
    for (let length = 0; length < state.length; length++)
      expectRefused(() => describeCheckpoint(state.subarray(0, length)), "truncated");
    for (const more of [1, 32, 70_000])
      expectRefused(() => describeCheckpoint(concat(state, new Uint8Array(more))), "damaged");
  });

  it("is refused when its length says what can't be", () => {
    for (const length of [0, 61, CHECKPOINT_MAXIMUM + 1, 2 ** 32 - 1]) {
      const state = sample();
      new DataView(state.buffer).setUint32(10, length, true);
      expectRefused(() => describeCheckpoint(state), "damaged");
    }
  });

  it("is refused when its names reach beyond its end, though its checksum is right", () => {
    const state = sample();
    state[30] = 255;
    expectRefused(() => describeCheckpoint(resealed(state)), "damaged");
  });

  it("is told from other bytes, whatever they are", () => {
    for (const bytes of [ascii("x"), ascii("a text that is long enough to be one"), randomBytes(40_000, 1)])
      expectRefused(() => describeCheckpoint(bytes), "not-a-checkpoint");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expectRefused(() => describeCheckpoint(bytes));
      }),
    );
  });

  it("is refused when its version is a newer one, which is what it is told by, or one that never was", () => {
    for (const [version, reason] of [
      [2, "version"],
      [65_535, "version"],
      [0, "damaged"],
    ] as const) {
      const state = sample();
      new DataView(state.buffer).setUint16(8, version, true);
      expectRefused(() => describeCheckpoint(resealed(state)), reason);
    }
  });
});

describe("the error", () => {
  it("has a code, a reason, and says what to do", () => {
    const error = expectRefused(() => describeCheckpoint(ascii("something else")), "not-a-checkpoint");
    expect(error).toBeInstanceOf(CheckpointError);
    expect(error).toBeInstanceOf(VarveError);
    expect(error).toMatchObject({
      name: "CheckpointError",
      code: "ERR_VARVE_CHECKPOINT",
      retryable: false,
    });
    expect(error.message).toMatch(/resume an older one, or start over/);
  });

  it("names both kinds, or both formats, when they differ", () => {
    const reader = new CheckpointReader(sample());
    expect(reader.expect("test", "a/0")).toBe(reader);
    const kind = expectRefused(() => reader.expect("sha256", "a/0"), "kind");
    expect(kind.message).toContain('"test"');
    expect(kind.message).toContain('"sha256"');
    const format = expectRefused(() => reader.expect("test", "a/1"), "format");
    expect(format.message).toContain('"a/0"');
    expect(format.message).toContain('"a/1"');
  });
});
