import { createHash } from "node:crypto";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { BlobUnknownError } from "../../src/partial/index.js";
import { image, index, layer, RandomError } from "../../src/random/index.js";
import {
  dockerConfigJSON,
  dockerLayer,
  dockerManifestSchema2,
  emptyHash,
  type Layer,
  ociImageIndex,
  ociLayer,
} from "../../src/v1/index.js";
import { filesOfTar } from "../stream/fixture/tar.js";
import { allOf } from "../tar/fixture/reading.js";

function sha256(bytes: Uint8Array): string {
  return `sha256:${createHash("sha256").update(bytes).digest("hex")}`;
}

async function facts(of: Layer): Promise<readonly string[]> {
  return [String(await of.diffID()), String(await of.digest()), String(await of.size())];
}

describe("random layers", () => {
  it("hold one file of the size, in a tar, and their values are those of their bytes", async () => {
    for (const size of [0, 1, 511, 512, 100_001]) {
      const made = layer(size, ociLayer, { seed: 1 });
      const tar = await allOf(await made.uncompressed());
      const compressed = await allOf(await made.compressed());
      expect(gunzipSync(compressed).equals(tar)).toBe(true);
      expect(await facts(made)).toEqual([sha256(tar), sha256(compressed), String(compressed.length)]);
      expect(await made.mediaType()).toBe(ociLayer);
      const [name, ...others] = (await filesOfTar(tar)).keys();
      expect(name).toMatch(/^random_file_\d+\.txt$/);
      expect(others).toEqual([]);
      expect(tar.length).toBe(512 + 512 * Math.ceil(size / 512) + 1024);
    }
  });

  it("are the same from the same seed, each time that they are read, and pinned", async () => {
    const [one, other] = [layer(1000, dockerLayer, { seed: 42 }), layer(1000, dockerLayer, { seed: 42 })];
    expect(await facts(one)).toEqual(await facts(other));
    expect(await allOf(await one.uncompressed())).toEqual(await allOf(await one.uncompressed()));
    expect(String(await one.diffID())).toBe(
      "sha256:41664419214761b032683f3968d615213bb1253822ad21cfcf3d0b1cb3cd5d66",
    );
  });

  it("differ from other seeds, and from each other without one", async () => {
    const layers = [0, 1, 2 ** 40].map((seed) => layer(10, dockerLayer, { seed }));
    layers.push(layer(10), layer(10));
    expect(new Set(await Promise.all(layers.map(async (each) => String(await each.diffID())))).size).toBe(5);
    expect(await layers[3]!.mediaType()).toBe(dockerLayer);
  });

  it("may be far larger than memory: nothing is made before it is read", async () => {
    const huge = layer(2 ** 50, dockerLayer, { seed: 1 });
    const reader = (await huge.uncompressed()).getReader();
    expect((await reader.read()).value?.length).toBe(1024 + 512);
    expect((await reader.read()).value?.length).toBe(64 * 1024);
    await reader.cancel();
  });

  it("stop being hashed when the signal is aborted, and can be hashed later", async () => {
    const made = layer(50_000, dockerLayer, { seed: 1 });
    const controller = new AbortController();
    controller.abort(new Error("enough"));
    await expect(made.diffID({ signal: controller.signal })).rejects.toThrow("enough");
    expect((await made.diffID()).equals(emptyHash)).toBe(false);
  });

  it.each([-1, 1.5, 2 ** 53, Number.NaN])("can't have %d bytes", (size) =>
    expect(() => layer(size)).toThrow(RandomError),
  );

  it("take a source of numbers, and refuse one of something else", async () => {
    let drawn = 0;
    const source = () => drawn++;
    const layers = [layer(10, dockerLayer, { source }), layer(10, dockerLayer, { source })];
    expect(drawn).toBe(8);
    expect(await layers[0]!.diffID()).not.toEqual(await layers[1]!.diffID());
    for (const bad of [-1, 0.5, 2 ** 32]) {
      expect(() => layer(10, dockerLayer, { source: () => bad })).toThrow(RandomError);
    }
    expect(() => layer(10, dockerLayer, { source, seed: 1 })).toThrow(RandomError);
    expect(() => layer(10, dockerLayer, { seed: -1 })).toThrow(RandomError);
    // All zeros are the one state that a generator can't leave.
    expect(await layer(10, dockerLayer, { source: () => 0 }).diffID()).toBeDefined();
  });
});

