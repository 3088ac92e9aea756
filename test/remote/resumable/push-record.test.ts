import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { init } from "../../../src/core/index.js";
import { ResumeError } from "../../../src/remote/index.js";
import {
  type PushRecord,
  readPushRecord,
  writePushRecord,
} from "../../../src/remote/resumable/push-record.js";
import { thrown } from "../fixture/thrown.js";

beforeAll(() => init());

const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const bytes = (maxLength: number): fc.Arbitrary<Uint8Array> => fc.uint8Array({ minLength: 1, maxLength });
const records: fc.Arbitrary<PushRecord> = fc.record({
  repository: fc.string(),
  location: fc.webUrl({ withQueryParameters: true }),
  minimumChunk: count,
  maximumChunk: fc.option(fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }), { nil: undefined }),
  acknowledged: count,
  sent: fc.option(bytes(300), { nil: undefined }),
  checkpoints: fc.array(bytes(2000), { maxLength: 2 }),
  known: fc.boolean(),
  blob: fc.option(fc.record({ digest: fc.constantFrom("sha256:00", "sha512:11"), size: count }), {
    nil: undefined,
  }),
});

describe("the record of a push", () => {
  it("is read as it was written", () => {
    fc.assert(
      fc.property(records, (record) => {
        expect(readPushRecord(writePushRecord(record))).toEqual(record);
      }),
    );
  });

  it("is refused when any of its bytes has changed, and when it has become shorter or longer", () => {
    fc.assert(
      fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), (record, at, change) => {
        const whole = writePushRecord(record);
        const changed = whole.slice();
        changed[at % changed.length]! ^= change;
        for (const other of [changed, whole.slice(0, at % whole.length), new Uint8Array([...whole, 0])]) {
          expect(thrown(() => readPushRecord(other))).toBeInstanceOf(ResumeError);
        }
      }),
    );
  });

  it("may be any bytes at all, and is refused with an error that says what to do", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (given) => {
        const error = thrown(() => readPushRecord(given));
        expect(error).toBeInstanceOf(ResumeError);
        expect(error.message).toMatch(/start over|use another key/);
      }),
    );
  });

  it("has a form that does not change: little-endian, with its length and its checksum", () => {
    const record: PushRecord = {
      repository: "r",
      location: "https://r/u",
      minimumChunk: 1,
      maximumChunk: undefined,
      acknowledged: 0x0102,
      sent: undefined,
      checkpoints: [],
      known: true,
      blob: { digest: "d", size: 3 },
    };
    const text = Buffer.from(writePushRecord(record)).toString("hex");
    expect(text.slice(0, 2 * 47)).toBe(
      [
        "897670757368" + "0d0a",
        "0100",
        "74000000",
        "0201000000000000",
        "0100000000000000",
        "0000000000000000",
        "0300000000000000",
        "01",
      ].join(""),
    );
    expect(text).toHaveLength(2 * 0x74);
  });
});
