import { describe, expect, it } from "vitest";
import {
  append,
  appendLayers,
  appendManifests,
  ChildNotFoundError,
  indexMediaType,
  removeManifests,
} from "../../src/mutate/index.js";
import { manifests as childrenOf, descriptor, inner, manifests } from "../../src/partial/index.js";
import { newLayer } from "../../src/stream/index.js";
import { type Descriptor, NotComputedError, ociImageIndex } from "../../src/v1/index.js";
import { imageOf, MemoryLayer, readBytes, sha256, utf8 } from "./fixture/images.js";
import { indexOf, indexWith, MemoryIndex } from "./fixture/indexes.js";

const amd64 = imageOf([], { architecture: "amd64" });
const arm64 = imageOf([], { architecture: "arm64" });
const layer = new MemoryLayer(utf8("layer"));

describe("appendManifests", () => {
  it("lists images, indexes and layers behind those of the base, and opens them", async () => {
    const nested = await indexWith(arm64);
    const index = appendManifests(await indexWith(amd64), { add: arm64 }, { add: nested }, { add: layer });
    const { manifests: listed = [] } = await index.indexManifest();
    const children = [amd64, arm64, nested, layer];
    expect(listed).toEqual(await Promise.all(children.map((child) => descriptor(child))));
    expect(await index.image(await amd64.digest())).toBe(amd64);
    expect(await index.image(await arm64.digest())).toBe(arm64);
    expect(await index.imageIndex(await nested.digest())).toBe(nested);
    const withLayer = index as typeof index & { layer(digest: unknown): Promise<unknown> };
    expect(await withLayer.layer(await layer.digest())).toBe(layer);
    expect(await manifests(index)).toEqual(children);
    expect(String(await index.digest())).toBe(String(sha256(await index.rawManifest())));
    expect(await index.size()).toBe((await index.rawManifest()).length);
    expect(await index.mediaType()).toBe(ociImageIndex);
  });

  it("overrides the descriptor with what is given and not empty", async () => {
    const full: Partial<Descriptor> = {
      mediaType: "application/x",
      size: 7,
      digest: sha256(utf8("7")),
      data: utf8("seven"),
      urls: ["https://a.example/"],
      annotations: { a: "b" },
      platform: { architecture: "arm64", os: "linux" },
      artifactType: "application/y",
    };
    const nothing = { mediaType: "", size: 0, data: utf8(""), urls: [], annotations: {} };
    const index = appendManifests(indexOf(), { add: amd64, ...full }, { add: arm64, ...nothing });
    const { manifests: listed } = await index.indexManifest();
    expect(listed).toEqual([full, await descriptor(arm64)]);
    expect(await index.image(full.digest!)).toBe(amd64);
    await expect(index.image(await amd64.digest())).rejects.toThrow(ChildNotFoundError);
  });

  it("without additions gives the same index", () => {
    const base = indexOf();
    expect(appendManifests(base)).toBe(base);
  });

  it("acceptance 34: with an image that waits for a stream, lists its children without reading it", async () => {
    const stream = newLayer(utf8("stream"));
    const waiting = appendLayers(arm64, stream);
    const index = appendManifests(await indexWith(amd64), { add: layer }, { add: waiting });
    expect(await manifests(index)).toEqual([amd64, layer, waiting]);
    expect(await index.mediaType()).toBe(ociImageIndex);
    for (const ask of [
      () => index.digest(),
      () => index.size(),
      () => index.indexManifest(),
      () => index.rawManifest(),
    ]) {
      await expect(ask()).rejects.toThrow(NotComputedError);
    }
    expect(await index.image(await amd64.digest())).toBe(amd64);
    await expect(stream.digest()).rejects.toThrow(NotComputedError);

    await readBytes(await stream.compressed());
    const { manifests: listed = [] } = await index.indexManifest();
    expect(listed).toHaveLength(3);
    expect(await index.image(await waiting.digest())).toBe(waiting);
    expect(await manifests(index)).toEqual([amd64, layer, waiting]);
  });

  it("finds no child that it does not list, or that is of another kind", async () => {
    const index = appendManifests(await indexWith(amd64), { add: layer });
    const unknown = sha256(utf8("?"));
    await expect(index.image(unknown)).rejects.toThrow(ChildNotFoundError);
    await expect(index.imageIndex(unknown)).rejects.toThrow(/no child with the digest sha256:/);
    await expect(index.image(await layer.digest())).rejects.toThrow(/no image with the digest/);
    await expect(index.imageIndex(await layer.digest())).rejects.toThrow(ChildNotFoundError);
    const withLayer = index as typeof index & { layer(digest: unknown): Promise<unknown> };
    await expect(withLayer.layer(await amd64.digest())).rejects.toThrow(ChildNotFoundError);
  });

  it("asks the base for the layers that the base gives", async () => {
    const { size, digest } = layer.contentDescriptor;
    const manifests = [{ mediaType: "application/x", size, digest }];
    const base = Object.assign(new MemoryIndex({ manifests }, new Map()), { layer: async () => layer });
    const index = appendManifests(base, { add: amd64 });
    const withLayer = index as typeof index & { layer(digest: unknown): Promise<unknown> };
    expect(await withLayer.layer(digest)).toBe(layer);
  });

  it("finds the layers of a base that was wrapped, as everything else does", async () => {
    const { size, digest } = layer.contentDescriptor;
    const manifests = [{ mediaType: "application/x", size, digest }];
    const given = new MemoryIndex({ manifests }, new Map());
    const base = Object.assign(given, { [inner]: { layer: async () => layer } });
    const index = appendManifests(base, { add: amd64 });
    const withLayer = index as typeof index & { layer(digest: unknown): Promise<unknown> };
    expect(await withLayer.layer(digest)).toBe(layer);
    const kept = removeManifests(base, () => false);
    expect(await childrenOf(kept)).toEqual([layer]);
  });

  it("takes what can be described and nothing more", async () => {
    const { mediaType, size, digest } = layer.contentDescriptor;
    const bare = { mediaType: async () => mediaType, size: async () => size, digest: async () => digest };
    const index = appendManifests(indexOf(), { add: bare });
    expect((await index.indexManifest()).manifests).toEqual([{ mediaType, size, digest }]);
    expect(await manifests(index)).toEqual([bare]);
  });
});

