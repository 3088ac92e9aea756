import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import * as partial from "../../src/partial/index.js";
import { newLayer } from "../../src/stream/index.js";
import {
  type CallOptions,
  dockerConfigJSON,
  dockerManifestSchema2,
  type Hash,
  type Image,
  type ImageIndex,
  NotComputedError,
  ociConfigJSON,
  ociLayer,
  ociManifestSchema1,
} from "../../src/v1/index.js";
import { contentOf } from "../bytes/fixture/streams.js";
import { noise, sha256Text, text } from "../stream/fixture/bytes.js";
import { rejection } from "../stream/fixture/reading.js";
import { forbidUnhandledRejections } from "../stream/fixture/turns.js";
import { child, indexOf } from "./fixture/indexes.js";
import {
  compressedCore,
  compressedLayer,
  contents,
  hashOfBytes,
  stranger,
  uncompressedCore,
} from "./fixture/objects.js";

forbidUnhandledRejections();

/** Everything about an image that must agree with everything else. */
async function expectSound(image: Image, inside: readonly Uint8Array[]): Promise<void> {
  const raw = await image.rawManifest();
  expect(String(await image.digest())).toBe(sha256Text(raw));
  expect(await image.size()).toBe(raw.length);
  const manifest = await image.manifest();
  expect(manifest.mediaType).toBe(await image.mediaType());
  expect(await partial.rawManifest(image)).toEqual(raw);

  const rawConfig = await image.rawConfigFile();
  expect(String(await image.configName())).toBe(sha256Text(rawConfig));
  expect(manifest.config).toMatchObject({ size: rawConfig.length, digest: await image.configName() });
  expect(await partial.rawConfigFile(image)).toEqual(rawConfig);
  const config = await image.configFile();
  expect(config.rootfs.type).toBe("layers");

  const layers = await image.layers();
  expect(layers).toHaveLength(inside.length);
  expect(manifest.layers).toHaveLength(inside.length);
  for (const [index, layer] of layers.entries()) {
    const listed = manifest.layers![index]!;
    const compressed = await contentOf(await layer.compressed());
    expect(sha256Text(compressed)).toBe(String(listed.digest));
    expect(compressed.length).toBe(listed.size);
    expect(Buffer.compare(gunzipSync(compressed), inside[index]!)).toBe(0);
    expect(await partial.descriptor(layer)).toEqual(listed);
    expect(Buffer.compare(await contentOf(await layer.uncompressed()), inside[index]!)).toBe(0);
    expect(String(await layer.diffID())).toBe(sha256Text(inside[index]!));
    expect(String(config.rootfs.diffIDs![index])).toBe(sha256Text(inside[index]!));
    for (const found of [
      await image.layerByDigest(listed.digest),
      await image.layerByDiffID(config.rootfs.diffIDs![index]!),
    ]) {
      expect(String(await found.diffID())).toBe(sha256Text(inside[index]!));
    }
  }
}

