import { describe, expect, it } from "vitest";
import {
  compressedToImage,
  compressedToLayer,
  inner,
  optionalMethod,
  uncompressedToImage,
  uncompressedToLayer,
  unwrap,
} from "../../src/partial/index.js";
import { text } from "../stream/fixture/bytes.js";
import { compressedCore, compressedLayer, uncompressedCore, uncompressedLayer } from "./fixture/objects.js";

describe("unwrap", () => {
  it("reaches what each extender was given, through any nesting", () => {
    const layer = compressedLayer(text("a"));
    const plain = uncompressedLayer(text("a"));
    const core = compressedCore();
    const other = uncompressedCore();
    expect(unwrap(compressedToLayer(layer))).toBe(layer);
    expect(unwrap(uncompressedToLayer(plain))).toBe(plain);
    expect(unwrap(uncompressedToLayer(compressedToLayer(compressedToLayer(layer))))).toBe(layer);
    expect(unwrap(compressedToImage(core))).toBe(core);
    expect(unwrap(compressedToImage(compressedToImage(core)))).toBe(core);
    expect(unwrap(uncompressedToImage(other))).toBe(other);
    expect(unwrap(uncompressedToImage(uncompressedToImage(other)))).toBe(other);
  });

  it("gives an object that wraps none as it is", () => {
    const object = {};
    expect(unwrap(object)).toBe(object);
  });

  it("knows wrappers of another copy of this package by the symbol's registered name", () => {
    const object = {};
    expect(inner).toBe(Symbol.for("varve.partial.inner"));
    expect(unwrap({ [Symbol.for("varve.partial.inner")]: object })).toBe(object);
  });
});

describe("optionalMethod", () => {
  it("gives the outermost method, bound to its own object", async () => {
    const innermost = { size: 1, exists: async () => false, uncompressedSize: async () => 1 };
    const middle = {
      [inner]: innermost,
      size: 2,
      async uncompressedSize() {
        return this.size;
      },
    };
    const outer = { [inner]: middle };
    expect(await optionalMethod(outer, "uncompressedSize")?.()).toBe(2);
    expect(await optionalMethod(outer, "exists")?.()).toBe(false);
    expect(optionalMethod(outer, "descriptor")).toBeUndefined();
  });

  it("takes nothing for a method that is none", () => {
    expect(optionalMethod({ exists: true }, "exists")).toBeUndefined();
    expect(optionalMethod({}, "layer")).toBeUndefined();
  });

  it("finds methods of classes", async () => {
    class Layer {
      readonly #there = true;
      async exists(): Promise<boolean> {
        return this.#there;
      }
    }
    expect(await optionalMethod({ [inner]: new Layer() }, "exists")?.()).toBe(true);
  });
});
