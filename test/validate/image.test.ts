import { beforeAll, describe, expect, it } from "vitest";
import { hashOf } from "../../src/bytes/index.js";
import * as empty from "../../src/empty/index.js";
import { compressedToImage } from "../../src/partial/index.js";
import * as random from "../../src/random/index.js";
import { newLayer } from "../../src/static/index.js";
import {
  type ConfigFile,
  emptyHash,
  encodeConfigFile,
  type Image,
  type Layer,
  type Manifest,
  ociLayer,
} from "../../src/v1/index.js";
import * as validate from "../../src/validate/index.js";
import { keptLayer, ociImage, streaming, tarOf } from "../fixtures/oci-image.js";
import { problemsOf } from "./problems.js";

let layers: readonly Layer[];
beforeAll(async () => {
  layers = [await keptLayer(await tarOf({ a: "a" })), await keptLayer(await tarOf({ b: "b" }))];
});

/** The problems' names, with where they are. */
async function named(image: Image, options?: validate.ValidateOptions): Promise<string[]> {
  const problems = await problemsOf(validate.image(image, options));
  return problems.map(({ problem, stage, where }) => `${stage}: ${where}: ${problem}`);
}

describe("validate.image", () => {
  it("takes images from anywhere (acceptance 74)", async () => {
    await validate.image(empty.image);
    await validate.image(random.image(1000, 3, { seed: 1 }), { uncompressed: true });
    await validate.image(ociImage(layers));
    const image = ociImage(layers);
    await validate.image(
      compressedToImage({
        rawConfigFile: () => image.rawConfigFile(),
        rawManifest: () => image.rawManifest(),
        mediaType: () => image.mediaType(),
        layerByDigest: (digest) => image.layerByDigest(digest),
      }),
    );
  });

  it("takes images of streaming layers, which it consumes", async () => {
    const image = ociImage([streaming(await tarOf({ a: "a" })), streaming(await tarOf({ b: "b" }))]);
    await validate.image(image);
    await expect(image.digest()).resolves.toBeDefined();
  });

  describe("tells by name (acceptance 74)", () => {
    it("what the manifest says of layers that is not so", async () => {
      const manifest = await ociImage(layers).manifest();
      const [first, second] = manifest.layers!;
      const lying = [first!, { ...second!, digest: emptyHash, size: 3 }];
      expect(await named(ociImage(layers, { manifest: { layers: lying } }))).toEqual([
        "layers: layers[1]: mismatched-digest",
        "layers: layers[1]: mismatched-size",
      ]);
      const swapped = await named(ociImage(layers, { manifest: { layers: [second!, first!] } }));
      expect(swapped).toEqual(
        expect.arrayContaining([0, 1].map((i) => `layers: layers[${i}]: mismatched-digest`)),
      );
    });

    it("diffIDs that are others, in another order, or not as many", async () => {
      const [a, b] = await Promise.all(layers.map((layer) => layer.diffID()));
      const withDiffIDs = (...diffIDs: ConfigFile["rootfs"]["diffIDs"] & object): Image =>
        ociImage(layers, { config: { rootfs: { type: "layers", diffIDs } } });
      await validate.image(withDiffIDs(a!, b!));
      expect(await named(withDiffIDs(a!, emptyHash))).toEqual(["layers: layers[1]: mismatched-diff-id"]);
      expect(await named(withDiffIDs(b!, a!))).toEqual([
        "layers: layers[0]: mismatched-diff-id",
        "layers: layers[1]: mismatched-diff-id",
      ]);
      expect(await named(withDiffIDs(a!))).toEqual(["config: config: mismatched-count"]);
      expect(await named(withDiffIDs())).toEqual(["config: config: mismatched-count"]);
      expect(await named(withDiffIDs(a!, b!, b!))).toEqual(["config: config: mismatched-count"]);
    });

    it("a manifest that lists another number of layers", async () => {
      const { layers: listed } = await ociImage(layers).manifest();
      expect(await named(ociImage(layers, { manifest: { layers: [listed![0]!] } }))).toEqual([
        "layers: layers: mismatched-count",
        "config: config: mismatched-count",
      ]);
    });

    it("what is said of the manifest that is not so", async () => {
      const image = ociImage(layers);
      const other: Manifest = { ...(await image.manifest()), annotations: { a: "b" } };
      expect(
        await named({
          ...image,
          digest: async () => emptyHash,
          size: async () => 1,
          manifest: async () => other,
          mediaType: async () => "text/plain",
        }),
      ).toEqual([
        "manifest: manifest: mismatched-digest",
        "manifest: manifest: mismatched-size",
        "manifest: manifest: mismatched-content",
        "manifest: manifest: mismatched-media-type",
      ]);
    });

    it("what is said of the configuration that is not so", async () => {
      const image = ociImage(layers);
      const config = await image.configFile();
      expect(
        await named({
          ...image,
          configName: async () => emptyHash,
          configFile: async () => ({ ...config, author: "x" }),
        }),
      ).toEqual(["config: config: mismatched-digest", "config: config: mismatched-content"]);
      const other = encodeConfigFile({ ...config, author: "somebody else" });
      const raw = await image.rawManifest();
      expect(
        await named({
          ...image,
          rawManifest: async () => raw,
          rawConfigFile: async () => other,
          configName: () => hashOf(other),
        }),
      ).toEqual([
        "config: config: mismatched-digest",
        "config: config: mismatched-size",
        "config: config: mismatched-content",
      ]);
      expect(
        await named(
          ociImage(layers, { config: { rootfs: { type: "files", diffIDs: config.rootfs.diffIDs! } } }),
        ),
      ).toEqual(["config: config: invalid-rootfs"]);
    });

    it("what cannot be parsed, or had", async () => {
      const image = ociImage(layers);
      const fail = () => Promise.reject(new Error("no"));
      expect(await named({ ...image, rawManifest: async () => new Uint8Array(3) })).toEqual([
        "manifest: manifest: mismatched-digest",
        "manifest: manifest: mismatched-size",
        "manifest: manifest: unanswered",
      ]);
      expect(await named({ ...image, layers: fail, rawManifest: fail, rawConfigFile: fail })).toEqual([
        "layers: layers: unanswered",
        "manifest: manifest: unanswered",
        "config: config: unanswered",
      ]);
      expect(await named({ ...image, layerByDigest: fail, layerByDiffID: async () => layers[0]! })).toEqual([
        "layers: layers[0]: unanswered",
        "layers: layers[1]: unanswered",
        "layers: layers[1]: mismatched-diff-id",
      ]);
    });

    it("everything, with the parts that were being validated in the message", async () => {
      const image = { ...ociImage(layers), digest: async () => emptyHash, configName: async () => emptyHash };
      const first = { ...layers[0]!, size: async () => 1 };
      await expect(validate.image({ ...image, layers: async () => [first, layers[1]!] })).rejects.toThrow(
        /\(3 problems\): validating layers: layers\[0\]: size\(\).*; validating manifest: .*; validating config: /,
      );
    });
  });

  describe("of an image with other blobs between its layers", () => {
    const note = newLayer(new TextEncoder().encode("not a tar"), "application/x-note");

    it("takes diffIDs of all blobs, and of the layers alone", async () => {
      const mixed = [layers[0]!, note, layers[1]!];
      await validate.image(ociImage(mixed));
      const diffIDs = await Promise.all(layers.map((layer) => layer.diffID()));
      await validate.image(ociImage(mixed, { config: { rootfs: { type: "layers", diffIDs } } }));
    });

    it("tells which layer has the wrong diffID, and blobs that are not what they say", async () => {
      const mixed = [note, layers[0]!, layers[1]!];
      const [a, b] = await Promise.all(layers.map((layer) => layer.diffID()));
      const withDiffIDs = (...diffIDs: ConfigFile["rootfs"]["diffIDs"] & object): Image =>
        ociImage(mixed, { config: { rootfs: { type: "layers", diffIDs } } });
      expect(await named(withDiffIDs(a!, emptyHash))).toEqual(["layers: layers[2]: mismatched-diff-id"]);
      expect(await named(withDiffIDs(emptyHash, emptyHash, b!))).toEqual([
        "layers: layers[1]: mismatched-diff-id",
      ]);
      expect(await problemsOf(validate.image(withDiffIDs(a!)))).toMatchObject([
        {
          problem: "mismatched-count",
          message:
            "rootfs lists 1 diffIDs, the manifest 3 layers, of which 2 are layers by their media types",
        },
      ]);
      const lying = {
        ...note,
        digest: () => note.digest(),
        mediaType: () => note.mediaType(),
        compressed: () => note.compressed(),
        size: async () => 3,
      } as unknown as Layer;
      expect(
        await named({ ...ociImage(mixed), layers: async () => [lying, layers[0]!, layers[1]!] }),
      ).toEqual(["layers: layers[0]: mismatched-size"]);
    });

    it("asks nothing of a configuration that is no image's but its digest and size", async () => {
      const raw = new TextEncoder().encode("no JSON at all");
      const config = { mediaType: "application/x-config", size: raw.length, digest: await hashOf(raw) };
      const artifact = (listed: Manifest["config"]): Image => {
        const image = ociImage([note], { manifest: { config: listed } });
        return { ...image, rawConfigFile: async () => raw, configName: () => hashOf(raw) };
      };
      await validate.image(artifact(config));
      expect(await named(artifact({ ...config, size: 3 }))).toEqual(["config: config: mismatched-size"]);
    });
  });

  it("only asks for the layers, when it is to be fast, but reads the rest (acceptance 74)", async () => {
    const unread = layers.map((layer, i) => ({
      ...layer,
      compressed: () => Promise.reject(new Error("read")),
      uncompressed: () => Promise.reject(new Error("read")),
      exists: async () => i === 0,
    }));
    const image = ociImage(unread);
    expect(await named(image, { fast: true })).toEqual(["layers: layers[1]: missing"]);
    expect(await named({ ...image, digest: async () => emptyHash }, { fast: true })).toEqual([
      "layers: layers[1]: missing",
      "manifest: manifest: mismatched-digest",
    ]);
  });

  it("ends with the signal's reason when it is aborted", async () => {
    const controller = new AbortController();
    const stopping = {
      ...layers[0]!,
      digest() {
        controller.abort("enough");
        return Promise.reject(new Error("late"));
      },
    };
    await expect(
      validate.image(ociImage([{ ...layers[0]!, mediaType: async () => ociLayer }, stopping]), {
        signal: controller.signal,
      }),
    ).rejects.toBe("enough");
  });
});
