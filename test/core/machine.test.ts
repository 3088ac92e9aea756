import { beforeAll, describe, expect, it } from "vitest";
import {
  type Encoder,
  Gzip,
  GzipLayerMachine,
  IdentityLayerMachine,
  init,
  MachineStateError,
  newGzipLayerMachine,
  ParallelGzip,
  ParallelGzipLayerMachine,
  VarveError,
} from "../../src/core/index.js";
import { concat, mixed, randomBytes, text } from "../fixtures/bytes.js";
import { encode, piecesOf } from "../fixtures/encode.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { SEGMENT_SIZE } from "../fixtures/wasm.js";

beforeAll(() => init());

const noise = randomBytes(2 * SEGMENT_SIZE, 1);

const machines: readonly { name: string; make: () => Encoder }[] = [
  { name: "Gzip", make: () => new Gzip(1) },
  { name: "GzipLayerMachine", make: () => new GzipLayerMachine(1) },
  { name: "NativeGzipLayerMachine", make: () => newGzipLayerMachine(1, { sha256: "native" }) },
  { name: "ParallelGzip", make: () => new ParallelGzip(1, { threads: 3 }) },
  { name: "ParallelGzipLayerMachine", make: () => new ParallelGzipLayerMachine(1, { threads: 3 }) },
  { name: "IdentityLayerMachine", make: () => new IdentityLayerMachine() },
];

const layerMachines = [
  { name: "GzipLayerMachine", make: () => new GzipLayerMachine(1) },
  { name: "NativeGzipLayerMachine", make: () => newGzipLayerMachine(1, { sha256: "native" }) },
  { name: "ParallelGzipLayerMachine", make: () => new ParallelGzipLayerMachine(1, { threads: 3 }) },
  { name: "IdentityLayerMachine", make: () => new IdentityLayerMachine() },
];

function expectRefused(call: () => unknown, advice: RegExp): void {
  expect(call).toThrow(MachineStateError);
  expect(call).toThrow(VarveError);
  expect(call).toThrow(expect.objectContaining({ code: "ERR_VARVE_MACHINE_STATE", retryable: false }));
  expect(call).toThrow(advice);
}

describe.each(machines)("$name", ({ make }) => {
  it("takes no more than fills a segment that makes output, and nothing before the output is taken", () => {
    const machine = make();
    expect(machine.take()).toBeUndefined();
    expect(machine.update(noise, 0)).toBe(SEGMENT_SIZE);
    expect(machine.update(noise, SEGMENT_SIZE)).toBe(SEGMENT_SIZE);
    expect(machine.take()?.length).toBeGreaterThanOrEqual(65_536);
    expect(machine.take()).toBeUndefined();
    expect(machine.update(noise, SEGMENT_SIZE)).toBe(2 * SEGMENT_SIZE);
    machine.release();
  });

  it("takes from the offset it is given, and nothing from a chunk's end or an empty chunk", () => {
    const machine = make();
    expect(machine.update(noise, 2 * SEGMENT_SIZE - 10)).toBe(2 * SEGMENT_SIZE);
    expect(machine.update(noise, 2 * SEGMENT_SIZE)).toBe(2 * SEGMENT_SIZE);
    expect(machine.update(new Uint8Array(0), 0)).toBe(0);
    const output = concat(...piecesOf(machine, []));
    expectSameBytes(output, encode(make(), noise.subarray(-10)));
    machine.release();
  });

  it("hands out views into its memory, valid until its next call", () => {
    const machine = make();
    machine.update(noise, 0);
    const view = machine.take() as Uint8Array;
    const copy = view.slice();
    expect(view.buffer.byteLength).toBeGreaterThan(SEGMENT_SIZE);
    // Nothing else in the program moves it: other machines, hashes.
    const other = make();
    encode(other, noise);
    expectSameBytes(view, copy);
    expect(machine.update(noise, SEGMENT_SIZE)).toBe(2 * SEGMENT_SIZE);
    machine.release();
  });

  it("refuses to end while output is ready, and ends once it is taken", () => {
    const machine = make();
    machine.update(noise, 0);
    expectRefused(() => machine.finish(), /take it before/);
    expect(machine.take()).toBeDefined();
    machine.finish();
    machine.release();
  });

  it("refuses input after its end, and lets the end be said again", () => {
    const machine = make();
    machine.update(noise, SEGMENT_SIZE + 10);
    machine.finish();
    machine.finish();
    expectRefused(() => machine.update(noise, 0), /make a new machine/);
    const rest = machine.take()?.slice();
    machine.finish();
    expect(machine.take()).toBeUndefined();
    expectSameBytes(rest as Uint8Array, encode(make(), noise.subarray(SEGMENT_SIZE + 10)));
    machine.release();
  });

  it("refuses everything after its release, which may be said again", () => {
    for (const finished of [false, true]) {
      const machine = make();
      if (finished) machine.finish();
      machine.release();
      machine.release();
      expectRefused(() => machine.update(noise, 0), /released/);
      expectRefused(() => machine.take(), /released/);
      expectRefused(() => machine.finish(), /released/);
      machine.release();
    }
  });

  it("gives its instance back once, however often it is released", () => {
    const first = make();
    first.release();
    first.release();
    // Were the instance in the pool twice, two of these would share it.
    const several = Array.from({ length: 6 }, make);
    const inputs = several.map((_, i) => text(10_000, 2 + i));
    for (const [i, machine] of several.entries()) machine.update(inputs[i] as Uint8Array, 0);
    for (const [i, machine] of several.entries()) {
      expectSameBytes(concat(...piecesOf(machine, [])), encode(make(), inputs[i] as Uint8Array));
      machine.release();
    }
  });

  it("may be given up at any point, and leaves nothing behind for the next", () => {
    const input = mixed(SEGMENT_SIZE + 5000, 3);
    const expected = encode(make(), input);
    for (const stop of [
      "at once",
      "within a segment",
      "with output ready",
      "with output taken",
      "at its end",
    ]) {
      const machine = make();
      if (stop === "within a segment") machine.update(noise, 2 * SEGMENT_SIZE - 1000);
      if (stop === "with output ready" || stop === "with output taken") machine.update(noise, 0);
      if (stop === "with output taken") machine.take();
      if (stop === "at its end") machine.finish();
      machine.release();
      expectSameBytes(encode(make(), input), expected);
    }
  });
});

describe.each(layerMachines)("the result of $name", ({ make }) => {
  it("is refused before the end, and given as soon as the end is said, before and after the release", () => {
    const machine = make();
    expectRefused(() => machine.result(), /before finish/);
    machine.update(text(100, 4), 0);
    expectRefused(() => machine.result(), /before finish/);
    machine.finish();
    const result = machine.result();
    expect(result.uncompressedSize).toBe(100);
    machine.take();
    machine.release();
    expect(machine.result()).toEqual(result);
  });

  it("is never given for a stream that was given up", () => {
    const machine = make();
    machine.update(text(100, 5), 0);
    machine.release();
    expectRefused(() => machine.result(), /before finish/);
  });
});
