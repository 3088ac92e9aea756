import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { type UncompressedImageCore, uncompressedToImage } from "../../src/partial/index.js";
import { dockerManifestSchema2, encodeConfigFile, Hash, ociRestrictedLayer } from "../../src/v1/index.js";
import { contentOf } from "../bytes/fixture/streams.js";
import { rejection } from "../stream/fixture/reading.js";
import { forbidUnhandledRejections } from "../stream/fixture/turns.js";
import { contents, hashOfBytes, stranger, uncompressedCore, uncompressedLayer } from "./fixture/objects.js";

forbidUnhandledRejections();

describe("uncompressedToImage", () => {
  it("asks the core for nothing when it is made", async () => {
    const core = uncompressedCore();
    uncompressedToImage(core);
    expect(core.asked).toEqual([]);
  });

  it("compresses each layer once, however many ask for whatever depends on it", async () => {
    const core = uncompressedCore();
    const image = uncompressedToImage(core);
    await Promise.all([
      image.manifest(),
      image.digest(),
      image.size(),
      image.rawManifest(),
      image.manifest(),
    ]);
    for (const layer of await image.layers()) {
      await layer.digest();
      await layer.size();
    }
    expect(core.layers.map(({ journal }) => journal.opened)).toEqual([1, 1]);
    expect(core.asked).toHaveLength(2);
  });

  it("gives the layers without compressing any", async () => {
    const core = uncompressedCore();
    const layers = await uncompressedToImage(core).layers();
    expect(await layers[0]!.diffID()).toEqual(hashOfBytes(contents[0]!));
    expect(core.layers.map(({ journal }) => journal.opened)).toEqual([0, 0]);
  });

  it("does not remember a failure", async () => {
    const core = uncompressedCore();
    let failures = 1;
    const failing: UncompressedImageCore = {
      ...core,
      layerByDiffID: (diffID) =>
        failures-- > 0 ? Promise.reject(new Error("not now")) : core.layerByDiffID(diffID),
    };
    const image = uncompressedToImage(failing);
    expect(await rejection(image.manifest())).toMatchObject({ message: "not now" });
    expect((await image.manifest()).layers).toHaveLength(2);
  });

  it("compresses as it is told", async () => {
    const image = uncompressedToImage(uncompressedCore(), { compression: "none" });
    const { layers } = await image.manifest();
    expect(layers!.map(({ digest }) => digest)).toEqual(contents.slice(0, 2).map(hashOfBytes));
    const stored = uncompressedToImage(uncompressedCore(), { compressionLevel: 0 });
    expect((await stored.manifest()).layers![0]!.size).toBeGreaterThan(contents[0]!.length);
  });

  it("lists a layer by its own descriptor, with its urls", async () => {
    const core = uncompressedCore();
    const described = {
      mediaType: ociRestrictedLayer,
      size: 7,
      digest: stranger,
      urls: ["https://example.com"],
    };
    const image = uncompressedToImage({
      ...core,
      layerByDiffID: async (diffID) => {
        const layer = await core.layerByDiffID(diffID);
        return { ...layer, descriptor: async () => described };
      },
    });
    expect((await image.manifest()).layers).toEqual([described, described]);
    expect(core.layers.map(({ journal }) => journal.opened)).toEqual([0, 0]);
  });

  it("gives one layer object for one diffID, which finds its blob by its digest", async () => {
    const image = uncompressedToImage(uncompressedCore());
    const [first] = await image.layers();
    expect(await image.layerByDiffID(hashOfBytes(contents[0]!))).toBe(first);
    expect(await image.layerByDigest(await first!.digest())).toBe(first);
    expect(Buffer.compare(await contentOf(await first!.uncompressed()), contents[0]!)).toBe(0);
  });

  it("refuses a layer whose content is not what the configuration lists, and has no manifest with it", async () => {
    const core = uncompressedCore();
    const [first, second] = contents.map(hashOfBytes);
    const swapped = uncompressedToImage({
      ...core,
      layerByDiffID: async (diffID) => {
        const layer = await core.layerByDiffID(diffID.equals(first!) ? second! : first!);
        return { ...layer, diffID: async () => diffID };
      },
    });
    const expected = {
      code: "ERR_VARVE_VERIFICATION",
      expected: { digest: first },
      found: { digest: second },
    };
    expect(await rejection(swapped.manifest())).toMatchObject(expected);
    const [layer] = await swapped.layers();
    expect(await rejection(layer!.digest())).toMatchObject(expected);
    expect(await rejection(contentOf(await layer!.compressed()))).toMatchObject(expected);
  });

  it("refuses it as well where the configuration lists it by another hash than SHA-256", async () => {
    const listed = new Hash("sha512", createHash("sha512").update(contents[0]!).digest("hex"));
    const layer = uncompressedLayer(contents[0]!);
    const core = (diffID: Hash): UncompressedImageCore => ({
      mediaType: async () => dockerManifestSchema2,
      rawConfigFile: async () =>
        encodeConfigFile({
          architecture: "amd64",
          os: "linux",
          rootfs: { type: "layers", diffIDs: [diffID] },
          config: {},
        }),
      layerByDiffID: async () => layer,
    });
    expect((await uncompressedToImage(core(listed)).manifest()).layers).toHaveLength(1);
    const other = new Hash("sha512", "5".repeat(128));
    expect(await rejection(uncompressedToImage(core(other)).manifest())).toMatchObject({
      code: "ERR_VARVE_VERIFICATION",
      expected: { digest: other },
      found: { digest: listed },
    });
  });

  it("has a configuration without diffIDs for an image without layers", async () => {
    const image = uncompressedToImage({
      ...uncompressedCore(),
      rawConfigFile: async () =>
        encodeConfigFile({ architecture: "", os: "", rootfs: { type: "layers" }, config: {} }),
    });
    expect(await image.layers()).toEqual([]);
    expect((await image.manifest()).layers).toEqual([]);
  });

  it("fails with the configuration's error where that is malformed", async () => {
    const core = { ...uncompressedCore(), rawConfigFile: async () => Uint8Array.of(0x7b) };
    const image = uncompressedToImage(core);
    for (const refused of [image.layers(), image.manifest(), image.configFile(), image.digest()]) {
      expect(await rejection(refused)).toMatchObject({ code: "ERR_VARVE_JSON" });
    }
    expect(await image.configName()).toEqual(hashOfBytes(Uint8Array.of(0x7b)));
  });

  it("rejects with the signal's reason, and begins nothing, when it is aborted before", async () => {
    const core = uncompressedCore();
    const image = uncompressedToImage(core);
    const signal = AbortSignal.abort("enough");
    expect(await rejection(image.digest({ signal }))).toBe("enough");
    expect(core.asked).toEqual([]);
  });
});
