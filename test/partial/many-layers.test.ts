import { afterEach, describe, expect, it, vi } from "vitest";
import { hashOf } from "../../src/bytes/index.js";
import { type CompressedImageCore, compressedToImage, uncompressedToImage } from "../../src/partial/index.js";
import {
  encodeConfigFile,
  encodeManifest,
  ociConfigJSON,
  ociLayer,
  ociManifestSchema1,
} from "../../src/v1/index.js";
import { rejection } from "../stream/fixture/reading.js";
import { compressedLayer, contents, hashOfBytes, stranger, uncompressedCore } from "./fixture/objects.js";

const LAYERS = 200;
const digests = Array.from({ length: LAYERS }, (_, i) => hashOfBytes(Uint8Array.of(i, 1)));
const diffIDs = Array.from({ length: LAYERS }, (_, i) => hashOfBytes(Uint8Array.of(i, 2)));

afterEach(() => {
  vi.restoreAllMocks();
});

async function coreOfMany(): Promise<CompressedImageCore> {
  const config = encodeConfigFile({
    architecture: "amd64",
    os: "linux",
    rootfs: { type: "layers", diffIDs },
    config: {},
  });
  const manifest = encodeManifest({
    schemaVersion: 2,
    mediaType: ociManifestSchema1,
    config: { mediaType: ociConfigJSON, size: config.length, digest: await hashOf(config) },
    layers: digests.map((digest) => ({ mediaType: ociLayer, size: 2, digest })),
  });
  return {
    mediaType: async () => ociManifestSchema1,
    rawManifest: async () => manifest,
    rawConfigFile: async () => config,
    layerByDigest: async (digest) => ({ ...compressedLayer(Uint8Array.of(1)), digest: async () => digest }),
  };
}

describe("compressedToImage", () => {
  it("looks through manifest and configuration as often, however many layers are looked for by diffID", async () => {
    const image = compressedToImage(await coreOfMany());
    const parse = vi.spyOn(JSON, "parse");
    for (const [index, diffID] of diffIDs.entries()) {
      expect(await (await image.layerByDiffID(diffID)).digest()).toEqual(digests[index]);
    }
    expect(parse.mock.calls.length).toBeLessThan(10);
    expect(await rejection(image.layerByDiffID(stranger))).toMatchObject({ code: "ERR_VARVE_BLOB_UNKNOWN" });
  });

  it("does not remember that it could not look", async () => {
    const core = await coreOfMany();
    let isThere = false;
    const image = compressedToImage({
      ...core,
      rawConfigFile: () => (isThere ? core.rawConfigFile() : Promise.reject(new Error("offline"))),
    });
    expect(await rejection(image.layerByDiffID(diffIDs[0]!))).toMatchObject({ message: "offline" });
    isThere = true;
    expect(await (await image.layerByDiffID(diffIDs[0]!)).digest()).toEqual(digests[0]);
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
