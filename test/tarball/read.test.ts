import { beforeAll, describe, expect, it, vi } from "vitest";
import { newTag } from "../../src/name/index.js";
import { LayerCountError } from "../../src/partial/index.js";
import { TarError } from "../../src/tar/index.js";
import { Archive } from "../../src/tarball/archive.js";
import { image, loadManifest, openerOf, TarballError } from "../../src/tarball/index.js";
import {
  dockerForeignLayer,
  dockerLayer,
  dockerManifestSchema2,
  type Image,
  JSONError,
  ociLayer,
  ociLayerZStd,
  ociManifestSchema1,
  SizeLimitError,
  UnsupportedError,
  VerificationError,
} from "../../src/v1/index.js";
import "../../src/zstd/index.js";
import { ascii, concat } from "../fixtures/bytes.js";
import { entry, pax, record } from "../tar/fixture/archive.js";
import { allOf, thrownBy } from "../tar/fixture/reading.js";
import { reference } from "../zstd/native.js";
import {
  archiveOf,
  type Content,
  CountingOpener,
  configOf,
  type Files,
  gzipped,
  hexOf,
  json,
  layerTar,
} from "./fixture/docker-save.js";

const [first, second, third] = [layerTar(1), layerTar(2), layerTar(3)];
const config = configOf(first, second, third);
const configName = hexOf(config);
let zstd: (bytes: Uint8Array) => Uint8Array;
beforeAll(async () => {
  const peer = await reference();
  zstd = (bytes) => peer.compress(bytes, 3);
});

/** Opens the one image of an archive of the files. */
function open(files: Files | readonly (readonly [string, Uint8Array])[], tag?: string): Promise<Image> {
  return image(openerOf(archiveOf(files)), tag);
}

/** Reads everything that an image has, and holds it to what its configuration and manifest say. */
async function check(read: Image, layers: readonly Uint8Array[]): Promise<void> {
  const manifest = await read.manifest();
  expect(String(await read.digest())).toBe(`sha256:${hexOf(await read.rawManifest())}`);
  expect(await read.size()).toBe((await read.rawManifest()).length);
  expect(String(manifest.config.digest)).toBe(`sha256:${hexOf(await read.rawConfigFile())}`);
  const found = await read.layers();
  expect(found).toHaveLength(layers.length);
  for (const [index, layer] of found.entries()) {
    const compressed = await allOf(await layer.compressed());
    expect(await allOf(await layer.uncompressed())).toEqual(layers[index]);
    expect(String(await layer.diffID())).toBe(`sha256:${hexOf(layers[index]!)}`);
    expect(String(await layer.digest())).toBe(`sha256:${hexOf(compressed)}`);
    expect(await layer.size()).toBe(compressed.length);
    expect(manifest.layers?.[index]).toMatchObject({
      mediaType: await layer.mediaType(),
      digest: await layer.digest(),
      size: compressed.length,
    });
    expect(await read.layerByDiffID(await layer.diffID())).toBe(layer);
    expect(await read.layerByDigest(await layer.digest())).toBe(layer);
  }
  const configLayer = await read.layerByDigest(await read.configName());
  expect(await allOf(await configLayer.compressed())).toEqual(await read.rawConfigFile());
}

/** As docker before 25 writes: a directory for each layer, and links where one has been written already. */
function oldDocker(): Files {
  return {
    "aaa/VERSION": ascii("1.0"),
    "aaa/layer.tar": first,
    "bbb/layer.tar": second,
    "ccc/layer.tar": third,
    [`${configName}.json`]: config,
    "manifest.json": json([
      {
        Config: `${configName}.json`,
        RepoTags: ["busybox:latest"],
        Layers: ["aaa/layer.tar", "bbb/layer.tar", "ccc/layer.tar"],
      },
    ]),
    repositories: json({}),
  };
}

/** As docker from 25 on writes: an OCI layout with a manifest.json. */
function newDocker(...blobs: readonly Uint8Array[]): Files {
  const path = (blob: Uint8Array): string => `blobs/sha256/${hexOf(blob)}`;
  return {
    "oci-layout": json({ imageLayoutVersion: "1.0.0" }),
    ...Object.fromEntries([config, ...blobs].map((blob) => [path(blob), blob])),
    "index.json": json({ schemaVersion: 2, manifests: [] }),
    "manifest.json": json([
      { Config: path(config), RepoTags: ["busybox:latest"], Layers: blobs.map(path), LayerSources: null },
    ]),
  };
}