describe("images from the least that one needs", () => {
  it("acceptance 25: an image over a compressed core is sound in every way", async () => {
    const core = compressedCore();
    const image = partial.compressedToImage(core);
    await expectSound(image, contents);
    expect(await image.rawManifest()).toBe(await core.rawManifest());
    expect(await image.mediaType()).toBe(ociManifestSchema1);
  });

  it("acceptance 26: over an uncompressed core a Docker manifest is made, with the layers in the configuration's order", async () => {
    const core = uncompressedCore();
    const image = partial.uncompressedToImage(core);
    await expectSound(image, contents.slice(0, 2));
    const manifest = await image.manifest();
    expect(manifest).toMatchObject({
      schemaVersion: 2,
      mediaType: dockerManifestSchema2,
      config: { mediaType: dockerConfigJSON },
    });
    expect(manifest.layers!.map(({ mediaType }) => mediaType)).toEqual([ociLayer, ociLayer]);
    expect(await image.mediaType()).toBe(dockerManifestSchema2);
  });

  it("acceptance 27: the configuration as a layer is its own bytes, whatever kind of image it is of", async () => {
    for (const image of [
      partial.compressedToImage(compressedCore()),
      partial.uncompressedToImage(uncompressedCore()),
    ]) {
      const layer = await partial.configLayer(image);
      const raw = await image.rawConfigFile();
      expect(await layer.digest()).toEqual(await image.configName());
      expect(await layer.diffID()).toEqual(await image.configName());
      expect(await layer.size()).toBe(raw.length);
      expect(await layer.mediaType()).toBe(ociConfigJSON);
      expect(Buffer.compare(await contentOf(await layer.compressed()), raw)).toBe(0);
      expect(Buffer.compare(await contentOf(await layer.uncompressed()), raw)).toBe(0);
    }
  });

  it("a configuration's own layer is used, even when it is wrapped", async () => {
    const own = partial.compressedToLayer(compressedLayer(text("{}")));
    const core = { ...compressedCore(), configLayer: async () => own };
    expect(await partial.configLayer(partial.compressedToImage(core))).toBe(own);
  });

  it("the configuration of an image that streams is not computed yet, and neither is its layer", async () => {
    const image = { rawConfigFile: () => Promise.reject(new NotComputedError("config")) };
    expect(await rejection(partial.configLayer(image))).toBeInstanceOf(NotComputedError);
  });

  it("acceptance 28: layerByDigest with the configuration's digest is the core's to answer, and its error surfaces", async () => {
    const core = compressedCore();
    const image = partial.compressedToImage(core);
    const name = await image.configName();
    expect(await rejection(image.layerByDigest(name))).toMatchObject({ message: `the core has no ${name}` });
    const raw = await core.rawConfigFile();
    const giving = partial.compressedToImage({
      ...core,
      layerByDigest: async (digest: Hash, options?: CallOptions) =>
        digest.equals(name) ? compressedLayer(raw) : core.layerByDigest(digest, options),
    });
    expect(Buffer.compare(await contentOf(await (await giving.layerByDigest(name)).compressed()), raw)).toBe(
      0,
    );
  });

  it("acceptance 29: diffIDToBlob and blobToDiffID are each other's inverse, and refuse what is unknown", async () => {
    for (const image of [
      partial.compressedToImage(compressedCore()),
      partial.uncompressedToImage(uncompressedCore()),
    ]) {
      const { layers } = await image.manifest();
      const diffID = hashOfBytes(contents[0]!);
      expect(await partial.diffIDToBlob(image, diffID)).toEqual(layers![0]!.digest);
      expect(await partial.blobToDiffID(image, layers![0]!.digest)).toEqual(diffID);
      for (const refused of [
        partial.diffIDToBlob(image, stranger),
        partial.blobToDiffID(image, stranger),
        image.layerByDiffID(layers![0]!.digest),
      ]) {
        expect(await rejection(refused)).toBeInstanceOf(Error);
      }
      expect(await rejection(partial.diffIDToBlob(image, stranger))).toMatchObject({
        code: "ERR_VARVE_BLOB_UNKNOWN",
        hash: stranger,
        message: `unknown diffID ${stranger}: the image's configuration doesn't list it`,
      });
      expect(await rejection(partial.blobToDiffID(image, stranger))).toMatchObject({
        message: `unknown blob ${stranger}: the image's manifest doesn't list it`,
      });
    }
  });

  it("acceptance 29: of two layers with one diffID the first is found", async () => {
    const image = partial.compressedToImage(compressedCore());
    const { layers } = await image.manifest();
    expect(contents[2]).toEqual(contents[0]);
    expect(layers![2]!.digest).not.toEqual(layers![0]!.digest);
    expect(await partial.diffIDToBlob(image, hashOfBytes(contents[2]!))).toEqual(layers![0]!.digest);
    expect(await partial.blobToDiffID(image, layers![2]!.digest)).toEqual(hashOfBytes(contents[2]!));
  });

  it("acceptance 29: numbers of layers and diffIDs that differ are a mismatch, both ways", async () => {
    const image = partial.compressedToImage(compressedCore());
    const manifest = await image.manifest();
    const mismatched = {
      configFile: () => image.configFile(),
      manifest: async () => ({ ...manifest, layers: manifest.layers!.slice(1) }),
    };
    const digest = manifest.layers![1]!.digest;
    for (const refused of [
      partial.blobToDiffID(mismatched, digest),
      partial.diffIDToBlob(mismatched, hashOfBytes(contents[0]!)),
    ]) {
      expect(await rejection(refused)).toMatchObject({
        code: "ERR_VARVE_LAYER_COUNT",
        message: expect.stringMatching(/^mismatched fs layers \(2\) and diff ids \(3\)/),
      });
    }
  });

  it("acceptance 30: blobSize knows layers and the configuration, and refuses what is unknown", async () => {
    const core = compressedCore();
    const image = partial.compressedToImage(core);
    expect(await partial.blobSize(image, hashOfBytes(core.blobs[1]!))).toBe(core.blobs[1]!.length);
    expect(await partial.blobSize(image, await image.configName())).toBe((await core.rawConfigFile()).length);
    expect(await partial.blobDescriptor(image, await image.configName())).toEqual(
      (await image.manifest()).config,
    );
    for (const refused of [partial.blobSize(image, stranger), partial.blobDescriptor(image, stranger)]) {
      expect(await rejection(refused)).toMatchObject({ code: "ERR_VARVE_BLOB_UNKNOWN" });
    }
  });
});

