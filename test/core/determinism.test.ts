import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type CoreInstance, coreInstances } from "../../src/core/core-instance.js";
import {
  type Encoder,
  Gzip,
  GzipLayerMachine,
  IdentityLayerMachine,
  init,
  toHex,
} from "../../src/core/index.js";
import { concat, machineCode, mixed, randomBytes, repeated, text } from "../fixtures/bytes.js";
import { cut, encode, piecesOf } from "../fixtures/encode.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { SEGMENT_SIZE } from "../fixtures/wasm.js";

/** Instances taken from the pool, so that the next machine has to make one. */
const drained: CoreInstance[] = [];
function drainPool(): void {
  for (let i = 0; i < 8; i++) drained.push(coreInstances.acquire());
}

beforeAll(() => init());
afterAll(() => {
  for (const instance of drained) coreInstances.release(instance);
});

const inputs = [
  { name: "text", input: text(2 * SEGMENT_SIZE + 100, 1) },
  { name: "machine code", input: machineCode(SEGMENT_SIZE, 2) },
  { name: "a mixture", input: mixed(2 * SEGMENT_SIZE, 3) },
  { name: "a few bytes", input: text(50, 4) },
];
/** What other streams leave behind. */
const dirt = mixed(SEGMENT_SIZE + 777, 5);
const makers: readonly { name: string; make: () => Encoder }[] = [
  { name: "gzip at level 0", make: () => new Gzip(0) },
  { name: "gzip at level 1", make: () => new Gzip(1) },
  { name: "a layer at level 0", make: () => new GzipLayerMachine(0) },
  { name: "a layer at level 1", make: () => new GzipLayerMachine(1) },
  { name: "a layer without compression", make: () => new IdentityLayerMachine() },
];

describe.each(makers)("$name", ({ make }) => {
  it.each(inputs)(
    "of $name is the same from a fresh instance and from one that has served every other machine",
    ({ input }) => {
      drainPool();
      const fresh = encode(make(), input);
      for (const other of makers) {
        encode(other.make(), dirt);
        const abandoned = other.make();
        abandoned.update(randomBytes(1000, 6), 0);
        abandoned.release();
        expectSameBytes(encode(make(), input), fresh);
      }
    },
  );

  it("is the same when others run between its calls", () => {
    const parts = inputs.map(({ input }) => ({ input, machine: make(), pieces: [] as Uint8Array[] }));
    const expected = inputs.map(({ input }) => encode(make(), input));
    const chunks = parts.map(({ input }) => [...cut(input, [50_000])]);
    for (let turn = 0; turn < Math.max(...chunks.map((all) => all.length)); turn++) {
      for (const [i, { machine, pieces }] of parts.entries()) {
        const chunk = chunks[i]?.[turn];
        for (let offset = 0; chunk && offset < chunk.length; ) {
          offset = machine.update(chunk, offset);
          const view = machine.take();
          if (view) pieces.push(view.slice());
        }
      }
    }
    for (const [i, { machine, pieces }] of parts.entries()) {
      pieces.push(...piecesOf(machine, []));
      expectSameBytes(concat(...pieces), expected[i] as Uint8Array);
      machine.release();
    }
  });
});

it("a layer's digests are the same whichever way the machine has learned to hash", () => {
  // More segments than the trials of hash-pairing.ts, in one program: both ways, then the faster.
  const input = repeated(text(300_000, 7), 20 * SEGMENT_SIZE);
  const digests = new Set<string>();
  for (let i = 0; i < 2; i++) {
    const machine = new GzipLayerMachine(1);
    piecesOf(machine, [input]);
    const { digest, diffID } = machine.result();
    digests.add(toHex(digest) + toHex(diffID));
    machine.release();
  }
  expect(digests.size).toBe(1);
});