describe("a tarball that is read", () => {
  it("is one of old docker: layers without compression are compressed", async () => {
    const read = await open(oldDocker());
    await check(read, [first, second, third]);
    expect(await read.mediaType()).toBe(dockerManifestSchema2);
    expect(await read.rawConfigFile()).toEqual(config);
    expect(String(await read.configName())).toBe(`sha256:${configName}`);
    expect((await read.configFile()).architecture).toBe("amd64");
  });

  it("is one of new docker: an OCI layout, with layers compressed or not", async () => {
    await check(await open(newDocker(first, second, third)), [first, second, third]);
    const read = await open(newDocker(gzipped(first), gzipped(second), gzipped(third)));
    await check(read, [first, second, third]);
    const [layer] = await read.layers();
    expect(String(await layer?.digest())).toBe(`sha256:${hexOf(gzipped(first))}`);
  });

  it("has layers with gzip, with zstd and without compression in one image, each as it is", async () => {
    const mixed = [gzipped(first), zstd(second), third];
    const read = await open(newDocker(...mixed));
    await check(read, [first, second, third]);
    // Docker's manifests have no type for zstd.
    expect(await read.mediaType()).toBe(ociManifestSchema1);
    expect((await read.manifest()).layers?.map(({ mediaType }) => mediaType)).toEqual([
      ociLayer,
      ociLayerZStd,
      ociLayer,
    ]);
    const layers = await read.layers();
    expect(await allOf(await layers[0]!.compressed())).toEqual(mixed[0]);
    expect(await allOf(await layers[1]!.compressed())).toEqual(mixed[1]);

    const plainFirst = await open(newDocker(first, gzipped(second), third));
    await check(plainFirst, [first, second, third]);
    expect((await plainFirst.manifest()).layers?.map(({ mediaType }) => mediaType)).toEqual([
      dockerLayer,
      dockerLayer,
      dockerLayer,
    ]);
  });

  it("has the image of the tag, whose name is completed as Docker does", async () => {
    const other = configOf(third);
    const files = {
      one: config,
      two: other,
      a: first,
      b: second,
      c: third,
      "manifest.json": json([
        { Config: "one", RepoTags: ["ubuntu:latest", "NOT A TAG", "ubuntu:20.04"], Layers: ["a", "b", "c"] },
        { Config: "two", RepoTags: ["index.docker.io/library/debian:12"], Layers: ["c"] },
        { Config: "two", RepoTags: null, Layers: ["c"] },
      ]),
    };
    for (const tag of ["ubuntu", "ubuntu:20.04", "docker.io/library/ubuntu:latest"]) {
      expect(await (await open(files, tag)).rawConfigFile()).toEqual(config);
    }
    const found = await image(openerOf(archiveOf(files)), newTag("debian:12"));
    expect(await found.rawConfigFile()).toEqual(other);
  });

  it("acceptance 72: a tag that is not there is an error, and so is no tag where there are several images", async () => {
    const files = {
      one: config,
      a: first,
      b: second,
      c: third,
      "manifest.json": json([
        { Config: "one", RepoTags: ["ubuntu"], Layers: ["a", "b", "c"] },
        { Config: "one", RepoTags: [], Layers: ["a", "b", "c"] },
      ]),
    };
    const missing = await thrownBy(() => open(files, "ubuntu:22.04"));
    expect(missing).toBeInstanceOf(TarballError);
    expect(missing).toMatchObject({
      code: "ERR_VARVE_TARBALL",
      message: 'the tag "ubuntu:22.04" is not in the tarball',
    });
    expect(await thrownBy(() => open(files))).toMatchObject({ message: expect.stringContaining("2 images") });
    expect(await thrownBy(() => open({ "manifest.json": json([]) }))).toMatchObject({
      message: expect.stringContaining("0 images"),
    });
    expect(await thrownBy(() => open(files, "UPPER"))).toMatchObject({ code: "ERR_VARVE_NAME" });
  });

  it("has links, hard and symbolic, from one file to another", async () => {
    const files = {
      ...oldDocker(),
      "bbb/layer.tar": { link: "./shared//second.tar" },
      "ccc/layer.tar": { symlink: "../ddd/layer.tar" },
      "ddd/layer.tar": { symlink: "./third.tar" },
      "ddd/third.tar": third,
      "shared/second.tar": second,
    };
    await check(await open(files), [first, second, third]);
  });

  it("has names that are cleaned before they are compared", async () => {
    const files = {
      "./config": config,
      "x/../a": first,
      "/b": second,
      "c//d": third,
      "././manifest.json": json([{ Config: "config", Layers: ["./a", "b", "c/./d"] }]),
    };
    await check(await open(files), [first, second, third]);
  });

  it("follows each link of a long chain once, however many files of it are asked for", async () => {
    const chain = Array.from({ length: 300 }, (_, i): [string, Content] => [
      `${i}`,
      i === 0 ? second : i % 2 === 0 ? { link: `${i - 1}` } : { symlink: `${i - 1}` },
    ]);
    const tar = archiveOf([["manifest.json", json([])], ...chain]);
    const archive = await Archive.read(openerOf(tar), {});
    const lookups = vi.spyOn(Map.prototype, "get");
    const files = chain.reverse().map(([name]) => archive.file(name));
    const count = lookups.mock.calls.length;
    lookups.mockRestore();
    expect(count).toBeLessThan(3 * chain.length);
    for (const file of files) expect(file).toMatchObject({ name: "0", size: second.length });
  });

  it("acceptance 72: links in a circle are an error", async () => {
    for (const circle of [
      { "aaa/layer.tar": { link: "aaa/layer.tar" } },
      { "aaa/layer.tar": { symlink: "layer.tar" } },
      { "aaa/layer.tar": { symlink: "../x" }, x: { link: "y" }, y: { symlink: "aaa/layer.tar" } },
    ] as const) {
      const error = await thrownBy(() => open({ ...oldDocker(), ...circle }));
      expect(error).toBeInstanceOf(TarballError);
      expect(error).toMatchObject({ message: expect.stringContaining("lead in a circle") });
    }
  });

  it.each([
    [{ symlink: "../../etc/passwd" }],
    [{ symlink: "/aaa/layer.tar" }],
    [{ link: "../layer.tar" }],
  ] as const)("has no links that lead out of it, such as %j", async (link) => {
    const error = await thrownBy(() => open({ ...oldDocker(), "bbb/layer.tar": link }));
    expect(error).toBeInstanceOf(TarballError);
    expect(error).toMatchObject({ message: expect.stringContaining("leads out of the tarball") });
  });

  it("has no names that lead out of it either", async () => {
    const list = json([{ Config: "../config", Layers: [] }]);
    const error = await thrownBy(() => open({ "../config": configOf(), "manifest.json": list }));
    expect(error).toMatchObject({ message: '"../config" leads out of the tarball' });
  });

  it("says which file is missing", async () => {
    const { "bbb/layer.tar": _, ...files } = oldDocker();
    expect(await thrownBy(() => open(files))).toMatchObject({
      code: "ERR_VARVE_TARBALL",
      message: expect.stringContaining('no file "bbb/layer.tar"'),
    });
  });
});

