import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  type CheckpointDescription,
  CompressionLevelError,
  describeCheckpoint,
  Gzip,
  GzipLayerMachine,
  init,
  MachineStateError,
} from "../../../src/core/index.js";
import {
  type Boundary,
  distinct,
  expectResumes,
  type Resumable,
  withBoundaries,
} from "../../fixtures/boundaries.js";
import { concat, mixed, randomBytes, text } from "../../fixtures/bytes.js";
import { expectRefused } from "../../fixtures/checkpoints.js";
import { SEGMENT_SIZE } from "../../fixtures/wasm.js";
import { golden } from "../../golden/inputs.js";

beforeAll(() => init());

const classes: readonly Resumable[] = [Gzip, GzipLayerMachine];

/** Bytes that compress to a piece every few segments, so that boundaries pass by whose output waits. */
const sparse = concat(
  new Uint8Array(3 * SEGMENT_SIZE),
  randomBytes(80_000, 1),
  new Uint8Array(2 * SEGMENT_SIZE),
  mixed(2 * SEGMENT_SIZE, 2),
  new Uint8Array(1000),
);

function offsets({ checkpoint }: Boundary): Pick<CheckpointDescription, "inputOffset" | "outputOffset"> {
  const { inputOffset, outputOffset } = describeCheckpoint(checkpoint);
  return { inputOffset, outputOffset };
}

