import { gzipSync } from "node:zlib";
import { beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import {
  type Encoder,
  Gunzip,
  GunzipLayerMachine,
  Gzip,
  Inflate,
  init,
  MachineStateError,
} from "../../src/core/index.js";
import { concat, mixed, randomBytes, text } from "../fixtures/bytes.js";
import { cut, encode } from "../fixtures/encode.js";
import { deflateOf } from "../fixtures/gunzip.js";
import { inflated } from "../fixtures/inflate.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";

beforeAll(() => init());

const data = concat(mixed(900_000, 1), new Uint8Array(2_000_000), text(100_000, 2));
const gzip = new Uint8Array(gzipSync(data));

const machines: readonly { name: string; make: () => Encoder; input: Uint8Array }[] = [
  { name: "Gunzip", make: () => new Gunzip(), input: gzip },
  { name: "GunzipLayerMachine", make: () => new GunzipLayerMachine(), input: gzip },
  { name: "Inflate", make: () => new Inflate(), input: deflateOf(gzip) },
];

function expectRefused(call: () => unknown, advice: RegExp): void {
  expect(call).toThrow(MachineStateError);
  expect(call).toThrow(advice);
}

describe.each(machines)("$name", ({ make, input }) => {
  it("gives the same bytes for every way of cutting the input", () => {
    for (const lengths of [[input.length], [1, 0, 70_000], [3, 1000], [32_768], [32_769, 5], [0, 131_072]]) {
      const { output, error } = inflated(make(), cut(input, lengths));
      expect(error).toBeUndefined();
      expectSameBytes(output, data);
    }
  });

  it("holds output until it is taken, takes no input when there is no more room, and says how far it came", () => {
    const machine = make();
    let offset = 0;
    for (let again = 0; again < 5; again++) offset = machine.update(input, offset);
    expect(offset).toBeGreaterThan(0);
    expect(offset).toBeLessThan(input.length);
    const stuck = offset;
    expect(machine.update(input, offset)).toBe(stuck);
    expectRefused(() => machine.finish(), /take it before/);
    const view = machine.take() as Uint8Array;
    expect(view.length).toBeGreaterThanOrEqual(131_072);
    expectSameBytes(view, data.subarray(0, view.length));
    expect(machine.take()).toBeUndefined();
    expect(machine.update(input, offset)).toBeGreaterThan(offset);
    machine.release();
  });

  it("adds to output that waits, as one view, until it is taken", () => {
    const machine = make();
    for (let at = 0; at < 20_000; at += 100) {
      expect(machine.update(input.subarray(at, at + 100), 0)).toBe(100);
    }
    const view = machine.take() as Uint8Array;
    const { output } = inflated(make(), [input.subarray(0, 20_000)]);
    expectSameBytes(view, output);
    machine.release();
  });

  it("hands out views into its memory, valid until its next call, whatever others do", () => {
    const machine = make();
    machine.update(input, 0);
    const view = machine.take() as Uint8Array;
    const copy = view.slice();
    expect(view.buffer.byteLength).toBeGreaterThan(1_000_000);
    inflated(make(), [input]);
    encode(new Gzip(1), data);
    expectSameBytes(view, copy);
    machine.release();
  });

  it("takes from the offset it is given, and nothing from an empty chunk or a chunk's end", () => {
    const machine = make();
    expect(machine.update(new Uint8Array(0), 0)).toBe(0);
    expect(machine.update(concat(new Uint8Array(9), input.subarray(0, 50)), 9)).toBe(59);
    expect(machine.update(input.subarray(0, 50), 50)).toBe(50);
    const output = [machine.take()?.slice() ?? new Uint8Array(0)];
    for (let offset = 50; offset < input.length; ) {
      offset = machine.update(input, offset);
      output.push(machine.take()?.slice() ?? new Uint8Array(0));
    }
    machine.finish();
    expectSameBytes(concat(...output), data);
    machine.release();
  });

  it("is finished once, takes no more input then, and is released at any time", () => {
    const machine = make();
    for (let offset = 0; offset < input.length; machine.take()) offset = machine.update(input, offset);
    machine.finish();
    machine.finish();
    expect(machine.take()).toBeUndefined();
    expectRefused(() => machine.update(input, 0), /make a new machine/);
    machine.release();
    machine.release();
    for (const call of [() => machine.update(input, 0), () => machine.take(), () => machine.finish()]) {
      expectRefused(call, /released/);
    }
  });
});

describe("instances", () => {
  beforeEach(() => {
    vi.resetModules();
  });

  it("serve compressing and inflating streams in turn, to the same bytes as new ones", async () => {
    const core = await import("../../src/core/index.js");
    await core.init();
    const noise = randomBytes(300_000, 3);
    const expected = encode(new Gzip(1), data);
    for (let round = 0; round < 3; round++) {
      // Whatever one leaves behind, half-way through or at its end, the other does not see.
      const stopped = new core.Gunzip();
      stopped.update(gzip, 0);
      stopped.release();
      expectSameBytes(encode(new core.Gzip(1), data), expected);
      expectSameBytes(core.gunzip(gzip), data);
      const compressing = new core.GzipLayerMachine(1);
      compressing.update(noise, 0);
      compressing.release();
      const reading = new core.GunzipLayerMachine();
      expectSameBytes(inflated(reading, [gzip]).output, data);
      expectSameBytes(inflated(new core.Inflate(), [deflateOf(gzip)]).output, data);
    }
  });

  it("are not to be had before init()", async () => {
    const core = await import("../../src/core/index.js");
    for (const make of [
      () => new core.Gunzip(),
      () => new core.Inflate(),
      () => new core.GunzipLayerMachine(),
      () => core.gunzip(gzip),
    ]) {
      expect(make).toThrow(core.NotInitializedError);
    }
  });
});