describe("random images", () => {
  it("have layers that differ, of Docker's types, and a configuration that lists them", async () => {
    const made = image(1000, 3, { seed: 5 });
    const layers = await made.layers();
    const config = await made.configFile();
    const manifest = await made.manifest();
    expect(new Set(await Promise.all(layers.map(async (each) => String(await each.diffID())))).size).toBe(3);
    expect(config.rootfs.diffIDs?.map(String)).toEqual(
      await Promise.all(layers.map(async (each) => String(await each.diffID()))),
    );
    expect(config.history?.map(({ comment }) => comment)).toEqual([
      "this is a random history 0 of 3",
      "this is a random history 1 of 3",
      "this is a random history 2 of 3",
    ]);
    expect(manifest.mediaType).toBe(dockerManifestSchema2);
    expect(manifest.config.mediaType).toBe(dockerConfigJSON);
    expect(manifest.layers?.map((each) => [each.mediaType, String(each.digest), each.size])).toEqual(
      await Promise.all(
        layers.map(async (each) => [dockerLayer, String(await each.digest()), await each.size()]),
      ),
    );
    expect(String(await made.digest())).toBe(sha256(await made.rawManifest()));
    expect(String(await made.configName())).toBe(sha256(await made.rawConfigFile()));
  });

  it("are the same from the same seed, and pinned", async () => {
    const digest = await image(100, 2, { seed: 9 }).digest();
    expect(digest).toEqual(await image(100, 2, { seed: 9 }).digest());
    expect(digest).not.toEqual(await image(100, 2, { seed: 10 }).digest());
    expect(String(await image(100, 2, { seed: 9 }).configName())).toBe(
      "sha256:f4ac7f8043b74085f62bf00979453902074a1a46eda1a4795e8d76aaceca2fa7",
    );
  });

  it("can be without layers, and know no others", async () => {
    const made = image(10, 0, { seed: 1 });
    expect(await made.layers()).toEqual([]);
    await expect(made.layerByDiffID(emptyHash)).rejects.toBeInstanceOf(BlobUnknownError);
    await expect(made.layerByDigest(emptyHash)).rejects.toBeInstanceOf(BlobUnknownError);
    expect(() => image(10, -1)).toThrow(RandomError);
  });
});

describe("random indexes", () => {
  it("list images that differ, and give each by its digest", async () => {
    const made = index(100, 1, 3, { seed: 3 });
    const { manifests = [], mediaType } = await made.indexManifest();
    expect(mediaType).toBe(ociImageIndex);
    expect(await made.mediaType()).toBe(ociImageIndex);
    expect(new Set(manifests.map(({ digest }) => String(digest))).size).toBe(3);
    for (const { digest, size } of manifests) {
      const found = await made.image(digest);
      expect(await found.digest()).toEqual(digest);
      expect(await found.size()).toBe(size);
    }
    const raw = await made.rawManifest();
    expect(String(await made.digest())).toBe(sha256(raw));
    expect(await made.size()).toBe(raw.length);
  });

  it("are the same from the same seed, and know nothing else", async () => {
    expect(await index(10, 2, 2, { seed: 4 }).digest()).toEqual(await index(10, 2, 2, { seed: 4 }).digest());
    const made = index(10, 1, 1, { seed: 4 });
    await expect(made.image(emptyHash)).rejects.toBeInstanceOf(BlobUnknownError);
    await expect(made.imageIndex(emptyHash)).rejects.toBeInstanceOf(BlobUnknownError);
    expect(() => index(10, 1, 0.5)).toThrow(RandomError);
  });
});
