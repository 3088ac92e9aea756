import { afterEach, describe, expect, it, vi } from "vitest";
import { type CompressedImageCore, compressedToImage, uncompressedToImage } from "../../src/partial/index.js";
import { ociManifestSchema1 } from "../../src/v1/index.js";
import { type ManyLayers, manyLayers } from "../fixtures/many-layers.js";
import { rejection } from "../stream/fixture/reading.js";
import { compressedLayer, contents, hashOfBytes, stranger, uncompressedCore } from "./fixture/objects.js";

afterEach(() => {
  vi.restoreAllMocks();
});

function coreOf({ config, manifest }: ManyLayers): CompressedImageCore {
  return {
    mediaType: async () => ociManifestSchema1,
    rawManifest: async () => manifest,
    rawConfigFile: async () => config,
    layerByDigest: async (digest) => ({ ...compressedLayer(Uint8Array.of(1)), digest: async () => digest }),
  };
}

describe("compressedToImage", () => {
  it("looks through manifest and configuration as often, however many layers are looked for by diffID", async () => {
    const many = await manyLayers(200);
    const image = compressedToImage(coreOf(many));
    const parse = vi.spyOn(JSON, "parse");
    for (const [index, diffID] of many.diffIDs.entries()) {
      expect(await (await image.layerByDiffID(diffID)).digest()).toEqual(many.digests[index]);
    }
    expect(parse.mock.calls.length).toBeLessThan(10);
    expect(await rejection(image.layerByDiffID(stranger))).toMatchObject({ code: "ERR_VARVE_BLOB_UNKNOWN" });
  });

  it("does not remember that it could not look", async () => {
    const many = await manyLayers(3);
    const core = coreOf(many);
    const diffID = many.diffIDs[1]!;
    let isThere = false;
    const image = compressedToImage({
      ...core,
      rawConfigFile: () => (isThere ? core.rawConfigFile() : Promise.reject(new Error("offline"))),
    });
    expect(await rejection(image.layerByDiffID(diffID))).toMatchObject({ message: "offline" });
    isThere = true;
    expect(await (await image.layerByDiffID(diffID)).digest()).toEqual(many.digests[1]);
  });
});

describe("uncompressedToImage", () => {
  it("looks through nothing again for a layer that is looked for by its digest", async () => {
    const image = uncompressedToImage(uncompressedCore());
    const { layers = [] } = await image.manifest();
    const parse = vi.spyOn(JSON, "parse");
    for (const [index, { digest }] of layers.entries()) {
      expect(await (await image.layerByDigest(digest)).diffID()).toEqual(hashOfBytes(contents[index]!));
    }
    expect(parse).not.toHaveBeenCalled();
    expect(await rejection(image.layerByDigest(stranger))).toMatchObject({ code: "ERR_VARVE_BLOB_UNKNOWN" });
  });
});