describe("a tarball that lies", () => {
  it.each([
    (name: string) => `${name}.json`,
    (name: string) => `sha256:${name}`,
    (name: string) => `blobs/sha256/${name}`,
  ])("about its configuration is refused when it is opened", async (naming) => {
    const name = naming("0".repeat(64));
    const files = { [name]: configOf(), "manifest.json": json([{ Config: name, Layers: [] }]) };
    expect(await thrownBy(() => open(files))).toBeInstanceOf(VerificationError);
  });

  it("about a layer's content is refused whenever that is read", async () => {
    for (const wrong of [second, gzipped(second)]) {
      const read = await open({ ...oldDocker(), "aaa/layer.tar": wrong });
      const [layer] = await read.layers();
      expect(await thrownBy(() => layer!.digest())).toBeInstanceOf(VerificationError);
      expect(await thrownBy(async () => allOf(await layer!.uncompressed()))).toBeInstanceOf(
        VerificationError,
      );
      expect(await thrownBy(async () => allOf(await layer!.compressed()))).toBeInstanceOf(VerificationError);
      expect(await thrownBy(() => read.digest())).toBeInstanceOf(VerificationError);
    }
  });

  it("about a blob's digest is refused when the blob is read", async () => {
    const files: Record<string, Uint8Array> = { ...(newDocker(gzipped(first), second, third) as object) };
    const name = `blobs/sha256/${hexOf(gzipped(first))}`;
    files[name] = concat(gzipped(first).subarray(0, -1), ascii("x"));
    const [layer] = await (await open(files)).layers();
    expect(String(await layer!.digest())).toBe(`sha256:${hexOf(gzipped(first))}`);
    expect(await thrownBy(async () => allOf(await layer!.compressed()))).toBeInstanceOf(VerificationError);
  });

  it("about a size is refused, as it is cut short or damaged where the next file should be", async () => {
    const whole = archiveOf(oldDocker());
    expect(await thrownBy(() => image(openerOf(whole.subarray(0, 3000))))).toBeInstanceOf(TarError);
    const shifted = concat(whole.subarray(0, 1024), whole.subarray(1100));
    expect(await thrownBy(() => image(openerOf(shifted)))).toBeInstanceOf(TarError);
  });

  it("by changing between two readings is refused", async () => {
    const opener = new CountingOpener(archiveOf(newDocker(gzipped(first), second, third)));
    const layers = await (await image(opener.open)).layers();
    opener.bytes = archiveOf({ other: ascii("x"), ...newDocker(gzipped(first), second, third) });
    for (const layer of layers) {
      expect(await thrownBy(async () => allOf(await layer.uncompressed()))).toBeInstanceOf(TarballError);
    }
    opener.bytes = archiveOf({ other: ascii("x") });
    expect(await thrownBy(async () => allOf(await layers[0]!.compressed()))).toBeInstanceOf(TarballError);
    expect(opener.closed).toBe(opener.opened);
  });

  it("about how many layers there are is refused", async () => {
    for (const layers of [["aaa/layer.tar"], ["a", "b", "c", "d"]]) {
      const list = json([{ Config: `${configName}.json`, Layers: layers }]);
      const error = await thrownBy(() => open({ ...oldDocker(), "manifest.json": list }));
      expect(error).toBeInstanceOf(LayerCountError);
    }
  });

  it.each([
    ["no JSON", ascii("[{"), JSONError],
    ["no list", json({ Config: "a" }), JSONError],
    ["a list of something else", json(["a"]), JSONError],
    ["no configuration", json([{ Layers: [] }]), JSONError],
    ["layers that are no names", json([{ Config: "a", Layers: [1] }]), JSONError],
    ["sources that are no descriptors", json([{ Config: "a", LayerSources: { a: {} } }]), JSONError],
  ])("with a manifest.json that is %s is refused", async (_, list, kind) => {
    expect(await thrownBy(() => loadManifest(openerOf(archiveOf({ "manifest.json": list }))))).toBeInstanceOf(
      kind,
    );
  });

  it("with no manifest.json, or two, is refused", async () => {
    expect(await thrownBy(() => open({ "index.json": json({}) }))).toMatchObject({
      code: "ERR_VARVE_TARBALL",
      message: expect.stringContaining("varve/layout"),
    });
    const twice = [
      ["manifest.json", json([])],
      ["./manifest.json", json([])],
    ] as const;
    expect(await thrownBy(() => open(twice))).toMatchObject({
      message: "the tarball has more than one manifest.json",
    });
    expect(await thrownBy(() => image(openerOf(ascii("no tar".repeat(200)))))).toBeInstanceOf(TarError);
  });

  it("with a manifest.json or a configuration larger than allowed is refused", async () => {
    const files = oldDocker();
    const large = {
      ...files,
      "manifest.json": concat(ascii(" ".repeat(5000)), files["manifest.json"] as Uint8Array),
    };
    expect(
      await thrownBy(() => image(openerOf(archiveOf(large)), undefined, { maxManifestBytes: 4000 })),
    ).toBeInstanceOf(SizeLimitError);
    expect(
      await thrownBy(() =>
        image(openerOf(archiveOf(files)), undefined, { maxManifestBytes: config.length - 1 }),
      ),
    ).toBeInstanceOf(SizeLimitError);
    expect(await image(openerOf(archiveOf(large)), undefined, { maxManifestBytes: 6000 })).toBeDefined();
    const huge = { "manifest.json": new Uint8Array(4 * 1024 * 1024 + 1) };
    expect(await thrownBy(() => open(huge))).toBeInstanceOf(SizeLimitError);
  });

  it("by names without end is refused", async () => {
    const long = concat(pax(record("path", "n".repeat(1_000_000))), entry({}));
    let pieces = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pieces++;
        controller.enqueue(long.slice());
      },
    });
    expect(await thrownBy(() => image(() => endless))).toMatchObject({
      code: "ERR_VARVE_TARBALL",
      message: expect.stringContaining("too many files"),
    });
    expect(pieces).toBeLessThan(20);
  });
});

