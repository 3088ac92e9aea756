import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { wasmFile } from "../fixtures/wasm.js";
import { readWasm } from "../fixtures/wasm-reader.js";

const source = readFileSync(new URL("../../assembly/sha512.ts", import.meta.url), "utf8");
const bytes = wasmFile("sha512");
const facts = readWasm(bytes);

/** The rows of the drawing that have a name. */
const drawing = [...source.matchAll(/^ \* {5}(0x[0-9a-f]{6}) +(0x[0-9a-f]{5}) +([A-Z][A-Z0-9_]+)/gm)].map(
  ([, address, size, name]) => ({ name: name!, address: Number(address), size: Number(size) }),
);

describe("sha512.wasm", () => {
  it("is at most 8192 bytes, imports nothing, and has two pages that don't grow", () => {
    expect(bytes.length).toBeLessThanOrEqual(8192);
    expect(WebAssembly.Module.imports(new WebAssembly.Module(bytes))).toEqual([]);
    expect(facts.memory).toEqual({ initial: 2, maximum: 2 });
  });

  it("has its regions where the drawing has them, in order and apart", () => {
    const constants = [...source.matchAll(/^const (SHA512_[A-Z]+): usize = (0x[0-9a-f]+);$/gm)];
    expect(drawing.map(({ name, address }) => [name, address])).toEqual(
      constants.map(([, name, value]) => [name, Number(value)]),
    );
    expect(drawing.length).toBe(5);
    for (const [i, { name, address, size }] of drawing.entries()) {
      expect(address + size, name).toBeLessThanOrEqual(drawing[i + 1]?.address ?? 2 * 65_536);
      expect(address % 8, name).toBe(0);
    }
  });

  it("keeps the compiler's constants between the last two", () => {
    expect(facts.data.length).toBeGreaterThan(0);
    for (const { address, size } of facts.data) {
      expect(address).toBeGreaterThanOrEqual(0x400);
      expect(address + size).toBeLessThanOrEqual(0x1000);
    }
  });

  it("exports its regions", () => {
    const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
    const value = (name: string): number => (exports[name] as WebAssembly.Global).value;
    const address = (name: string): number => drawing.find((region) => region.name === name)!.address;
    expect(["STATE", "DIGEST", "INPUT"].map(value)).toEqual(
      ["SHA512_STATE", "SHA512_DIGEST", "SHA512_INPUT"].map(address),
    );
    expect(value("INPUT_SIZE")).toBe(drawing.at(-1)?.size);
  });
});