describe("what artifacts are", () => {
  const image = partial.compressedToImage(compressedCore());

  it("acceptance 32: the manifest's artifactType, or the media type of the configuration, or nothing", async () => {
    const manifest = await image.manifest();
    expect(await partial.artifactType({ manifest: async () => ({ ...manifest, artifactType: "a/b" }) })).toBe(
      "a/b",
    );
    expect(await partial.artifactType(image)).toBe(ociConfigJSON);
    expect(await partial.artifactType({ manifest: () => Promise.reject(new Error("unreadable")) })).toBe("");
  });

  it("acceptance 32: an own artifactType() wins, however often it was wrapped, and fails as it does", async () => {
    const core = { ...compressedCore(), artifactType: async () => "own/type" };
    const wrapped = partial.compressedToImage(core);
    expect(await partial.artifactType(wrapped)).toBe("own/type");
    expect((await partial.descriptor(wrapped)).artifactType).toBe("own/type");
    const failing = { ...image, artifactType: () => Promise.reject(new Error("no")) } as unknown as Image;
    expect(await rejection(partial.artifactType(failing))).toMatchObject({ message: "no" });
  });

  it("artifactType of an aborted call is the abortion, not nothing", async () => {
    const reason = new Error("enough");
    const signal = AbortSignal.abort(reason);
    const object = { manifest: () => Promise.reject(reason) };
    expect(await rejection(partial.artifactType(object, { signal }))).toBe(reason);
  });

  it("a descriptor of an image has the artifact type of its manifest, if that can be parsed", async () => {
    expect(await partial.descriptor(image)).toEqual({
      mediaType: ociManifestSchema1,
      size: await image.size(),
      digest: await image.digest(),
      artifactType: ociConfigJSON,
    });
    const facts = {
      digest: async () => stranger,
      size: async () => 1,
      mediaType: async () => ociManifestSchema1,
    };
    const plain = { mediaType: ociManifestSchema1, size: 1, digest: stranger };
    expect(await partial.descriptor({ ...facts, rawManifest: async () => text("nonsense") })).toEqual(plain);
    expect(await partial.descriptor(facts)).toEqual(plain);
    const unreachable = { ...facts, rawManifest: () => Promise.reject(new Error("unreachable")) };
    expect(await rejection(partial.descriptor(unreachable))).toMatchObject({ message: "unreachable" });
  });

  it("a descriptor of an index has no artifact type, and its manifest is not asked for", async () => {
    const index = indexOf([child("image")]);
    const described = await partial.descriptor({
      digest: () => index.digest(),
      size: () => index.size(),
      mediaType: () => index.mediaType(),
      rawManifest: () => Promise.reject(new Error("asked for")),
    });
    expect(described).toEqual({
      mediaType: await index.mediaType(),
      size: await index.size(),
      digest: await index.digest(),
    });
  });

  it("a descriptor asks for size, digest and media type in this order, and fails as the first that fails", async () => {
    const asked: string[] = [];
    const ask = (name: string) => async (): Promise<never> => {
      asked.push(name);
      throw new NotComputedError(name);
    };
    const object = { size: ask("size"), digest: ask("digest"), mediaType: ask("mediaType") };
    expect(await rejection(partial.descriptor(object))).toBeInstanceOf(NotComputedError);
    expect(asked).toEqual(["size"]);
  });
});

