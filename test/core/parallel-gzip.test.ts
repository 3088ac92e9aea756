import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import {
  Gzip,
  init,
  MachineStateError,
  ParallelGzip,
  ParallelGzipLayerMachine,
  ThreadCountError,
  type ThreadOptions,
  toHex,
} from "../../src/core/index.js";
import type { ParallelEncoder } from "../../src/core/thread/parallel-encoder.js";
import { concat, mixed, randomBytes, text } from "../fixtures/bytes.js";
import { cut, encode, piecesOf } from "../fixtures/encode.js";
import { expectGzipByAll } from "../fixtures/gunzip.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { SEGMENT_SIZE } from "../fixtures/wasm.js";
import { drive } from "./thread/fixture/drive.js";
import { type Behaviour, localWorkers } from "./thread/fixture/workers.js";

beforeAll(() => init());

const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

type Make = (level: number, options?: ThreadOptions) => ParallelEncoder;

const machines: readonly { name: string; make: Make }[] = [
  { name: "ParallelGzip", make: (level, options) => new ParallelGzip(level, options) },
  {
    name: "ParallelGzipLayerMachine",
    make: (level, options) => new ParallelGzipLayerMachine(level, options),
  },
  {
    name: "ParallelGzipLayerMachine with native hashes",
    make: (level, options) => new ParallelGzipLayerMachine(level, { ...options, sha256: "native" }),
  },
];

const inputs = [
  { name: "nothing", input: new Uint8Array(0) },
  { name: "one byte", input: Uint8Array.of(118) },
  { name: "text", input: text(6 * SEGMENT_SIZE + 321, 1) },
  { name: "noise", input: randomBytes(7 * SEGMENT_SIZE + 1, 2) },
  { name: "whole segments", input: mixed(8 * SEGMENT_SIZE, 3) },
  { name: "zeros, whose output waits for many segments", input: new Uint8Array(9 * SEGMENT_SIZE + 5) },
  { name: "a mixture", input: mixed(14 * SEGMENT_SIZE + 12_345, 4) },
];

/** Checks what a layer machine says of a stream that is over; gzip alone says nothing. */
function expectResult(machine: ParallelEncoder, input: Uint8Array, output: Uint8Array): void {
  if (!(machine instanceof ParallelGzipLayerMachine)) return;
  const { digest, diffID, size, uncompressedSize, threads } = machine.result();
  expect({ digest: toHex(digest), diffID: toHex(diffID), size, uncompressedSize, threads }).toEqual({
    digest: sha256(output),
    diffID: sha256(input),
    size: output.length,
    uncompressedSize: input.length,
    threads: machine.threads,
  });
}

