import { describe, expect, it } from "vitest";
import * as compare from "../../src/compare/index.js";
import { newDigest, newTag } from "../../src/name/index.js";
import { compressedToImage } from "../../src/partial/index.js";
import { image as randomImage } from "../../src/random/index.js";
import { newLayer as staticLayer } from "../../src/static/index.js";
import { newLayer } from "../../src/stream/index.js";
import {
  calculateSize,
  image,
  loadManifest,
  multiRefWrite,
  multiWrite,
  openerOf,
  type TarballProgress,
  write,
} from "../../src/tarball/index.js";
import {
  dockerForeignLayer,
  dockerLayer,
  dockerManifestSchema2,
  encodeConfigFile,
  type Hash,
  hashFromBytes,
  type Image,
  type Layer,
  NotComputedError,
  ociLayerZStd,
  ociUncompressedLayer,
  ReadAbortedError,
  VerificationError,
} from "../../src/v1/index.js";
import { ascii } from "../fixtures/bytes.js";
import { filesOfTar } from "../stream/fixture/tar.js";
import { allOf, readWhole, thrownBy } from "../tar/fixture/reading.js";
import { gzipped, hexOf } from "./fixture/docker-save.js";

const app = randomImage(1000, 3, { seed: 1 });
const base = randomImage(500, 2, { seed: 2 });

async function names(tarball: Uint8Array): Promise<readonly string[]> {
  return [...(await filesOfTar(tarball)).keys()];
}

function hash(bytes: Uint8Array): Hash {
  return hashFromBytes("sha256", Uint8Array.from(Buffer.from(hexOf(bytes), "hex")));
}

/** An image of these layers, as far as tarballs need it. */
function imageOf(...layers: readonly Layer[]): Image {
  const config = async (): Promise<Uint8Array> => {
    const diffIDs = await Promise.all(layers.map((layer) => layer.diffID()));
    return encodeConfigFile({
      architecture: "amd64",
      os: "linux",
      rootfs: { type: "layers", diffIDs },
      config: {},
    });
  };
  const made = compressedToImage({
    rawConfigFile: config,
    mediaType: async () => dockerManifestSchema2,
    rawManifest: () => Promise.reject(new Error("a tarball needs no manifest")),
    layerByDigest: () => Promise.reject(new Error("there are no layers by digest")),
  });
  return Object.assign(made, { layers: async () => layers });
}

/** A layer that says of itself what it is told to. */
function layerOf(
  bytes: Uint8Array,
  facts: Partial<{ digest: Hash; size: number; mediaType: string }> = {},
): Layer {
  const layer = staticLayer(bytes, facts.mediaType ?? dockerLayer);
  return {
    digest: async () => facts.digest ?? hash(bytes),
    diffID: () => layer.diffID(),
    size: async () => facts.size ?? bytes.length,
    mediaType: () => layer.mediaType(),
    compressed: (options) => layer.compressed(options),
    uncompressed: (options) => layer.uncompressed(options),
  };
}