describe("the children of an index", () => {
  const children = [
    child("image"),
    child("index"),
    child("other"),
    child("image", { name: "wanted" }),
    child("index"),
  ];
  const index = indexOf(children);

  it("acceptance 33: findImages and findIndexes give only their kind, findManifests all that match, in order", async () => {
    const all = (): boolean => true;
    expect((await partial.findManifests(index, all)).map(({ digest }) => digest)).toEqual(
      children.map(({ descriptor }) => descriptor.digest),
    );
    expect(await partial.findImages(index, all)).toEqual([children[0]!.object, children[3]!.object]);
    expect(await partial.findIndexes(index, all)).toEqual([children[1]!.object, children[4]!.object]);
    const wanted = ({ annotations }: { annotations?: Readonly<Record<string, string>> }): boolean =>
      annotations?.name === "wanted";
    expect(await partial.findManifests(index, wanted)).toEqual([children[3]!.descriptor]);
    expect(await partial.findImages(index, wanted)).toEqual([children[3]!.object]);
    expect(await partial.findIndexes(index, wanted)).toEqual([]);
    expect(await partial.findManifests(index, () => false)).toEqual([]);
    expect(await partial.findManifests(indexOf(undefined), all)).toEqual([]);
  });

  it("acceptance 33: what can't be opened or read fails the search, with its own error", async () => {
    const failure = new Error("missing");
    const broken: ImageIndex = Object.assign(Object.create(index), {
      image: () => Promise.reject(failure),
      imageIndex: () => Promise.reject(failure),
    });
    expect(await rejection(partial.findImages(broken, () => true))).toBe(failure);
    expect(await rejection(partial.findIndexes(broken, () => true))).toBe(failure);
    expect(await rejection(partial.computeManifests(broken))).toBe(failure);
    const unreadable = Object.assign(Object.create(index), { indexManifest: () => Promise.reject(failure) });
    expect(await rejection(partial.findManifests(unreadable, () => true))).toBe(failure);
  });

  it("acceptance 34: manifests() lists the children of an index that holds an unread stream, and reads nothing", async () => {
    let reads = 0;
    const layer = newLayer(
      (function* () {
        reads++;
        yield noise(10);
      })(),
    );
    const streaming = partial.compressedToImage({
      ...compressedCore(),
      rawManifest: async () => {
        await layer.digest();
        throw new Error("computed");
      },
    });
    const holding = Object.assign(Object.create(index), {
      indexManifest: () => Promise.reject(new NotComputedError("manifest")),
      manifests: async () => [children[0]!.object, streaming],
    });
    expect(await partial.manifests(holding)).toEqual([children[0]!.object, streaming]);
    expect(await partial.manifests({ [partial.inner]: holding } as unknown as ImageIndex)).toHaveLength(2);
    expect(reads).toBe(0);
    expect(await rejection(partial.computeManifests(holding))).toBeInstanceOf(NotComputedError);
  });

  it("manifests() of an index without a method of its own opens images and indexes, and describes the rest", async () => {
    const found = await partial.manifests(index);
    expect(found.map((each, at) => (at === 2 ? undefined : each))).toEqual(
      children.map(({ object }, at) => (at === 2 ? undefined : object)),
    );
    const rest = found[2]!;
    const { descriptor } = children[2]!;
    expect(await partial.descriptor(rest)).toBe(descriptor);
    expect([await rest.digest(), await rest.size(), await rest.mediaType()]).toEqual([
      descriptor.digest,
      descriptor.size,
      descriptor.mediaType,
    ]);
  });

  it("computeManifests asks an index that gives layers for the rest", async () => {
    const layer = newLayer([text("hello")]);
    const asked: Hash[] = [];
    const giving = Object.assign(Object.create(index), {
      layer: async (digest: Hash) => {
        asked.push(digest);
        return layer;
      },
    });
    expect((await partial.computeManifests(giving))[2]).toBe(layer);
    expect(asked).toEqual([children[2]!.descriptor.digest]);
  });
});
