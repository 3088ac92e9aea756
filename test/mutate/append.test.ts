import { describe, expect, it } from "vitest";
import { AdditionError, append, appendLayers, configMediaType, mediaType } from "../../src/mutate/index.js";
import { descriptor, unwrap } from "../../src/partial/index.js";
import { newLayer } from "../../src/stream/index.js";
import {
  type ConfigFile,
  dockerConfigJSON,
  dockerLayer,
  dockerManifestSchema2,
  encodeConfigFile,
  type Image,
  NotComputedError,
  ociLayer,
} from "../../src/v1/index.js";
import { imageOf, imageOfBytes, MemoryLayer, readBytes, sha256, utf8 } from "./fixture/images.js";

const bottom = new MemoryLayer(utf8("bottom"));
const base = imageOf([bottom], { history: [{ createdBy: "bottom" }] });

/** Docker's image of nothing, as in appendix A. */
function emptyImage(): Image {
  const file: ConfigFile = { architecture: "", os: "", rootfs: { type: "layers" }, config: {} };
  return imageOfBytes([], encodeConfigFile(file));
}

/** The layers as they were given. */
async function layersOf(image: Image): Promise<readonly object[]> {
  return (await image.layers()).map(unwrap);
}

describe("append", () => {
  it("acceptance 66: with three streams, layers() lists all, the rest waits, and then is there and stays the same", async () => {
    const streams = ["one", "two", "three"].map((text) => newLayer(utf8(text)));
    const image = appendLayers(base, ...streams);
    const waiting: readonly (() => Promise<unknown>)[] = [
      () => image.manifest(),
      () => image.rawManifest(),
      () => image.digest(),
      () => image.size(),
      () => image.configFile(),
      () => image.rawConfigFile(),
      () => image.configName(),
      () => image.layerByDigest(sha256(utf8("one"))),
      () => image.layerByDiffID(sha256(utf8("one"))),
    ];
    for (const ask of waiting) await expect(ask()).rejects.toThrow(NotComputedError);

    expect(await layersOf(image)).toEqual([bottom, ...streams]);
    expect(await image.mediaType()).toBe(dockerManifestSchema2);
    for (const stream of streams.slice(0, 2)) await readBytes(await stream.compressed());
    await expect(image.digest()).rejects.toThrow(NotComputedError);
    await readBytes(await streams[2]!.compressed());

    const { layers = [] } = await image.manifest();
    const expected = [await bottom.digest(), ...(await Promise.all(streams.map((each) => each.digest())))];
    expect(layers.map(({ digest }) => String(digest))).toEqual(expected.map(String));
    const { rootfs, history = [] } = await image.configFile();
    expect(rootfs.diffIDs?.map(String)).toEqual(
      ["bottom", "one", "two", "three"].map((text) => String(sha256(utf8(text)))),
    );
    expect(history).toEqual([{ createdBy: "bottom" }, {}, {}, {}]);
    const digest = await image.digest();
    expect(String(await image.digest())).toBe(String(digest));
    expect(String(digest)).toBe(String(sha256(await image.rawManifest())));
    expect(await layersOf(image)).toEqual([bottom, ...streams]);
  });

  it("works on top of an image that waits for streams itself", async () => {
    const [lower, upper] = [newLayer(utf8("lower")), newLayer(utf8("upper"))];
    const image = mediaType(appendLayers(appendLayers(base, lower), upper), "application/x");
    expect(await layersOf(image)).toEqual([bottom, lower, upper]);
    await readBytes(await upper.compressed());
    await expect(image.digest()).rejects.toThrow(NotComputedError);
    await readBytes(await lower.compressed());
    expect((await image.manifest()).layers).toHaveLength(3);
  });

  it("acceptance 67: refuses an addition without a layer, unless its history says that it made none", async () => {
    expect(() => append(base, {})).toThrow(AdditionError);
    expect(() => append(base, { layer: bottom }, { history: { createdBy: "x" } })).toThrow(
      /unable to add a nil layer to the image: addition 1 /,
    );
    const image = append(base, { history: { createdBy: "ENV a=b", emptyLayer: true } });
    expect((await image.manifest()).layers).toEqual((await base.manifest()).layers);
    const { history, rootfs } = await image.configFile();
    expect(history).toEqual([{ createdBy: "bottom" }, { createdBy: "ENV a=b", emptyLayer: true }]);
    expect(rootfs).toEqual((await base.configFile()).rootfs);
  });

  it("acceptance 67: without additions gives the same image", () => {
    expect(append(base)).toBe(base);
    expect(appendLayers(base)).toBe(base);
  });

  it("acceptance 68: keeps the bytes of a configuration that is no image's", async () => {
    const raw = utf8('{ "is": "not an image\'s" }\n');
    const mediaType = "application/vnd.example.config.v1+json";
    const config = { mediaType, size: raw.length, digest: sha256(raw) };
    const artifact = imageOfBytes([bottom], raw, { config });
    const layer = new MemoryLayer(utf8("more"), "application/x");
    const image = append(artifact, { layer, history: { createdBy: "nobody" } });
    expect(await image.rawConfigFile()).toEqual(raw);
    expect((await image.manifest()).config).toEqual(config);
    expect(String(await image.configName())).toBe(String(sha256(raw)));
    expect((await image.manifest()).layers?.map((each) => each.mediaType)).toEqual([
      dockerLayer,
      "application/x",
    ]);
  });

  it("acceptance 69: two layers of one content and different compression both stay", async () => {
    const content = utf8("the same");
    const [gzipped, plain] = [
      new MemoryLayer(content),
      new MemoryLayer(content, "application/x-tar", content),
    ];
    const image = appendLayers(base, gzipped, plain);
    const digests = (await image.manifest()).layers?.map(({ digest }) => String(digest));
    expect(new Set(digests).size).toBe(3);
    expect(await layersOf(image)).toEqual([bottom, gzipped, plain]);
    expect(await image.layerByDigest(await plain.digest())).toBe(plain);
    expect(await image.layerByDiffID(await plain.diffID())).toBe(gzipped);
  });

  it("describes a layer as the addition says, where it says something", async () => {
    const layer = Object.assign(new MemoryLayer(utf8("x")), {
      descriptor: async () => ({
        ...layer.contentDescriptor,
        urls: ["https://own.example/"],
        annotations: { own: "1" },
      }),
    });
    const image = append(
      base,
      { layer },
      { layer, urls: ["https://a.example/"], annotations: { a: "b" }, mediaType: ociLayer },
      { layer, urls: [], annotations: {}, mediaType: "" },
    );
    const own = await layer.descriptor();
    const { layers = [] } = await image.manifest();
    expect(layers.slice(1)).toEqual([
      own,
      { ...own, urls: ["https://a.example/"], annotations: { a: "b" }, mediaType: ociLayer },
      own,
    ]);
  });

  it("is not changed by what the caller does to the additions afterwards", async () => {
    const urls = ["https://a.example/"];
    const annotations: Record<string, string> = { a: "b" };
    const image = append(base, { layer: new MemoryLayer(utf8("x")), urls, annotations });
    urls.push("https://b.example/");
    annotations.c = "d";
    const added = (await image.manifest()).layers?.at(-1);
    expect(added).toMatchObject({ urls: ["https://a.example/"], annotations: { a: "b" } });
  });

  it("finds layers by digest and diffID, the configuration by its name, and nothing else", async () => {
    const layer = new MemoryLayer(utf8("top"));
    const image = appendLayers(base, layer);
    expect(await image.layerByDigest(await layer.digest())).toBe(layer);
    expect(unwrap(await image.layerByDigest(await bottom.digest()))).toBe(bottom);
    expect(unwrap(await image.layerByDiffID(await bottom.diffID()))).toBe(bottom);
    const config = await image.layerByDigest(await image.configName());
    expect(await readBytes(await config.compressed())).toEqual(await image.rawConfigFile());
    await expect(image.layerByDigest(await base.configName())).rejects.toMatchObject({
      code: "ERR_VARVE_BLOB_UNKNOWN",
    });
    await expect(image.layerByDiffID(sha256(utf8("?")))).rejects.toMatchObject({
      code: "ERR_VARVE_BLOB_UNKNOWN",
    });
  });

  it("keeps the configuration in the manifest's data up to date, if the base has it there", async () => {
    const raw = await base.rawConfigFile();
    const { config } = await base.manifest();
    const carrying = imageOfBytes([bottom], raw, { config: { ...config, data: raw } });
    const image = appendLayers(carrying, new MemoryLayer(utf8("x")));
    expect((await image.manifest()).config.data).toEqual(await image.rawConfigFile());
    expect((await appendLayers(base, bottom).manifest()).config.data).toBeUndefined();
  });

  it("gives copies of its bytes", async () => {
    const image = appendLayers(base, bottom);
    (await image.rawManifest()).fill(0);
    (await image.rawConfigFile()).fill(0);
    expect(String(sha256(await image.rawManifest()))).toBe(String(await image.digest()));
    expect(String(sha256(await image.rawConfigFile()))).toBe(String(await image.configName()));
  });

  it("reads no layer that can tell what it is", async () => {
    const layer = new MemoryLayer(utf8("x"));
    const image = appendLayers(base, layer);
    await image.digest();
    await image.layers();
    expect(layer.opened).toBe(0);
  });

  it("writes what go-containerregistry writes (appendix A)", async () => {
    const hello = new MemoryLayer(
      utf8("hello"),
      dockerLayer,
      // Go's gzip of it, at level 1: one stored block, and an empty one at the end.
      Buffer.from("1f8b08000000000004ff000500faff68656c6c6f010000ffff86a6103605000000", "hex"),
    );
    expect(String(await hello.digest())).toMatch(/^sha256:fea18e61/);
    const empty = emptyImage();
    expect(String(await empty.digest())).toBe(
      "sha256:732112270d7e59418a8c080b134b24cabd67d250d0d0147a97ed95ba5c280aa4",
    );
    const image = appendLayers(empty, hello);
    expect(String(await image.configName())).toBe(
      "sha256:5c6252906e515b45399e41fda0307669c92e15d7745ea0d49670fe37c5c1b568",
    );
    expect(await image.size()).toBe(422);
    expect(String(await image.digest())).toBe(
      "sha256:7409892c914f2b5652a3933465c7f252d8ff31c0aba393d4cf58af06480e876f",
    );
  });
});

describe("media types", () => {
  it("are overridden, and nothing else is", async () => {
    const image = configMediaType(mediaType(base, "application/x"), "application/y");
    const own = await base.manifest();
    expect(await image.manifest()).toEqual({
      ...own,
      mediaType: "application/x",
      config: { ...own.config, mediaType: "application/y" },
    });
    expect(await image.mediaType()).toBe("application/x");
    expect(await image.rawConfigFile()).toEqual(await base.rawConfigFile());
    expect(own.config.mediaType).toBe(dockerConfigJSON);
    expect((await descriptor(image)).mediaType).toBe("application/x");
  });
});
