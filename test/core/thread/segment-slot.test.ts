import { describe, expect, it } from "vitest";
import { SegmentSlot } from "../../../src/core/thread/segment-slot.js";
import { randomBytes } from "../../fixtures/bytes.js";
import { expectSameBytes } from "../../fixtures/same-bytes.js";

const SIZE = 65_536;
const WINDOW = 32_768;

/** A slot that holds these bytes, behind the slot before. */
function filled(bytes: Uint8Array, before?: SegmentSlot): SegmentSlot {
  const slot = new SegmentSlot(SIZE);
  slot.begin(before);
  slot.fill(bytes);
  return slot;
}

describe("a segment's slot", () => {
  it("has no window if it is the stream's first, and else the end of the segment before", () => {
    const bytes = randomBytes(2 * SIZE, 1);
    const first = filled(bytes.subarray(0, SIZE));
    expect(first.window).toBe(0);
    expectSameBytes(first.input, bytes.subarray(0, SIZE));
    const second = filled(bytes.subarray(SIZE), first);
    expect(second.window).toBe(WINDOW);
    expectSameBytes(second.input, bytes.subarray(SIZE - WINDOW));
  });

  it("is filled piece by piece, and says how much it still takes", () => {
    const bytes = randomBytes(SIZE, 2);
    const slot = filled(bytes.subarray(0, 1000));
    expect([slot.length, slot.room, slot.full]).toEqual([1000, SIZE - 1000, false]);
    slot.fill(bytes.subarray(1000));
    expect([slot.length, slot.room, slot.full]).toEqual([SIZE, 0, true]);
    expectSameBytes(slot.input, bytes);
  });

  it("keeps an output that is longer than its segment", () => {
    const slot = filled(randomBytes(SIZE, 3));
    expect(slot.output).toBeUndefined();
    const output = randomBytes(SIZE + 1000, 4);
    slot.keep(output, 42);
    expectSameBytes(slot.output as Uint8Array, output);
    expect(slot.crc).toBe(42);
  });

  it("can be begun anew, with another serial number and nothing of before", () => {
    const slot = filled(randomBytes(SIZE, 5));
    const { serial } = slot;
    slot.last = true;
    slot.keep(randomBytes(100, 6), 1);
    slot.begin(undefined);
    expect(slot.serial).not.toBe(serial);
    expect([slot.length, slot.window, slot.last, slot.output]).toEqual([0, 0, false, undefined]);
  });
});