describe.each(classes)("a checkpoint of $name", (Encoder) => {
  it.each(golden.levels)(
    "goes on to the bytes of an uninterrupted run, from every boundary, at level %i",
    (level) => {
      for (const input of [sparse, mixed(5 * SEGMENT_SIZE, 3), randomBytes(2 * SEGMENT_SIZE, 4)]) {
        const run = withBoundaries(new Encoder(level), input, [100_000]);
        expect(run.boundaries.length).toBeGreaterThan(2);
        for (const boundary of distinct(run.boundaries))
          expectResumes(Encoder, run, boundary, [777_777, 1000]);
      }
    },
  );

  it("goes on to the bytes of an uninterrupted run, whatever the input, its chunks and the level", () => {
    const input = fc.oneof(
      fc.record({ length: fc.nat({ max: 1_500_000 }), seed: fc.integer({ min: 1, max: 1000 }) }),
      fc.record({ length: fc.constantFrom(0, 1, SEGMENT_SIZE, 2 * SEGMENT_SIZE), seed: fc.constant(1) }),
    );
    const lengths = fc.array(fc.integer({ min: 40_000, max: 600_000 }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        input,
        lengths,
        lengths,
        fc.constantFrom(...golden.levels),
        ({ length, seed }, a, b, level) => {
          const run = withBoundaries(new Encoder(level), mixed(length, seed), a);
          for (const boundary of distinct(run.boundaries)) expectResumes(Encoder, run, boundary, b);
        },
      ),
      { numRuns: 12 },
    );
  });

  it("is taken at the boundary up to which the output has been handed out, wherever the input has come to", () => {
    const { boundaries, output } = withBoundaries(new Encoder(1), sparse, [50_000]);
    for (const boundary of boundaries) {
      const { inputOffset, outputOffset } = offsets(boundary);
      expect(inputOffset % SEGMENT_SIZE).toBe(0);
      expect(inputOffset).toBeLessThanOrEqual(boundary.given);
      if (!boundary.finished) expect(outputOffset).toBe(boundary.handedOut);
      else expect(outputOffset).toBeLessThanOrEqual(output.length);
    }
    expect(
      boundaries.some(
        ({ given, checkpoint }) =>
          given - offsets({ given, checkpoint } as Boundary).inputOffset > 2 * SEGMENT_SIZE,
      ),
    ).toBe(true);
  });

  it("is the same whether it is taken at once or when the machine has gone on", () => {
    const { boundaries } = withBoundaries(new Encoder(1), sparse, [50_000]);
    const byOffset = new Map<number, Uint8Array>();
    let again = 0;
    for (const { checkpoint } of boundaries) {
      const { outputOffset } = describeCheckpoint(checkpoint);
      const first = byOffset.get(outputOffset);
      if (first) {
        expect(Buffer.compare(first, checkpoint)).toBe(0);
        again++;
      } else byOffset.set(outputOffset, checkpoint);
    }
    expect(again).toBeGreaterThan(10);
    expect(byOffset.size).toBeGreaterThan(2);
  });

  it("changes nothing: neither the output nor the view that was handed out", () => {
    const input = mixed(6 * SEGMENT_SIZE, 5);
    const untouched = withBoundaries(new Encoder(1), input, [300_000], { checkpoints: false });
    const machine = new Encoder(1);
    const pieces: Uint8Array[] = [];
    const take = (): void => {
      const view = machine.take();
      if (!view) return;
      const before = view.slice();
      machine.checkpoint();
      expect(Buffer.compare(view, before)).toBe(0);
      pieces.push(before);
    };
    for (let at = 0; at < input.length; take()) at = machine.update(input, at);
    machine.finish();
    take();
    machine.release();
    expect(Buffer.compare(concat(...pieces), untouched.output)).toBe(0);
  });

  it("taken of a resumed machine at once is the one that it resumed", () => {
    const { boundaries } = withBoundaries(new Encoder(1), sparse, [300_000]);
    for (const { checkpoint } of distinct(boundaries)) {
      const machine = Encoder.resume(checkpoint);
      expect(Buffer.compare(machine.checkpoint(), checkpoint)).toBe(0);
      machine.release();
    }
  });

  it("is that of the start before output has been handed out, and goes on with the whole", () => {
    const machine = new Encoder(1);
    const start = machine.checkpoint();
    machine.update(text(200_000, 1), 0);
    expect(machine.checkpoint()).toEqual(start);
    machine.release();
    expect(start.length).toBeLessThan(300);
    expect(describeCheckpoint(start)).toMatchObject({ inputOffset: 0, outputOffset: 0 });
    const input = mixed(700_000, 6);
    const run = withBoundaries(new Encoder(1), input, [input.length]);
    expectResumes(Encoder, run, { checkpoint: start, given: 0, handedOut: 0, finished: false }, [9999]);
  });

  it("stays at the last boundary before the end when the stream is finished", () => {
    const machine = new Encoder(1);
    const input = randomBytes(SEGMENT_SIZE + 10, 7);
    for (let at = 0; at < input.length; machine.take()) at = machine.update(input, at);
    const before = machine.checkpoint();
    machine.finish();
    expect(machine.checkpoint()).toEqual(before);
    machine.take();
    expect(machine.checkpoint()).toEqual(before);
    machine.release();
  });

  it("is at most 48 KiB, names its format and its offsets", () => {
    const { boundaries } = withBoundaries(new Encoder(0), randomBytes(3 * SEGMENT_SIZE, 8), [SEGMENT_SIZE]);
    const last = boundaries.at(-1)!.checkpoint;
    expect(last.length).toBeLessThanOrEqual(48 * 1024);
    expect(last.length).toBeLessThan(33_200);
    expect(last.buffer.byteLength).toBe(last.length);
    expect(describeCheckpoint(last)).toEqual({
      kind: Encoder === Gzip ? "gzip" : "gzip-layer",
      format: "varve-gzip/0",
      inputOffset: 3 * SEGMENT_SIZE,
      outputOffset: 3 * (SEGMENT_SIZE + 5 * 5 + 5) + 10,
    });
  });

  it("is refused when another level is expected, and taken when it is the expected one", () => {
    const machine = new Encoder(1);
    const checkpoint = machine.checkpoint();
    machine.release();
    Encoder.resume(checkpoint, 1).release();
    const error = expectRefused(() => Encoder.resume(checkpoint, 0), "level");
    expect(error.message).toMatch(/level 1.*level 0/);
    expect(() => Encoder.resume(checkpoint, 99)).toThrow(CompressionLevelError);
  });

  it("can't be taken after release, and goes on when it was taken before", () => {
    const machine = new Encoder(1);
    const checkpoint = machine.checkpoint();
    machine.release();
    expect(() => machine.checkpoint()).toThrow(MachineStateError);
    Encoder.resume(checkpoint).release();
  });

  it("leaves nothing of itself in an instance that serves another stream afterwards", () => {
    const input = mixed(600_000, 9);
    const { output, boundaries } = withBoundaries(new Encoder(1), input, [input.length]);
    for (const { checkpoint } of distinct(boundaries)) {
      Encoder.resume(checkpoint).release();
      expect(Buffer.compare(withBoundaries(new Encoder(1), input, [input.length]).output, output)).toBe(0);
    }
  });
});

describe("the result of a resumed layer machine", () => {
  it("is that of the whole stream", () => {
    const run = withBoundaries(new GzipLayerMachine(1), sparse, [123_456]);
    const machine = GzipLayerMachine.resume(run.boundaries.at(-1)!.checkpoint, 1);
    const { inputOffset } = describeCheckpoint(run.boundaries.at(-1)!.checkpoint);
    for (let at = inputOffset; at < sparse.length; machine.take()) at = machine.update(sparse, at);
    machine.finish();
    const { digest, diffID, size, uncompressedSize } = machine.result();
    expect([size, uncompressedSize]).toEqual([run.output.length, sparse.length]);
    expect(Buffer.from(digest)).toEqual(createHash("sha256").update(run.output).digest());
    expect(Buffer.from(diffID)).toEqual(createHash("sha256").update(sparse).digest());
    machine.release();
  });
});
