import { beforeAll, describe, expect, it } from "vitest";
import {
  BytesTypeError,
  ChunkOffsetError,
  crc32,
  describeCheckpoint,
  Gunzip,
  GunzipLayerMachine,
  Gzip,
  GzipLayerMachine,
  gunzip,
  gzip,
  IdentityLayerMachine,
  Inflate,
  init,
  ParallelGzip,
  Sha256,
  Sha512,
  sha256,
  sha512,
} from "../../src/core/index.js";
import { outgrown, transferred } from "../fixtures/gone.js";

beforeAll(() => init());

const bytes = Uint8Array.of(1, 2, 3);

const wrong: readonly [string, unknown][] = [
  ["a string", "hello"],
  ["an ArrayBuffer", bytes.buffer],
  ["a DataView", new DataView(bytes.buffer)],
  ["wider integers", new Uint16Array([300])],
  ["a list of numbers", [1, 2, 3]],
  ["a number", 3],
  ["null", null],
  ["undefined", undefined],
];

it.each([
  ["transferred", transferred(new Uint8Array(3))],
  ["made shorter", outgrown()],
])("bytes whose buffer was %s are refused, instead of being taken for none", (_, gone) => {
  const hash = new Sha256();
  expect(() => hash.update(gone)).toThrow(BytesTypeError);
  expect(() => hash.update(gone)).toThrow(/are gone/);
  hash.digest();
  expect(() => crc32(gone)).toThrow(BytesTypeError);
  expect(() => gzip(gone)).toThrow(BytesTypeError);
  for (const make of machines) {
    const machine = make();
    expect(() => machine.update(gone, 0)).toThrow(BytesTypeError);
    machine.release();
  }
});

const takers: readonly [string, (value: Uint8Array) => unknown][] = [
  ["gzip", (value) => gzip(value)],
  ["gunzip", (value) => gunzip(value)],
  ["sha256", (value) => sha256(value)],
  ["sha512", (value) => sha512(value)],
  ["crc32", (value) => crc32(value)],
  ["Sha256.update", (value) => new Sha256().update(value)],
  ["Sha512.update", (value) => new Sha512().update(value)],
  ["describeCheckpoint", (value) => describeCheckpoint(value)],
  ["Gzip.resume", (value) => Gzip.resume(value)],
  ["Gunzip.resume", (value) => Gunzip.resume(value)],
  ["Sha256.resume", (value) => Sha256.resume(value)],
];

const machines = [
  () => new Gzip(1),
  () => new GzipLayerMachine(1),
  () => new ParallelGzip(1, { threads: 2 }),
  () => new IdentityLayerMachine(),
  () => new Gunzip(),
  () => new GunzipLayerMachine(),
  () => new Inflate(),
];

describe.each(wrong)("%s", (_, value) => {
  it.each(takers)("is refused by %s as no bytes, instead of being taken for others", (_name, take) => {
    expect(() => take(value as Uint8Array)).toThrow(BytesTypeError);
    expect(() => take(value as Uint8Array)).toThrow(expect.objectContaining({ code: "ERR_VARVE_NOT_BYTES" }));
  });

  it("is refused by every machine", () => {
    for (const make of machines) {
      const machine = make();
      expect(() => machine.update(value as Uint8Array, 0)).toThrow(TypeError);
      machine.release();
    }
  });
});

it.each([-1, 4, 0.5, Number.NaN, Number.POSITIVE_INFINITY, undefined])(
  "the offset %s is refused by every machine",
  (offset) => {
    for (const make of machines) {
      const machine = make();
      expect(() => machine.update(bytes, offset as number)).toThrow(ChunkOffsetError);
      expect(machine.update(new Uint8Array(0), 0)).toBe(0);
      machine.release();
    }
  },
);

it("a Buffer is bytes", () => {
  expect(gunzip(gzip(Buffer.from("hello")))).toEqual(new TextEncoder().encode("hello"));
});