describe("a tarball that is written", () => {
  it("acceptance 72: is read back as an image that compares equal, and whose values are those of its bytes", async () => {
    const tarball = await allOf(await write("localhost:5000/app:v1", app));
    const read = await image(openerOf(tarball), "localhost:5000/app:v1");
    await compare.images(read, app);
    expect(await read.rawConfigFile()).toEqual(await app.rawConfigFile());
    for (const layer of await read.layers()) {
      const compressed = await allOf(await layer.compressed());
      const uncompressed = await allOf(await layer.uncompressed());
      expect(await layer.digest()).toEqual(hash(compressed));
      expect(await layer.diffID()).toEqual(hash(uncompressed));
      expect(await layer.size()).toBe(compressed.length);
    }
    expect(await read.digest()).toEqual(hash(await read.rawManifest()));
  });

  it("has the configuration by its digest, layers by theirs, and manifest.json last", async () => {
    const tarball = await allOf(await write("app:v1", app));
    const layers = await Promise.all((await app.layers()).map(async (layer) => (await layer.digest()).hex));
    const config = String(await app.configName());
    expect(await names(tarball)).toEqual([config, ...layers.map((hex) => `${hex}.tar.gz`), "manifest.json"]);
    const list = (await filesOfTar(tarball)).get("manifest.json");
    expect(list).toBe(
      `[{"Config":"${config}","RepoTags":["app:v1"],"Layers":[${layers.map((hex) => `"${hex}.tar.gz"`)}]}]`,
    );
    for (const { header } of await readWhole(tarball)) {
      expect(header).toMatchObject({ mode: 0o644, uid: 0, gid: 0, mtime: 0, uname: "", type: "file" });
    }
  });

  it("is the same whenever it is written, in whatever order the images come", async () => {
    const there = new Map([
      [newTag("b:1"), app],
      [newTag("a:1"), base],
    ]);
    const back = [...there].reverse();
    expect(await allOf(await multiWrite(there))).toEqual(await allOf(await multiWrite(back)));
  });

  it("acceptance 72: has one image under several tags once, and several images in the order of their tags", async () => {
    const tarball = await allOf(
      await multiWrite([
        ["localhost:5000/app:v2", app],
        ["debian", base],
        [newTag("localhost:5000/app:v1"), app],
        ["localhost:5000/app:v1", app],
      ]),
    );
    const manifests = await loadManifest(openerOf(tarball));
    expect(manifests.map(({ repoTags }) => repoTags)).toEqual([
      ["debian:latest"],
      ["localhost:5000/app:v1", "localhost:5000/app:v2"],
    ]);
    for (const [tag, expected] of [
      ["debian", base],
      ["localhost:5000/app:v1", app],
      ["localhost:5000/app:v2", app],
    ] as const) {
      await compare.images(await image(openerOf(tarball), tag), expected);
    }
    expect((await names(tarball)).length).toBe(1 + 2 + 1 + 3 + 1);
  });

  it("acceptance 72: stores a layer that images share once", async () => {
    const [first, second] = await app.layers();
    const images = [
      ["one", imageOf(first!, second!)],
      ["two", imageOf(second!, first!, second!)],
    ] as const;
    const tarball = await allOf(await multiWrite(images));
    expect((await names(tarball)).filter((name) => name.endsWith(".tar.gz"))).toHaveLength(2);
    const read = await image(openerOf(tarball), "two");
    const digests = await Promise.all((await read.layers()).map((layer) => layer.digest()));
    expect(digests).toEqual([await second!.digest(), await first!.digest(), await second!.digest()]);
  });

  it("gives images by digest no name, and null for its names as Go does", async () => {
    const reference = newDigest(`app@${await app.digest()}`);
    const tarball = await allOf(await multiRefWrite([[reference, app]]));
    expect((await filesOfTar(tarball)).get("manifest.json")).toContain('"RepoTags":null');
    expect((await loadManifest(openerOf(tarball)))[0]?.repoTags).toBeUndefined();
    await compare.images(await image(openerOf(tarball)), app);
  });

  it("names layers by what their media types say", async () => {
    const layers = [ociLayerZStd, ociUncompressedLayer, dockerLayer, "application/strange"].map(
      (mediaType, index) => layerOf(ascii(`layer ${index}`), { mediaType }),
    );
    const tarball = await allOf(await write("app", imageOf(...layers)));
    expect((await names(tarball)).slice(1, -1).map((name) => name.slice(64))).toEqual([
      ".tar.zst",
      ".tar",
      ".tar.gz",
      ".tar.gz",
    ]);
  });

  it("tells of foreign layers where they come from", async () => {
    const bytes = gzipped(ascii("a layer"));
    const urls = ["https://example.com/<layer>"];
    const layer: Layer = {
      ...layerOf(bytes, { mediaType: dockerForeignLayer }),
      diffID: async () => hash(ascii("a layer")),
    };
    const described = { mediaType: dockerForeignLayer, size: bytes.length, digest: hash(bytes), urls };
    const foreign = Object.assign(layer, { descriptor: async () => described });
    const tarball = await allOf(await write("app", imageOf(foreign)));
    expect((await filesOfTar(tarball)).get("manifest.json")).toContain(
      `"LayerSources":{"${hash(ascii("a layer"))}":{"mediaType":"${dockerForeignLayer}","size":${bytes.length},"digest":"${hash(bytes)}","urls":["https://example.com/\\u003clayer\\u003e"]}}`,
    );
    const [read] = await (await image(openerOf(tarball), "app")).layers();
    expect(await read?.mediaType()).toBe(dockerForeignLayer);
    expect(await allOf(await read!.compressed())).toEqual(bytes);
  });

  it("has the size that was calculated, and tells how far it has come", async () => {
    const images = [
      ["app", app],
      ["base", base],
      ["again", app],
    ] as const;
    const events: TarballProgress[] = [];
    const tarball = await allOf(await multiWrite(images, { onProgress: (event) => events.push(event) }));
    const size = await calculateSize(images);
    expect(tarball.length).toBe(size);
    expect(events.at(-1)).toEqual({ complete: size, total: size });
    expect(
      events.every(
        ({ complete, total }, index) => total === size && complete > (events[index - 1]?.complete ?? 0),
      ),
    ).toBe(true);
  });

  it("calculates the size of layers for which a tar needs a header more", async () => {
    const huge = layerOf(ascii("x"), { size: 2 ** 33 });
    const large = layerOf(ascii("x"), { size: 2 ** 33 - 1 });
    const sizes = await Promise.all([huge, large].map((layer) => calculateSize([["app", imageOf(layer)]])));
    expect(sizes[0]! - sizes[1]!).toBe(1024);
  });
});