describe("removeManifests", () => {
  const isArm = ({ platform }: Descriptor): boolean => platform?.architecture === "arm64";
  async function base(): Promise<MemoryIndex> {
    const listed = [
      { ...(await descriptor(amd64)), platform: { architecture: "amd64", os: "linux" } },
      { ...(await descriptor(arm64)), platform: { architecture: "arm64", os: "linux" } },
      { mediaType: "application/x", size: 1, digest: sha256(utf8("blob")) },
    ];
    // Only the child that stays is there.
    return new MemoryIndex({ manifests: listed }, new Map([[String(await amd64.digest()), amd64]]));
  }

  it("leaves out the children that match, without opening them", async () => {
    const own = await base();
    const index = removeManifests(own, isArm);
    const { manifests: before = [] } = await own.indexManifest();
    expect((await index.indexManifest()).manifests).toEqual([before[0], before[2]]);
    const [first, second, ...others] = await manifests(index);
    expect(first).toBe(amd64);
    expect(await second?.digest()).toEqual(before[2]?.digest);
    expect(others).toEqual([]);
    expect(own.opened).toEqual([String(await amd64.digest())]);
    await expect(index.image(await arm64.digest())).rejects.toThrow(ChildNotFoundError);
    expect(own.opened).toHaveLength(1);
  });

  it("comes before what is added afterwards", async () => {
    const platform = { architecture: "arm64", os: "linux" };
    const index = appendManifests(removeManifests(await base(), isArm), { add: arm64, platform });
    expect((await index.indexManifest()).manifests?.at(-1)).toMatchObject({ platform });
    expect((await manifests(index)).at(-1)).toBe(arm64);
  });

  it("waits for a stream of the base", async () => {
    const stream = newLayer(utf8("stream"));
    const waiting = append(arm64, { layer: stream });
    const platform = { architecture: "arm64", os: "linux" };
    const index = removeManifests(appendManifests(await indexWith(amd64), { add: waiting, platform }), isArm);
    expect(await manifests(index)).toEqual([amd64, waiting]);
    await expect(index.digest()).rejects.toThrow(NotComputedError);
    await readBytes(await stream.compressed());
    expect(await manifests(index)).toEqual([amd64]);
  });
});

describe("indexMediaType", () => {
  it("is overridden, and nothing else is", async () => {
    const base = await indexWith(amd64);
    const index = indexMediaType(base, "application/x");
    expect(await index.indexManifest()).toEqual({
      ...(await base.indexManifest()),
      mediaType: "application/x",
    });
    expect(await index.mediaType()).toBe("application/x");
  });
});
