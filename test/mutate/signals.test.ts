import { describe, it } from "vitest";
import * as empty from "../../src/empty/index.js";
import * as mutate from "../../src/mutate/index.js";
import type { CallOptions, Image, ImageIndex, Layer } from "../../src/v1/index.js";
import { expectToCloseContent, expectToHeedAborts, layerOver, whole } from "../fixtures/stuck.js";
import { forbidUnhandledRejections } from "../stream/fixture/turns.js";

forbidUnhandledRejections();

const then = "2006-01-02T15:04:05Z";

type Call<Of> = (object: Of, options: CallOptions) => Promise<unknown>;

describe("what is aborted while an object doesn't answer ends at once", () => {
  it.each<[string, Call<Image>]>([
    ["layers", (image, options) => mutate.appendLayers(image, whole.layer).layers(options)],
    ["digest", (image, options) => mutate.appendLayers(image, whole.layer).digest(options)],
    ["the digest of a retimed image", (image, options) => mutate.time(image, then).digest(options)],
    ["rebase", (image, options) => mutate.rebase(image, empty.image, whole.image, options)],
    ["rebase, of the old base", (image, options) => mutate.rebase(whole.image, image, empty.image, options)],
    ["rebase, of the new base", (image, options) => mutate.rebase(whole.image, empty.image, image, options)],
    ["extract", (image, options) => read(mutate.extract(image, options))],
  ])("%s, of an image", (_, call) => expectToHeedAborts("image", call));

  it.each<[string, Call<ImageIndex>]>([
    ["digest", (index, options) => mutate.appendManifests(index, { add: whole.image }).digest(options)],
    [
      "manifests",
      (index, options) => childrenOf(mutate.appendManifests(index, { add: whole.image }), options),
    ],
    ["manifests, some removed", (index, options) => childrenOf(mutate.removeManifests(index, no), options)],
  ])("%s, of an index", (_, call) => expectToHeedAborts("index", call));

  it("the digest, of an added layer", () =>
    expectToHeedAborts("layer", (layer, options) => mutate.appendLayers(whole.image, layer).digest(options)));
});

describe("what is aborted while a layer opens, or is read, closes it once and ends at once", () => {
  it.each<[string, Call<Image>]>([
    ["extract", (image, options) => read(mutate.extract(image, options))],
    ["the digest of a retimed image", (image, options) => mutate.time(image, then).digest(options)],
    ["a layer of a retimed image", (image, options) => firstLayer(mutate.time(image, then), options)],
  ])("%s", (_, call) =>
    expectToCloseContent((open, options) => call(mutate.appendLayers(empty.image, layerOver(open)), options)),
  );
});

function no(): boolean {
  return false;
}

function childrenOf(index: ImageIndex, options: CallOptions): Promise<unknown> {
  return (index as ImageIndex & { manifests(options: CallOptions): Promise<unknown> }).manifests(options);
}

async function firstLayer(image: Image, options: CallOptions): Promise<void> {
  const [layer] = await image.layers(options);
  await read(await (layer as Layer).compressed(options));
}

async function read(stream: ReadableStream<Uint8Array>): Promise<void> {
  for await (const _ of stream);
}