describe("a tarball that cannot be written", () => {
  it("fails before there is a stream if a layer has not been read yet, and leaves the layer alone", async () => {
    const streamed = newLayer(ascii("a stream"));
    // The configuration of such an image is usually not known either, which is another way to the same error.
    const known = Object.assign(imageOf(streamed), { rawConfigFile: async () => ascii("{}") });
    for (const unread of [imageOf(streamed), known]) {
      expect(await thrownBy(() => write("app", unread))).toBeInstanceOf(NotComputedError);
      expect(await thrownBy(() => calculateSize([["app", unread]]))).toBeInstanceOf(NotComputedError);
    }
    expect(
      await thrownBy(() =>
        multiWrite([
          ["base", base],
          ["app", known],
        ]),
      ),
    ).toBeInstanceOf(NotComputedError);
    await allOf(await streamed.compressed());
    expect(await calculateSize([["app", imageOf(streamed)]])).toBeGreaterThan(1024);
  });

  it("fails if a reference is none", async () => {
    expect(await thrownBy(() => write("UPPER", app))).toMatchObject({ code: "ERR_VARVE_NAME" });
  });

  it.each([
    ["another digest", { digest: hash(ascii("another")) }],
    ["fewer bytes", { size: 100 }],
    ["more bytes", { size: 3 }],
  ])("fails where a layer has %s than it says", async (_, facts) => {
    const stream = await write("app", imageOf(layerOf(ascii("a layer"), facts)));
    expect(await thrownBy(() => allOf(stream))).toBeInstanceOf(VerificationError);
  });

  it("fails with the layer's own error", async () => {
    const failure = new Error("unplugged");
    const failing: Layer = { ...layerOf(ascii("x")), compressed: () => Promise.reject(failure) };
    expect(await thrownBy(async () => allOf(await write("app", imageOf(failing))))).toBe(failure);
  });

  it("fails with what the listener throws", async () => {
    const failure = new Error("no");
    const onProgress = (): never => {
      throw failure;
    };
    expect(await thrownBy(async () => allOf(await write("app", app, { onProgress })))).toBe(failure);
  });
});

/** A layer whose stream never ends, and tells when it is closed. */
function hangingLayer(): { layer: Layer; cancelled: unknown[] } {
  const cancelled: unknown[] = [];
  const compressed = async (): Promise<ReadableStream<Uint8Array>> => {
    return new ReadableStream({
      pull: () => new Promise(() => {}),
      cancel: (reason) => {
        cancelled.push(reason);
      },
    });
  };
  return { layer: { ...layerOf(ascii("x")), compressed }, cancelled };
}

describe("the stream of a tarball", () => {
  it("opens a layer when its turn comes", async () => {
    let opened = 0;
    const [first] = await app.layers();
    const watched: Layer = {
      ...layerOf(ascii("x")),
      compressed: async (options) => {
        opened++;
        return layerOf(ascii("x")).compressed(options);
      },
    };
    const reader = (await write("app", imageOf(first!, watched))).getReader();
    for (let chunk = 0; chunk < 3; chunk++) await reader.read();
    expect(opened).toBe(0);
    while (!(await reader.read()).done);
    expect(opened).toBe(1);
  });

  it("closes the layer that it waits for when it is cancelled, once", async () => {
    const { layer, cancelled } = hangingLayer();
    const reader = (await write("app", imageOf(layer))).getReader();
    await reader.read();
    await reader.read();
    await reader.read();
    const waiting = reader.read();
    await new Promise((resolve) => setTimeout(resolve, 1));
    await reader.cancel("enough");
    expect((await waiting).done).toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(cancelled).toHaveLength(1);
  });

  it("ends with its signal, and closes the layer, once", async () => {
    const { layer, cancelled } = hangingLayer();
    const controller = new AbortController();
    const stream = await write("app", imageOf(layer), { signal: controller.signal });
    const reading = thrownBy(() => allOf(stream));
    await new Promise((resolve) => setTimeout(resolve, 1));
    controller.abort("enough");
    const error = await reading;
    expect(error).toBeInstanceOf(ReadAbortedError);
    expect(error).toMatchObject({ cause: "enough" });
    await new Promise((resolve) => setTimeout(resolve, 1));
    expect(cancelled).toHaveLength(1);
  });
});
