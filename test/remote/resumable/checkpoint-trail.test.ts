import { beforeAll, describe, expect, it } from "vitest";
import { describeCheckpoint, GzipLayerMachine, init } from "../../../src/core/index.js";
import { CheckpointTrail } from "../../../src/remote/resumable/checkpoint-trail.js";
import { randomBytes } from "../../fixtures/bytes.js";

beforeAll(() => init());

/** The checkpoints of a layer, each with the bytes that had been read when it was given. */
function checkpoints(): { offset: number; checkpoint: Uint8Array }[] {
  const machine = new GzipLayerMachine(1);
  const input = randomBytes(2_000_000, 9);
  const found = [{ offset: 0, checkpoint: machine.checkpoint() }];
  for (let at = 0; at < input.length; ) {
    at = machine.update(input, at);
    const length = machine.take()?.length;
    if (length !== undefined) {
      found.push({ offset: found.at(-1)!.offset + length, checkpoint: machine.checkpoint() });
    }
  }
  machine.release();
  return found;
}

const offsets = (found: readonly Uint8Array[]): number[] =>
  found.map((checkpoint) => describeCheckpoint(checkpoint).outputOffset);

describe("the trail of checkpoints", () => {
  const all = (() => {
    let made: ReturnType<typeof checkpoints> | undefined;
    return () => {
      made ??= checkpoints();
      return made;
    };
  })();

  it("gives the newest at or before what is confirmed, and the one before it", () => {
    const [, , second, third, fourth] = all();
    const trail = new CheckpointTrail(0, []);
    trail.aim(third!.offset + 10);
    for (const { offset, checkpoint } of all().slice(0, 5)) trail.add(offset, checkpoint);
    expect(offsets(trail.confirm(third!.offset + 10))).toEqual([third!.offset, second!.offset]);
    expect(offsets(trail.confirm(fourth!.offset))).toEqual([fourth!.offset, third!.offset]);
  });

  it("begins with those that are known beforehand", () => {
    const [, first, second, third] = all();
    const trail = new CheckpointTrail(second!.offset, [second!.checkpoint, first!.checkpoint]);
    expect(offsets(trail.confirm(third!.offset - 1))).toEqual([second!.offset, first!.offset]);
    trail.add(third!.offset, third!.checkpoint);
    expect(offsets(trail.confirm(third!.offset))).toEqual([third!.offset, second!.offset]);
  });

  it("counts the same checkpoint once, and passes over pieces that give none", () => {
    const [, first, second] = all();
    const trail = new CheckpointTrail(0, []);
    trail.add(first!.offset, first!.checkpoint);
    trail.add(second!.offset, second!.checkpoint);
    trail.add(second!.offset + 5, second!.checkpoint);
    trail.add(second!.offset + 9, undefined);
    expect(offsets(trail.confirm(second!.offset + 9))).toEqual([second!.offset, first!.offset]);
    expect(new CheckpointTrail(0, []).confirm(9)).toEqual([]);
  });
});
