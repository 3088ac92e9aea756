import { createHash } from "node:crypto";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { coreInstances } from "../../src/core/core-instance.js";
import {
  Gzip,
  GzipLayerMachine,
  init,
  type MachineResult,
  newGzipLayerMachine,
  toHex,
} from "../../src/core/index.js";
import { ascii, concat, machineCode, mixed, randomBytes, text } from "../fixtures/bytes.js";
import { cut, encode, piecesOf } from "../fixtures/encode.js";
import { expectGzipByAll } from "../fixtures/gunzip.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { SEGMENT_SIZE, stream } from "../fixtures/wasm.js";

beforeAll(() => init());

const LEVELS = [-2, 0, 1, 2, 5, 7, 9];
const MIB = 2 ** 20;

const nodeSha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function expectResult(result: MachineResult, input: Uint8Array, output: Uint8Array): void {
  expect({ ...result, digest: toHex(result.digest), diffID: toHex(result.diffID) }).toEqual({
    digest: nodeSha256(output),
    diffID: nodeSha256(input),
    size: output.length,
    uncompressedSize: input.length,
  });
}

/** Runs a whole layer and checks its digests and sizes against node:crypto. */
function layer(level: number, input: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const machine = new GzipLayerMachine(level);
  const pieces = piecesOf(machine, cut(input, lengths));
  expectResult(machine.result(), input, concat(...pieces));
  machine.release();
  return pieces;
}

const inputs = [
  { name: "nothing", input: new Uint8Array(0) },
  { name: "one byte", input: ascii("v") },
  { name: "64 bytes", input: randomBytes(64, 1) },
  { name: "text", input: text(900_000, 2) },
  { name: "machine code", input: machineCode(900_000, 3) },
  { name: "noise", input: randomBytes(900_000, 4) },
  { name: "zeros, whose output waits for many segments", input: new Uint8Array(5 * SEGMENT_SIZE + 1) },
  { name: "a mixture", input: mixed(3 * MIB, 5) },
  { name: "whole segments", input: mixed(3 * SEGMENT_SIZE, 6) },
];

describe.each(LEVELS)("the gzip layer machine at level %i", (level) => {
  it.each(inputs)("gives $name as gzip, with both digests and sizes", ({ input }) => {
    const output = concat(...layer(level, input, [input.length || 1]));
    expectGzipByAll(output, input, level);
    expectSameBytes(output, encode(new Gzip(level), input));
  });

  it("gives the same layer however the input is cut", () => {
    const input = mixed(3 * MIB, 7);
    const expected = concat(...layer(level, input, [input.length]));
    expectGzipByAll(expected, input, level);
    const length = fc.oneof(
      fc.constantFrom(0, 1, SEGMENT_SIZE, 5 * MIB),
      fc.integer({ min: 1, max: 5 * MIB }),
    );
    const lengths = fc
      .array(length, { minLength: 1, maxLength: 8 })
      .filter((all) => all.some((one) => one > 500));
    fc.assert(
      fc.property(lengths, (all) => {
        expectSameBytes(concat(...layer(level, input, all)), expected);
      }),
      { numRuns: 8 },
    );
    expectSameBytes(
      concat(...layer(level, input.subarray(0, 300_000), [1])),
      encode(new Gzip(level), input.subarray(0, 300_000)),
    );
  });

  it("comes in pieces of at least 64 KiB but for the last", () => {
    for (const { input } of inputs) {
      const pieces = layer(level, input, [100_000]);
      for (const piece of pieces.slice(0, -1)) expect(piece.length).toBeGreaterThanOrEqual(65_536);
    }
  });

  it("hashes every length of the last segment, and every length of output that is left over", () => {
    const input = concat(randomBytes(SEGMENT_SIZE, 8), text(400, 9));
    for (let length = 0; length <= 200; length++) layer(level, input.subarray(0, length), [1000]);
    for (let length = SEGMENT_SIZE - 3; length <= SEGMENT_SIZE + 70; length++)
      layer(level, input.subarray(0, length), [MIB]);
  });

  it("counts sizes beyond 4 GiB", () => {
    const input = text(1000, 10);
    const plain = encode(new Gzip(level), input);
    // The machine takes the instance that was given back last.
    const instance = coreInstances.acquire();
    coreInstances.release(instance);
    const machine = new GzipLayerMachine(level);
    machine.update(input, 0);
    instance.counters.setBigUint64(stream.inputTotal, 2n ** 40n, true);
    instance.counters.setBigUint64(stream.outputTotal, 2n ** 33n, true);
    machine.finish();
    const { size, uncompressedSize } = machine.result();
    expect(uncompressedSize).toBe(2 ** 40 + 1000);
    // A stream under way has its header behind it.
    expect(size).toBe(2 ** 33 + plain.length - 10);
    machine.release();
  });
});

it("results of one machine are the caller's: another machine doesn't change them", () => {
  const [first, second] = [text(1000, 11), text(2000, 12)];
  const machine = new GzipLayerMachine(1);
  const output = concat(...piecesOf(machine, [first]));
  const result = machine.result();
  machine.release();
  layer(1, second, [2000]);
  expectResult(result, first, output);
});

describe.each(LEVELS)("the gzip layer machine at level %i with the runtime's own hash", (level) => {
  it("gives the same layer, and says whose hash it was", () => {
    for (const { input } of inputs) {
      for (const lengths of [[input.length || 1], [100_000], [SEGMENT_SIZE], [1, 300_000]]) {
        const machine = newGzipLayerMachine(level, { sha256: "native" });
        const output = concat(...piecesOf(machine, cut(input, lengths)));
        const { sha256, ...result } = machine.result();
        expect(sha256).toBe("native");
        expectResult(result, input, output);
        expectSameBytes(output, encode(new Gzip(level), input));
        machine.release();
      }
    }
  });

  it("hashes no byte of a chunk that it has not taken, and none twice", () => {
    const noise = randomBytes(3 * SEGMENT_SIZE, 13);
    const machine = newGzipLayerMachine(level, { sha256: "native" });
    const pieces: Uint8Array[] = [];
    for (let offset = 0; offset < noise.length; ) {
      offset = machine.update(noise, offset);
      expect(machine.update(noise, offset)).toBe(offset);
      pieces.push((machine.take() as Uint8Array).slice());
    }
    machine.finish();
    pieces.push((machine.take() as Uint8Array).slice());
    expect(toHex(machine.result().diffID)).toBe(nodeSha256(noise));
    expect(toHex(machine.result().digest)).toBe(nodeSha256(concat(...pieces)));
    machine.release();
  });
});