describe("foreign layers", () => {
  const compressed = gzipped(first);
  const source = {
    mediaType: dockerForeignLayer,
    size: compressed.length,
    digest: `sha256:${hexOf(compressed)}`,
    urls: ["https://example.com/layer"],
  };
  const list = json([
    { Config: "config", RepoTags: null, Layers: ["a"], LayerSources: { [`sha256:${hexOf(first)}`]: source } },
  ]);

  it("are described as their sources say, though the tarball has no bytes of them", async () => {
    const read = await open({ config: configOf(first), "manifest.json": list });
    const { layers } = await read.manifest();
    expect(layers?.map(({ mediaType, urls }) => [mediaType, urls])).toEqual([
      [dockerForeignLayer, source.urls],
    ]);
    const [layer] = await read.layers();
    expect(String(await layer!.diffID())).toBe(`sha256:${hexOf(first)}`);
    expect(await thrownBy(() => layer!.compressed())).toBeInstanceOf(UnsupportedError);
    expect(await thrownBy(() => layer!.uncompressed())).toBeInstanceOf(UnsupportedError);
  });

  it("are read where the tarball has them, and held to what their sources say", async () => {
    const read = await open({ config: configOf(first), a: compressed, "manifest.json": list });
    await check(read, [first]);
    const lying = await open({ config: configOf(first), a: gzipped(second), "manifest.json": list });
    const [layer] = await lying.layers();
    expect(await thrownBy(async () => allOf(await layer!.compressed()))).toBeInstanceOf(VerificationError);
  });
});

