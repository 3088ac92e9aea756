import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { essence, ownMediaType, readManifest } from "../../src/registry/manifest-facts.js";
import { RefusalError } from "../../src/registry/refusal.js";
import { digestOf } from "./exchange.js";

const IMAGE = "application/vnd.oci.image.manifest.v1+json";
const INDEX = "application/vnd.oci.image.index.v1+json";
const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

describe("readManifest", () => {
  const digest = digestOf("x");

  it("finds an image's subject, annotations and type", () => {
    const image = {
      subject: { digest, mediaType: IMAGE, size: 1 },
      annotations: { a: "b" },
      artifactType: "application/x",
      config: { mediaType: "application/y" },
      manifests: [{ mediaType: IMAGE, digest }],
    };
    const facts = readManifest(IMAGE, bytes(image));
    expect(String(facts.subject)).toBe(digest);
    expect(facts).toMatchObject({ annotations: { a: "b" }, artifactType: "application/x", children: [] });
  });

  it("takes the configuration's type for an image that has none of its own", () => {
    for (const artifactType of [undefined, ""]) {
      const image = { artifactType, config: { mediaType: "application/y" } };
      expect(readManifest(IMAGE, bytes(image)).artifactType).toBe("application/y");
    }
    expect(readManifest(IMAGE, bytes({ config: {} }))).toEqual({ children: [] });
  });

  it("finds those children of an index that are images or indexes, by their types without parameters", () => {
    const manifests = [IMAGE, `${INDEX}; charset=utf-8`, "application/x", undefined].map((mediaType, i) => ({
      mediaType,
      digest: digestOf(String(i)),
    }));
    const { children } = readManifest(INDEX.toUpperCase(), bytes({ manifests }));
    expect(children.map(String)).toEqual([digestOf("0"), digestOf("1")]);
  });

  it("takes absent and null lists and subjects for none", () => {
    for (const manifest of [{}, { manifests: null, subject: null }, { manifests: [] }]) {
      expect(readManifest(INDEX, bytes(manifest))).toEqual({ children: [] });
    }
  });

  it.each([[[]], ["x"], [1], [{ a: null }], [{ a: 1 }], [{ a: "b", c: ["d"] }]])(
    "refuses %j for annotations, which are texts",
    (annotations) => {
      for (const type of [IMAGE, INDEX]) {
        expect(() => readManifest(type, bytes({ annotations }))).toThrow(RefusalError);
      }
    },
  );

  it("refuses bytes that are not UTF-8, which would not be the text that was hashed", () => {
    const text = Uint8Array.of(...bytes({ a: "b" }).slice(0, -2), 0xff, 0x22, 0x7d);
    expect(() => readManifest(IMAGE, text)).toThrow(RefusalError);
  });

  it("reads or refuses any JSON, and fails in no other way", () => {
    const digests = fc.constantFrom(digest, "x", "", null, 1, {});
    const descriptor = fc.oneof(
      fc.jsonValue(),
      fc.record({ digest: digests, mediaType: fc.constantFrom(IMAGE, 1, "") }),
    );
    const manifest = fc.oneof(
      fc.jsonValue(),
      fc.record(
        {
          subject: descriptor,
          manifests: fc.oneof(fc.jsonValue(), fc.array(descriptor)),
          config: descriptor,
          annotations: fc.jsonValue(),
          artifactType: fc.jsonValue(),
        },
        { requiredKeys: [] },
      ),
    );
    fc.assert(
      fc.property(manifest, fc.constantFrom(IMAGE, INDEX), (value, type) => {
        try {
          readManifest(type, bytes(value));
        } catch (error) {
          expect(error).toMatchObject({ status: 400, protocolCode: "MANIFEST_INVALID" });
        }
      }),
      { numRuns: 500 },
    );
  });

  it("does not look into other types", () => {
    expect(readManifest("application/x", bytes({ subject: "x" }))).toEqual({ children: [] });
    expect(readManifest("", new Uint8Array(3))).toEqual({ children: [] });
  });
});

describe("ownMediaType", () => {
  it.each([
    [{ mediaType: IMAGE }, IMAGE],
    [{ mediaType: "a/b\r\nSet-Cookie: x" }, undefined],
    [{ mediaType: "a/b; c=d" }, undefined],
    [{ mediaType: "" }, undefined],
    [{ mediaType: 1 }, undefined],
    [{}, undefined],
    [[], undefined],
  ])("of %j is %j", (manifest, mediaType) => {
    expect(ownMediaType(bytes(manifest))).toBe(mediaType);
  });
});

describe("essence", () => {
  it.each([
    ["a/b", "a/b"],
    ["A/B;c=d", "a/b"],
    [" a/b ; c", "a/b"],
    ["", ""],
  ])("of %j is %j", (contentType, expected) => {
    expect(essence(contentType)).toBe(expected);
  });
});