describe.each(machines)("$name", ({ make }) => {
  describe.each([1, 2, 3, 4])("with %i threads", (threads) => {
    it.each(inputs)(
      "gives $name as Gzip does, in pieces of at least 64 KiB but for the last",
      async ({ input }) => {
        const { createWorker, workers } = localWorkers();
        const machine = make(1, { threads, createWorker });
        const pieces = await drive(machine, cut(input, [100_000]));
        const output = concat(...pieces);
        expectSameBytes(output, encode(new Gzip(1), input));
        expectResult(machine, input, output);
        machine.release();
        for (const piece of pieces.slice(0, -1)) expect(piece.length).toBeGreaterThanOrEqual(65_536);
        expect(workers.length).toBe(input.length < 4 * SEGMENT_SIZE ? 0 : threads - 1);
        expect(machine.threads).toBeLessThanOrEqual(threads);
      },
    );
  });

  it("gives the same bytes however the input is cut, whoever encodes what, and whenever workers are heard", async () => {
    const input = mixed(11 * SEGMENT_SIZE + 777, 5);
    const expected = encode(new Gzip(1), input);
    expectGzipByAll(expected, input, 1);
    const length = fc.oneof(
      fc.constantFrom(1, SEGMENT_SIZE, input.length),
      fc.integer({ min: 1, max: 700_000 }),
    );
    const settings = fc.record({
      threads: fc.integer({ min: 1, max: 4 }),
      lengths: fc
        .array(length, { minLength: 1, maxLength: 6 })
        .filter((all) => all.some((one) => one > 5000)),
      turns: fc.infiniteStream(fc.boolean()),
      behaviour: fc.constantFrom<Behaviour>("sound", "sound", "silent", "mortal", "unable"),
    });
    await fc.assert(
      fc.asyncProperty(settings, async ({ threads, lengths, turns, behaviour }) => {
        const machine = make(1, { threads, ...localWorkers(behaviour) });
        const turnsAsDrawn = (): boolean => turns.next().value === true;
        const output = concat(...(await drive(machine, cut(input, lengths), turnsAsDrawn)));
        expectSameBytes(output, expected);
        expectResult(machine, input, output);
        machine.release();
      }),
      { numRuns: 25 },
    );
  });

  it("works as Gzip does where nobody gives workers a hearing", () => {
    const input = mixed(9 * SEGMENT_SIZE + 1, 6);
    const machine = make(1, { threads: 3, ...localWorkers() });
    const output = concat(...piecesOf(machine, cut(input, [300_000])));
    expectSameBytes(output, encode(new Gzip(1), input));
    expectResult(machine, input, output);
    expect(machine.threads).toBe(1);
    machine.release();
  });

  it("has segments encoded by at least two real workers, and the bytes are the same", async () => {
    const kinds = [text(SEGMENT_SIZE, 7), mixed(SEGMENT_SIZE, 8), mixed(SEGMENT_SIZE, 9)];
    const machine = make(1, { threads: 3 });
    const output = createHash("sha256");
    const fed: Uint8Array[] = [];
    // Starting takes as long as it takes; until both have answered there is more to do.
    function* chunks(): Generator<Uint8Array> {
      while (machine.threads < 3) {
        fed.push(kinds[fed.length % kinds.length]!);
        yield fed.at(-1)!;
      }
    }
    for (const piece of await drive(machine, chunks(), "when asked")) output.update(piece);
    const alone = createHash("sha256");
    const single = new Gzip(1);
    for (const piece of piecesOf(single, fed)) alone.update(piece);
    single.release();
    expect(output.digest("hex")).toBe(alone.digest("hex"));
    expect(machine.threads).toBe(3);
    machine.release();
  });

  it.each(["mute", "stillborn", "foreign", "silent", "deaf"] as const)(
    "does everything itself when its workers are %s",
    async (behaviour) => {
      const input = mixed(20 * SEGMENT_SIZE + 9, 10);
      const machine = make(1, { threads: 3, ...localWorkers(behaviour) });
      const output = concat(...(await drive(machine, [input])));
      expectSameBytes(output, encode(new Gzip(1), input));
      expectResult(machine, input, output);
      expect(machine.threads).toBe(1);
      machine.release();
    },
  );

  it("does everything itself when no worker can be made, and tries once", async () => {
    let calls = 0;
    const createWorker = (): never => {
      calls++;
      throw new Error("the policy forbids it");
    };
    const input = mixed(6 * SEGMENT_SIZE, 11);
    for (let i = 0; i < 2; i++) {
      const machine = make(1, { threads: 4, createWorker });
      expectSameBytes(concat(...(await drive(machine, [input]))), encode(new Gzip(1), input));
      expect(machine.threads).toBe(1);
      machine.release();
    }
    expect(calls).toBe(1);
  });

  it("encodes the segments of a worker that was lost", async () => {
    const { createWorker, workers } = localWorkers("mortal");
    const input = mixed(20 * SEGMENT_SIZE, 12);
    const machine = make(1, { threads: 2, createWorker });
    const output = concat(...(await drive(machine, [input])));
    expectSameBytes(output, encode(new Gzip(1), input));
    expectResult(machine, input, output);
    expect(machine.threads).toBe(2);
    expect(workers.map(({ answered, terminated }) => ({ answered, terminated }))).toEqual([
      { answered: 2, terminated: 1 },
    ]);
    machine.release();
  });

  it("may be given up at any point, and what its workers still answer does not reach the next", async () => {
    const { createWorker, workers } = localWorkers();
    const input = mixed(12 * SEGMENT_SIZE + 5, 13);
    const expected = encode(new Gzip(1), input);
    const other = mixed(12 * SEGMENT_SIZE, 14);
    for (const segments of [1, 4, 6, 9, 12]) {
      const abandoned = make(1, { threads: 3, createWorker });
      for (let offset = 0; offset < segments * SEGMENT_SIZE; abandoned.take()) {
        await abandoned.pending();
        offset = abandoned.update(other.subarray(0, segments * SEGMENT_SIZE), offset);
      }
      abandoned.release();
      abandoned.release();
      const machine = make(1, { threads: 3, createWorker });
      expectSameBytes(concat(...(await drive(machine, cut(input, [400_000])))), expected);
      machine.release();
    }
    expect(workers.length).toBe(2);
    expect(workers.every(({ answered }) => answered > 0)).toBe(true);
  });

  it("several of it share the workers, however many they are", async () => {
    const { createWorker, workers } = localWorkers();
    const each = [1, 2, 3, 4, 5].map((seed) => mixed((4 + seed) * SEGMENT_SIZE + seed, seed));
    const outputs = await Promise.all(
      each.map(async (input, i) => {
        const machine = make(1, { threads: 2 + (i % 3), createWorker });
        const output = concat(...(await drive(machine, cut(input, [150_000]))));
        machine.release();
        return output;
      }),
    );
    for (const [i, input] of each.entries()) expectSameBytes(outputs[i]!, encode(new Gzip(1), input));
    expect(workers.length).toBe(3);
  });

  it.each([2, 3, 4])(
    "with %i threads takes at most 4 segments a thread ahead of its output, and one more, whatever its workers do",
    async (threads) => {
      const noise = randomBytes(SEGMENT_SIZE, 15);
      const machine = make(1, { threads, ...localWorkers("silent") });
      let [fed, given, most] = [0, 0, 0];
      function* chunks(): Generator<Uint8Array> {
        for (; fed < 60; fed++) {
          most = Math.max(most, fed - given);
          yield noise;
        }
      }
      const take = machine.take.bind(machine);
      machine.take = () => {
        const view = take();
        // Each segment of noise is a piece.
        if (view !== undefined) given++;
        return view;
      };
      await drive(machine, chunks());
      expect(given).toBe(fed + 1);
      expect(most).toBeGreaterThan(3);
      expect(most).toBeLessThanOrEqual(4 * threads);
      machine.release();
    },
  );

  it("refuses calls that its state gives no meaning to", () => {
    const machine = make(1, { threads: 2, ...localWorkers() });
    machine.update(randomBytes(SEGMENT_SIZE, 16), 0);
    expect(() => machine.finish()).toThrow(MachineStateError);
    machine.take();
    machine.finish();
    machine.finish();
    expect(() => machine.update(Uint8Array.of(1), 0)).toThrow(MachineStateError);
    machine.release();
    expect(() => machine.take()).toThrow(MachineStateError);
    expect(() => machine.finish()).toThrow(MachineStateError);
    expect(() => machine.update(Uint8Array.of(1), 0)).toThrow(MachineStateError);
  });

  it("refuses levels and numbers of threads that there aren't", () => {
    expect(() => make(42)).toThrow(RangeError);
    for (const threads of [0, 65, 1.5]) expect(() => make(1, { threads })).toThrow(ThreadCountError);
  });
});

describe("the result of a layer machine with several threads", () => {
  it("is refused before the output has been taken to its end, and given from then on", async () => {
    const machine = new ParallelGzipLayerMachine(1, { threads: 2, ...localWorkers() });
    const input = randomBytes(9 * SEGMENT_SIZE, 17);
    expect(() => machine.result()).toThrow(MachineStateError);
    const pieces = await drive(machine, [input]);
    const result = machine.result();
    machine.release();
    expect(machine.result()).toBe(result);
    expect(toHex(result.digest)).toBe(sha256(concat(...pieces)));
  });

  it("says whose hash it was", async () => {
    for (const hash of ["wasm", "native"] as const) {
      const machine = new ParallelGzipLayerMachine(1, { threads: 2, sha256: hash });
      await drive(machine, [text(1000, 18)]);
      expect(machine.result().sha256).toBe(hash);
      machine.release();
    }
  });
});
