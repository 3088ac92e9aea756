import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import * as compare from "../../src/compare/index.js";
import * as empty from "../../src/empty/index.js";
import { compressedToImage, compressedToLayer } from "../../src/partial/index.js";
import { newLayer } from "../../src/static/index.js";
import { newLayer as newStreamingLayer } from "../../src/stream/index.js";
import { encodeConfigFile, type Layer, NotComputedError } from "../../src/v1/index.js";
import { contentOf } from "../bytes/fixture/streams.js";
import { child, indexOf } from "../partial/fixture/indexes.js";
import { compressedCore, compressedLayer, hashOfBytes, stranger } from "../partial/fixture/objects.js";
import { text } from "../stream/fixture/bytes.js";
import { rejection } from "../stream/fixture/reading.js";
import { forbidUnhandledRejections } from "../stream/fixture/turns.js";

forbidUnhandledRejections();

async function differences(comparison: Promise<void>): Promise<readonly compare.Difference[]> {
  const error = await rejection(comparison);
  expect(error).toBeInstanceOf(compare.DifferentError);
  expect(error).toMatchObject({ code: "ERR_VARVE_DIFFERENT" });
  return (error as compare.DifferentError).differences;
}

describe("compare.layers", () => {
  it("holds for layers with the same facts, wherever they are", async () => {
    const bytes = text("hello");
    const inner = { ...compressedLayer(bytes, "a/b"), diffID: async () => hashOfBytes(bytes) };
    await compare.layers(newLayer(bytes, "a/b"), compressedToLayer(inner));
    expect(inner.journal.opened).toBe(0);
  });

  it("tells every difference, with both values", async () => {
    const a = newLayer(text("hello"), "a/b");
    const b = newLayer(text("hello!"), "c/d");
    expect(await differences(compare.layers(a, b))).toEqual([
      { fact: "digest", a: String(await a.digest()), b: String(await b.digest()) },
      { fact: "diffID", a: String(await a.digest()), b: String(await b.digest()) },
      { fact: "size", a: "5", b: "6" },
      { fact: "mediaType", a: "a/b", b: "c/d" },
    ]);
    const error = (await rejection(compare.layers(a, b))) as Error;
    expect(error.message.split("\n")).toHaveLength(5);
    expect(error.message).toContain('\nsize: "5" != "6"\n');
  });

  it("tells a difference alone", async () => {
    const bytes = text("hello");
    const other: Layer = Object.assign(Object.create(newLayer(bytes, "a/b")), {
      ...layerFacts(newLayer(bytes, "a/b")),
      diffID: async () => stranger,
    });
    expect(
      (await differences(compare.layers(newLayer(bytes, "a/b"), other))).map(({ fact }) => fact),
    ).toEqual(["diffID"]);
  });

  it("fails as a layer does that has not been read, and leaves it whole", async () => {
    const layer = newStreamingLayer([text("hello")]);
    expect(await rejection(compare.layers(newLayer(text("hello"), "a/b"), layer))).toBeInstanceOf(
      NotComputedError,
    );
    expect(gunzipSync(await contentOf(await layer.compressed())).toString()).toBe("hello");
  });
});

function layerFacts(layer: Layer): Pick<Layer, "digest" | "size" | "mediaType"> {
  return {
    digest: () => layer.digest(),
    size: () => layer.size(),
    mediaType: () => layer.mediaType(),
  };
}

describe("compare.images", () => {
  it("holds for the same image twice", async () => {
    await compare.images(compressedToImage(compressedCore()), compressedToImage(compressedCore()));
    await compare.images(empty.image, empty.image);
  });

  it("tells every difference, those of the layers that both have included", async () => {
    const core = compressedCore();
    const image = compressedToImage(core);
    const manifest = await image.manifest();
    const config = encodeConfigFile({ ...(await image.configFile()), author: "somebody else" });
    const other = Object.assign(Object.create(image), {
      rawConfigFile: async () => config,
      configName: async () => hashOfBytes(config),
      manifest: async () => ({ ...manifest, annotations: { a: "\u001b[2J" } }),
      layers: async () => [...(await image.layers()).slice(1), (await image.layers())[0]].slice(0, 2),
      digest: async () => stranger,
      size: async () => 7,
      mediaType: async () => "a/b",
    });
    const found = await differences(compare.images(image, other));
    const names = found.map(({ fact }) => fact);
    expect(names.slice(0, 6)).toEqual([
      "digest",
      "configName",
      "manifest",
      "size",
      "mediaType",
      "number of layers",
    ]);
    expect(names.slice(6)).toEqual([
      "layers[0].digest",
      "layers[0].diffID",
      "layers[0].size",
      "layers[1].digest",
      "layers[1].diffID",
      "layers[1].size",
    ]);
    const { message } = (await rejection(compare.images(image, other))) as Error;
    expect(message).toMatch(/^images differ:\n/);
    expect(message).toMatch(/\nmanifest from character \d+ on: "[^\n]*\\\\u001b\[2J[^\n]*\n/);
    expect(message).toMatch(/\nnumber of layers: "3" != "2"\n/);
    expect(message).toMatch(/^[ -~\n]*$/);
  });

  it("compares the empty image with another without asking for layers that it hasn't", async () => {
    const facts = (await differences(compare.images(empty.image, compressedToImage(compressedCore())))).map(
      ({ fact }) => fact,
    );
    expect(facts).toContain("number of layers");
    expect(facts.filter((fact) => fact.startsWith("layers["))).toEqual([]);
  });
});

describe("compare.indexes", () => {
  it("holds for the same index, without opening its children", async () => {
    const children = [child("image"), child("index")];
    await compare.indexes(indexOf(children), indexOf(children));
    await compare.indexes(empty.index, empty.index);
  });

  it("tells every difference", async () => {
    const index = indexOf([child("image")]);
    const other = Object.assign(Object.create(indexOf([child("other")])), { mediaType: async () => "a/b" });
    expect((await differences(compare.indexes(index, other))).map(({ fact }) => fact)).toEqual([
      "digest",
      "manifest",
      ...((await index.size()) === (await other.size()) ? [] : ["size"]),
      "mediaType",
    ]);
  });
});
