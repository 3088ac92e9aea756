import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  CheckpointError,
  describeCheckpoint,
  Gzip,
  GzipLayerMachine,
  init,
  type MachineResult,
  ParallelGzip,
  ParallelGzipLayerMachine,
} from "../../../src/core/index.js";
import type { ParallelEncoder } from "../../../src/core/thread/parallel-encoder.js";
import { concat, mixed, text } from "../../fixtures/bytes.js";
import { cut } from "../../fixtures/encode.js";
import { expectSameBytes } from "../../fixtures/same-bytes.js";
import { SEGMENT_SIZE } from "../../fixtures/wasm.js";
import { localWorkers } from "../thread/fixture/workers.js";

beforeAll(() => init());

const kinds = [
  { name: "gzip", one: Gzip, many: ParallelGzip },
  { name: "a layer", one: GzipLayerMachine, many: ParallelGzipLayerMachine },
] as const;

type Machine = Gzip | GzipLayerMachine | ParallelEncoder;

interface Saved {
  readonly output: Uint8Array;
  readonly result: Omit<MachineResult, "threads" | "sha256"> | undefined;
  /** The first checkpoint that was seen at each input offset. */
  readonly checkpoints: ReadonlyMap<number, Uint8Array>;
}

function resultOf(machine: Machine): Saved["result"] {
  if (!(machine instanceof GzipLayerMachine || machine instanceof ParallelGzipLayerMachine)) return undefined;
  const { digest, diffID, size, uncompressedSize } = machine.result();
  return { digest, diffID, size, uncompressedSize };
}

/** Runs a machine over the input, and asks for a checkpoint wherever a caller may. */
async function run(
  machine: Machine,
  input: Uint8Array,
  lengths: readonly number[] = [100_000],
): Promise<Saved> {
  const pieces: Uint8Array[] = [];
  const checkpoints = new Map<number, Uint8Array>();
  const look = (): void => {
    const checkpoint = machine.checkpoint() as Uint8Array;
    const { inputOffset } = describeCheckpoint(checkpoint);
    const known = checkpoints.get(inputOffset);
    if (known) expectSameBytes(checkpoint, known);
    else checkpoints.set(inputOffset, checkpoint);
  };
  const take = (): boolean => {
    look();
    const view = machine.take();
    if (view) pieces.push(view.slice());
    look();
    return view !== undefined;
  };
  look();
  for (const chunk of cut(input, lengths)) {
    for (let offset = 0; offset < chunk.length; ) {
      offset = machine.update(chunk, offset);
      take();
      if ("pending" in machine) await machine.pending();
    }
  }
  while (take());
  machine.finish();
  while (take());
  const result = resultOf(machine);
  machine.release();
  return { output: concat(...pieces), result, checkpoints };
}

describe.each(kinds)("checkpoints of $name with several threads", ({ one, many }) => {
  it("are those that one thread gives at the same boundaries", async () => {
    const input = mixed(11 * SEGMENT_SIZE + 777, 31);
    const expected = await run(new one(1), input);
    for (const threads of [1, 2, 3]) {
      const { createWorker } = localWorkers();
      const saved = await run(new many(1, { threads, createWorker }), input);
      expectSameBytes(saved.output, expected.output);
      expect(saved.checkpoints.size).toBeGreaterThan(4);
      for (const [inputOffset, checkpoint] of saved.checkpoints) {
        const same = expected.checkpoints.get(inputOffset);
        if (same) expectSameBytes(checkpoint, same);
      }
      const shared = [...saved.checkpoints.keys()].filter((offset) => expected.checkpoints.has(offset));
      expect(shared.length).toBeGreaterThan(4);
    }
  });

  it("are resumed by one thread and by many, each to the end of the whole", async () => {
    const input = concat(text(5 * SEGMENT_SIZE + 99, 32), mixed(4 * SEGMENT_SIZE, 33));
    const { createWorker } = localWorkers();
    const whole = await run(new many(1, { threads: 2, createWorker }), input);
    for (const [inputOffset, checkpoint] of whole.checkpoints) {
      const { outputOffset } = describeCheckpoint(checkpoint);
      const rest = input.subarray(inputOffset);
      for (const machine of [
        one.resume(checkpoint),
        many.resume(checkpoint, 1, { threads: 2, createWorker }),
        many.resume(checkpoint, undefined, { threads: 3, createWorker }),
      ]) {
        const resumed = await run(machine, rest);
        expectSameBytes(resumed.output, whole.output.subarray(outputOffset));
        expect(resumed.result).toEqual(whole.result);
      }
    }
  });

  it("hold at every level, for any chunks and any number of threads", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(0, 1, 6),
        fc.integer({ min: 1, max: 4 }),
        fc.array(fc.integer({ min: 30_000, max: 600_000 }), { minLength: 1, maxLength: 5 }),
        fc.integer({ min: 0, max: 7 * SEGMENT_SIZE }),
        async (level, threads, lengths, size) => {
          const input = mixed(size, 34);
          const { createWorker } = localWorkers();
          const whole = await run(new many(level, { threads, createWorker }), input, lengths);
          const [inputOffset, checkpoint] = [...whole.checkpoints].at(-1)!;
          const resumed = await run(
            many.resume(checkpoint, level, { threads, createWorker }),
            input.subarray(inputOffset),
            lengths,
          );
          expectSameBytes(resumed.output, whole.output.subarray(describeCheckpoint(checkpoint).outputOffset));
          expect(resumed.result).toEqual(whole.result);
        },
      ),
      { numRuns: 12 },
    );
  });

  it("are refused at another level", () => {
    const machine = new many(1, { threads: 2 });
    const checkpoint = machine.checkpoint() as Uint8Array;
    machine.release();
    expect(() => many.resume(checkpoint, 6)).toThrow(CheckpointError);
  });
});

it("the runtime's own hashes give no checkpoints", () => {
  const machine = new ParallelGzipLayerMachine(1, { threads: 2, sha256: "native" });
  expect(machine.checkpoint()).toBeUndefined();
  machine.release();
});
