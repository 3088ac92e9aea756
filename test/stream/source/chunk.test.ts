import { createContext, runInContext } from "node:vm";
import { describe, expect, it } from "vitest";
import { SourceError } from "../../../src/stream/index.js";
import { chunkOf, describe as describeValue, isBytes } from "../../../src/stream/source/chunk.js";
import { outgrown, transferred } from "../../fixtures/gone.js";

const foreign = createContext({});

describe("chunkOf", () => {
  it("gives a Uint8Array back as it is", () => {
    const bytes = new Uint8Array([1, 2, 3]);
    expect(chunkOf(bytes)).toBe(bytes);
    const buffer = Buffer.from([1, 2, 3]);
    expect(chunkOf(buffer)).toBe(buffer);
  });

  it.each([
    ["an ArrayBuffer", new Uint8Array([1, 2, 3, 4]).buffer, [1, 2, 3, 4]],
    ["a DataView of a part", new DataView(new Uint8Array([1, 2, 3, 4]).buffer, 1, 2), [2, 3]],
    ["an Int8Array", new Int8Array([-1, 1]), [255, 1]],
    ["a Uint16Array of a part", new Uint16Array(new Uint8Array([9, 9, 1, 2]).buffer, 2), [1, 2]],
    ["a Float64Array of zero", new Float64Array(1), [0, 0, 0, 0, 0, 0, 0, 0]],
    ["a SharedArrayBuffer", new SharedArrayBuffer(2), [0, 0]],
    ["a Uint8Array of another realm", runInContext("new Uint8Array([7, 8])", foreign), [7, 8]],
    ["an ArrayBuffer of another realm", runInContext("new Uint8Array([7, 8]).buffer", foreign), [7, 8]],
  ])("shows the bytes of %s", (_, value, bytes) => {
    expect(isBytes(value)).toBe(true);
    expect([...chunkOf(value)]).toEqual(bytes);
  });

  it("does not copy", () => {
    const words = new Uint16Array(2);
    expect(chunkOf(words).buffer).toBe(words.buffer);
  });

  it.each([
    ["a string", "text"],
    ["a number", 7],
    ["a boolean", true],
    ["null", null],
    ["undefined", undefined],
    ["an array", [1, 2, 3]],
    ["an object (Object)", {}],
    ["an object (Promise)", Promise.resolve()],
    ["an object (Blob)", new Blob([])],
    ["an object", Object.create(null)],
    ["a function", () => {}],
    ["a symbol", Symbol("s")],
    ["a bigint", 7n],
  ])("refuses %s by its kind", (kind, value) => {
    expect(isBytes(value)).toBe(false);
    expect(() => chunkOf(value)).toThrow(SourceError);
    expect(() => chunkOf(value)).toThrow(`gave ${kind} as a chunk`);
  });

  it.each([
    ["a Uint8Array that was transferred", transferred(new Uint8Array(3))],
    ["a Float64Array that was transferred", transferred(new Float64Array(3))],
    ["a DataView that was transferred", transferred(new DataView(new ArrayBuffer(3)))],
    ["an ArrayBuffer that was transferred", transferred(new ArrayBuffer(3))],
    ["a Uint8Array whose buffer was made shorter", outgrown()],
  ])("refuses %s, which looks empty", (_, value) => {
    expect(() => chunkOf(value)).toThrow(SourceError);
    expect(() => chunkOf(value)).toThrow(/had been transferred/);
  });

  it.each([
    ["view", new Uint8Array(0)],
    ["DataView", new DataView(new ArrayBuffer(0))],
    ["buffer", new ArrayBuffer(0)],
    ["SharedArrayBuffer", new SharedArrayBuffer(0)],
  ])("takes an empty %s for no bytes", (_, value) => {
    expect(chunkOf(value).length).toBe(0);
  });

  it("tells what to do about text, and never shows it", () => {
    expect(() => chunkOf("secret")).toThrow(/TextEncoder.*setEncoding/);
    expect(() => chunkOf("secret")).not.toThrow(/secret/);
    expect(() => chunkOf(7)).toThrow(/Uint8Array/);
  });

  it("does not let an object's own name into a message", () => {
    expect(describeValue({ constructor: { name: "\u001b[31m red" } })).toBe("an object");
    expect(describeValue({ constructor: undefined })).toBe("an object");
  });
});
