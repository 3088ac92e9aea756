import { describe, expect, it } from "vitest";
import {
  annotations,
  append,
  appendManifests,
  config,
  indexMediaType,
  mediaType,
  subject,
} from "../../src/mutate/index.js";
import type { Descriptor } from "../../src/v1/index.js";
import { JSONError, ociConfigJSON } from "../../src/v1/index.js";
import { imageOf, MemoryLayer, sha256, utf8 } from "./fixture/images.js";
import { indexOf } from "./fixture/indexes.js";

const about: Descriptor = { mediaType: ociConfigJSON, size: 3, digest: sha256(utf8("abc")) };
const other: Descriptor = { ...about, digest: sha256(utf8("other")) };
const layer = new MemoryLayer(utf8("x"));

describe("annotations", () => {
  it("are added to those of an image, and win over them", async () => {
    const base = imageOf([], {}, { annotations: { a: "1", b: "2" } });
    const image = annotations(base, { b: "3", c: "4" });
    expect((await image.manifest()).annotations).toEqual({ a: "1", b: "3", c: "4" });
    expect(await image.layers()).toEqual([]);
  });

  it("are added to those of an index", async () => {
    const index = annotations(indexOf({ annotations: { a: "1" } }), { b: "2" });
    expect((await index.indexManifest()).annotations).toEqual({ a: "1", b: "2" });
  });

  it("are those that were given, whatever the caller does to them afterwards", async () => {
    const given: Record<string, string> = { a: "1" };
    const image = annotations(imageOf([]), given);
    given.b = "2";
    expect((await image.manifest()).annotations).toEqual({ a: "1" });
  });
});

describe("a subject", () => {
  it("is set, on an image and on an index", async () => {
    expect((await subject(imageOf([]), about).manifest()).subject).toEqual(about);
    expect((await subject(indexOf(), about).indexManifest()).subject).toEqual(about);
  });

  it("takes the place of another", async () => {
    expect((await subject(subject(imageOf([]), about), other).manifest()).subject).toEqual(other);
  });

  it("stays through every other mutation of an image", async () => {
    const base = imageOf([], {}, { subject: about });
    const images = [
      append(base, { layer }),
      annotations(base, { a: "b" }),
      config(base, {}),
      mediaType(base, "application/x"),
    ];
    for (const image of images) expect((await image.manifest()).subject).toEqual(about);
  });

  it("stays through every other mutation of an index", async () => {
    const base = indexOf({ subject: about });
    const indexes = [
      appendManifests(base, { add: layer }),
      annotations(base, { a: "b" }),
      indexMediaType(base, "application/x"),
    ];
    for (const index of indexes) expect((await index.indexManifest()).subject).toEqual(about);
  });
});

/** Something of which nothing is known but its manifest. */
function raw(text: string): { rawManifest(): Promise<Uint8Array> } {
  return { rawManifest: async () => utf8(text) };
}

async function textOf(manifest: { rawManifest(): Promise<Uint8Array> }): Promise<string> {
  return new TextDecoder().decode(await manifest.rawManifest());
}

describe("a manifest of unknown kind", () => {
  it("is annotated, whether it has annotations or not, and keeps what is unknown", async () => {
    expect(await textOf(annotations(raw(`{"z":[1,{"y":null,"b":true}],"a":1.5}`), { k: "v" }))).toBe(
      `{"a":1.5,"annotations":{"k":"v"},"z":[1,{"b":true,"y":null}]}`,
    );
    expect(await textOf(annotations(raw(`{"annotations":{"k":"1","o":"2"}}`), { k: "v" }))).toBe(
      `{"annotations":{"k":"v","o":"2"}}`,
    );
    expect(await textOf(annotations(raw(`{"annotations":null}`), { k: "v" }))).toBe(
      `{"annotations":{"k":"v"}}`,
    );
  });

  it("is given a subject, besides annotations", async () => {
    const patched = subject(annotations(raw(`{"size":1}`), { k: "v" }), about);
    expect(JSON.parse(await textOf(patched))).toEqual({
      size: 1,
      annotations: { k: "v" },
      subject: { mediaType: ociConfigJSON, size: 3, digest: String(about.digest) },
    });
    expect(await textOf(subject(raw(`{"annotations":{"a":"b"}}`), about))).toContain(`{"a":"b"}`);
  });

  it("keeps names that are JavaScript's own", async () => {
    expect(await textOf(annotations(raw(`{"__proto__":{"a":1},"10":1,"9":2}`), { k: "v" }))).toBe(
      `{"10":1,"9":2,"__proto__":{"a":1},"annotations":{"k":"v"}}`,
    );
  });

  it("keeps its media type, if it tells it", async () => {
    const typed = { ...raw("{}"), mediaType: async () => "application/x" };
    const patched = annotations(typed, { k: "v" }) as typeof typed;
    expect(await patched.mediaType()).toBe("application/x");
    expect("mediaType" in annotations(raw("{}"), {})).toBe(false);
  });

  it.each([
    ["no JSON", "{"],
    ["no object", "[]"],
    ["annotations that are a list", `{"annotations":[]}`],
    ["an annotation that is a number", `{"annotations":{"a":1}}`],
    ["a number that would be changed", `{"size":9007199254740993}`],
    ["a number that is none afterwards", `{"size":1e400}`],
    ["a deep nest", `{"a":${"[".repeat(101)}${"]".repeat(101)}}`],
    ["a very deep nest", `{"a":${"[".repeat(5000)}${"]".repeat(5000)}}`],
  ])("is refused with %s", async (_, text) => {
    await expect(annotations(raw(text), { k: "v" }).rawManifest()).rejects.toThrow(JSONError);
  });
});
