import { describe, expect, it } from "vitest";
import * as partial from "../../src/partial/index.js";
import type { CallOptions, Hash, Image, ImageIndex, Layer } from "../../src/v1/index.js";
import { expectToCloseContent, expectToHeedAborts, layerOver, whole } from "../fixtures/stuck.js";
import { rejection } from "../stream/fixture/reading.js";
import { forbidUnhandledRejections } from "../stream/fixture/turns.js";

forbidUnhandledRejections();

type Call<Of> = (object: Of, options: CallOptions) => Promise<unknown>;

async function firstDigest(): Promise<Hash> {
  return (await whole.image.layers())[0]!.digest();
}

async function firstDiffID(): Promise<Hash> {
  return (await whole.image.layers())[0]!.diffID();
}

describe("a call that is aborted while an object doesn't answer ends at once", () => {
  it.each<[string, Call<Image>]>([
    ["configFile", partial.configFile],
    ["configName", partial.configName],
    ["rawConfigFile", partial.rawConfigFile],
    ["configLayer", partial.configLayer],
    ["diffIDs", partial.diffIDs],
    ["manifest", partial.manifest],
    ["rawManifest", partial.rawManifest],
    ["digest", partial.digest],
    ["size", partial.size],
    ["fsLayers", partial.fsLayers],
    ["blobDescriptor", async (image, options) => partial.blobDescriptor(image, await firstDigest(), options)],
    ["blobSize", async (image, options) => partial.blobSize(image, await firstDigest(), options)],
    ["blobToDiffID", async (image, options) => partial.blobToDiffID(image, await firstDigest(), options)],
    ["diffIDToBlob", async (image, options) => partial.diffIDToBlob(image, await firstDiffID(), options)],
    ["descriptor", partial.descriptor],
    ["artifactType", partial.artifactType],
    ["layers of compressedToImage", (core, options) => partial.compressedToImage(core).layers(options)],
    [
      "layerByDiffID of compressedToImage",
      async (core, options) => partial.compressedToImage(core).layerByDiffID(await firstDiffID(), options),
    ],
    ["digest of compressedToImage", (core, options) => partial.compressedToImage(core).digest(options)],
    ["digest of uncompressedToImage", (core, options) => partial.uncompressedToImage(core).digest(options)],
  ])("%s, of an image", (_, call) => expectToHeedAborts("image", call));

  it.each<[string, Call<ImageIndex>]>([
    ["findManifests", (index, options) => partial.findManifests(index, () => true, options)],
    ["findImages", (index, options) => partial.findImages(index, () => true, options)],
    ["findIndexes", (index, options) => partial.findIndexes(index, () => true, options)],
    ["manifests", partial.manifests],
    ["computeManifests", partial.computeManifests],
    ["descriptor", partial.descriptor],
  ])("%s, of an index", (_, call) => expectToHeedAborts("index", call));

  it.each<[string, Call<Layer>]>([
    ["descriptor", partial.descriptor],
    ["exists", partial.exists],
    ["uncompressedSize", partial.uncompressedSize],
    ["diffID of compressedToLayer", (layer, options) => bare(layer).diffID(options)],
    ["digest of uncompressedToLayer", (layer, options) => partial.uncompressedToLayer(layer).digest(options)],
    ["size of uncompressedToLayer", (layer, options) => partial.uncompressedToLayer(layer).size(options)],
  ])("%s, of a layer", (_, call) => expectToHeedAborts("layer", call));

  it.each<[string, Call<object>]>([
    ["exists", (object, options) => partial.exists(object as Layer, options)],
    ["uncompressedSize", (object, options) => partial.uncompressedSize(object as Layer, options)],
    ["descriptor", (object, options) => partial.descriptor(object as Layer, options)],
    ["artifactType", (object, options) => partial.artifactType(object as Image, options)],
    ["configLayer", (object, options) => partial.configLayer(object as Image, options)],
    ["manifests", (object, options) => partial.manifests(object as ImageIndex, options)],
  ])("%s, by an object's own method", async (method, call) => {
    const controller = new AbortController();
    const object = { [method]: () => new Promise<never>(() => {}) };
    const outcome = rejection(call(object, { signal: controller.signal }));
    controller.abort("enough");
    expect(await outcome).toBe("enough");
  });
});

describe("a call that is aborted while content opens, or is read, closes it once and ends at once", () => {
  it.each<[string, Call<Layer>]>([
    ["uncompressedSize", partial.uncompressedSize],
    ["diffID of compressedToLayer", (layer, options) => bare(layer).diffID(options)],
    ["uncompressed of compressedToLayer", async (layer, options) => read(bare(layer).uncompressed(options))],
    ["digest of uncompressedToLayer", (layer, options) => partial.uncompressedToLayer(layer).digest(options)],
    [
      "compressed of uncompressedToLayer",
      (layer, options) => read(partial.uncompressedToLayer(layer).compressed(options)),
    ],
  ])("%s", (_, call) => expectToCloseContent((open, options) => call(layerOver(open), options)));

  it("exists, which reads nothing", async () => {
    const closed: unknown[] = [];
    let arrive = (_: ReadableStream<Uint8Array>): void => {};
    const opening = new Promise<ReadableStream<Uint8Array>>((resolve) => {
      arrive = resolve;
    });
    const controller = new AbortController();
    const outcome = rejection(
      partial.exists(
        layerOver(() => opening),
        { signal: controller.signal },
      ),
    );
    await whole.layer.digest();
    controller.abort("enough");
    expect(await outcome).toBe("enough");
    arrive(new ReadableStream({ cancel: (reason) => void closed.push(reason) }));
    await new Promise((resolve) => setTimeout(resolve));
    expect(closed).toEqual(["enough"]);
  });
});

/** A whole layer of the four methods, whose own diffID is not known. */
function bare({ digest, size, mediaType, compressed }: Layer): Layer {
  return partial.compressedToLayer({ digest, size, mediaType, compressed });
}

async function read(opening: Promise<ReadableStream<Uint8Array>>): Promise<void> {
  for await (const _ of await opening);
}