describe("the opener", () => {
  it("opens nothing before it is needed, and everything that it opens is let go of", async () => {
    const opener = new CountingOpener(archiveOf(newDocker(gzipped(first), zstd(second), third)));
    const read = await image(opener.open);
    expect([opener.opened, opener.closed]).toEqual([2, 2]);
    const layers = await read.layers();
    const streams = await Promise.all(layers.map((layer) => layer.uncompressed()));
    expect([opener.opened, opener.closed]).toEqual([2, 2]);
    await allOf(streams[0]!);
    const reader = streams[1]!.getReader();
    await reader.read();
    await reader.cancel();
    await streams[2]!.cancel();
    expect([opener.opened, opener.closed]).toEqual([4, 4]);
    await read.digest();
    expect(opener.closed).toBe(opener.opened);
  });

  it("may fail: the error is its own, and the next call tries again", async () => {
    const failure = new Error("unplugged");
    const bytes = archiveOf(oldDocker());
    let failing = true;
    const opener = (): ReadableStream<Uint8Array> => {
      if (failing) throw failure;
      return new Blob([bytes as Uint8Array<ArrayBuffer>]).stream();
    };
    expect(await thrownBy(() => image(opener))).toBe(failure);
    failing = false;
    const read = await image(opener);
    failing = true;
    expect(await thrownBy(() => read.digest())).toBe(failure);
    failing = false;
    await check(read, [first, second, third]);
  });

  it("may be a blob", async () => {
    const blob = new Blob([archiveOf(oldDocker()) as Uint8Array<ArrayBuffer>]);
    await check(await image(openerOf(blob)), [first, second, third]);
  });

  it("is given a signal, and a call that is aborted ends, whatever the opener does", async () => {
    const controller = new AbortController();
    const hanging = (): Promise<ReadableStream<Uint8Array>> => new Promise(() => {});
    const waiting = thrownBy(() => image(hanging, undefined, { signal: controller.signal }));
    controller.abort(new Error("enough"));
    const error = await waiting;
    expect([error, (error as Error).cause]).toContainEqual(new Error("enough"));
  });
});
