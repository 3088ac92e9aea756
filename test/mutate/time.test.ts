import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { canonical, time } from "../../src/mutate/index.js";
import { type NewTarEntry, TarError } from "../../src/tar/index.js";
import {
  dockerForeignLayer,
  dockerLayer,
  dockerUncompressedLayer,
  type History,
  type Image,
  ociConfigJSON,
  ociLayer,
  ociLayerZStd,
  ociManifestSchema1,
  ociUncompressedLayer,
  VerificationError,
  zeroTime,
} from "../../src/v1/index.js";
import { unzstd } from "../../src/zstd/index.js";
import { reference } from "../zstd/native.js";
import {
  directory,
  file,
  hardLink,
  imageOf,
  imageOfBytes,
  MemoryLayer,
  readBytes,
  sha256,
  symlink,
  tarLayer,
  tarOf,
  utf8,
} from "./fixture/images.js";
import { listTar } from "./fixture/unpack.js";

const noon = "2020-05-06T12:00:00.75Z";
const seconds = Date.parse("2020-05-06T12:00:00Z") / 1000;

function entries(mtime: number): readonly NewTarEntry[] {
  const pax = {
    atime: "1",
    ctime: String(mtime),
    "LIBARCHIVE.creationtime": "2",
    "SCHILY.xattr.user.x": "y",
  };
  return [
    directory("d", { mtime, mode: 0o700 }),
    file("d/a", "content", { mtime: mtime + 0.5, uid: 7, pax }),
    hardLink("b", "d/a"),
    symlink("c", "d"),
    file(".wh.gone", ""),
  ];
}

function imageAt(mtime: number, layers: readonly MemoryLayer[], history: readonly History[] = []): Image {
  const created = new Date(mtime * 1000).toISOString();
  return imageOf(layers, {
    created,
    author: "author",
    container: `c${mtime}`,
    dockerVersion: String(mtime),
    history: history.map((each) => ({ ...each, created })),
    config: { hostname: `h${mtime}`, cmd: ["sh"] },
    variant: "v8",
  });
}

async function layersOf(image: Image): Promise<readonly (readonly unknown[])[]> {
  const layers = await image.layers();
  return Promise.all(layers.map(async (layer) => listTar(await readBytes(await layer.uncompressed()))));
}

describe("time", () => {
  it("sets all times of layers, configuration and history, and keeps everything else but authors", async () => {
    const history = [
      { createdBy: "COPY", comment: "x", author: "me" },
      { createdBy: "ENV", emptyLayer: true },
    ];
    const base = imageAt(1e9, [await tarLayer(...entries(1e9)), await tarLayer(file("top"))], history);
    const image = time(base, noon);
    const [lower] = await layersOf(image);
    expect(lower).toMatchObject([
      { name: "d", type: "directory", mode: 0o700, mtime: seconds },
      { name: "d/a", content: "content", mtime: seconds },
      { name: "b", type: "link", linkname: "d/a", mtime: seconds },
      { name: "c", type: "symlink", mtime: seconds },
      { name: ".wh.gone", mtime: seconds },
    ]);
    expect(lower?.[1]).toMatchObject({ pax: expect.not.objectContaining({ mtime: expect.anything() }) });
    for (const keyword of ["atime", "ctime", "LIBARCHIVE.creationtime"]) {
      expect(lower?.[1]).not.toHaveProperty(["pax", keyword]);
    }
    expect(lower?.[1]).toHaveProperty(["pax", "SCHILY.xattr.user.x"], "y");
    const own = await base.configFile();
    const changed = await image.configFile();
    expect(changed).toEqual({
      ...own,
      created: noon,
      history: [
        { createdBy: "COPY", comment: "x", created: noon },
        { createdBy: "ENV", emptyLayer: true, created: noon },
        { created: noon },
      ],
      rootfs: { type: "layers", diffIDs: expect.anything() },
    });
    expect(changed.rootfs.diffIDs).toHaveLength(2);
    expect((await image.manifest()).mediaType).toBe((await base.manifest()).mediaType);
  });

  it("gives layers whose digest, diffID and size are those of their bytes, each time that they are read", async () => {
    const image = time(imageAt(1e9, [await tarLayer(...entries(1e9))]), noon);
    const [layer] = await image.layers();
    const blob = await readBytes(await layer!.compressed());
    const content = gunzipSync(blob);
    expect(await readBytes(await layer!.compressed())).toEqual(blob);
    expect(Buffer.from(await readBytes(await layer!.uncompressed())).equals(content)).toBe(true);
    const [described] = (await image.manifest()).layers ?? [];
    expect(described).toEqual({ mediaType: dockerLayer, size: blob.length, digest: sha256(blob) });
    expect((await image.configFile()).rootfs.diffIDs?.map(String)).toEqual([String(sha256(content))]);
    expect(String(await layer!.diffID())).toBe(String(sha256(content)));
  });

  it("keeps media types, and compresses as these say", async () => {
    const tar = await tarOf(file("a", "x".repeat(5000)));
    const layers = [
      new MemoryLayer(tar, dockerLayer),
      new MemoryLayer(tar, ociLayer),
      new MemoryLayer(tar, dockerUncompressedLayer),
      new MemoryLayer(tar, ociUncompressedLayer),
      new MemoryLayer(tar, ociLayerZStd, (await reference()).compress(tar, 3)),
    ];
    const manifest = {
      mediaType: ociManifestSchema1,
      annotations: { a: "b" },
      subject: layers[0]!.contentDescriptor,
    };
    const image = time(imageOf(layers, {}, manifest), noon);
    const { layers: described = [], ...rest } = await image.manifest();
    expect(rest).toMatchObject(manifest);
    expect(described.map(({ mediaType }) => mediaType)).toEqual(
      layers.map(({ contentDescriptor }) => contentDescriptor.mediaType),
    );
    const blobs = await Promise.all(
      (await image.layers()).map(async (each) => readBytes(await each.compressed())),
    );
    const contents = [gunzipSync(blobs[0]!), gunzipSync(blobs[1]!), blobs[2]!, blobs[3]!, unzstd(blobs[4]!)];
    for (const content of contents) {
      expect(await listTar(content)).toMatchObject([{ name: "a", mtime: seconds }]);
    }
    expect(described.map(({ digest }) => String(digest))).toEqual(blobs.map((blob) => String(sha256(blob))));
  });

  it("leaves alone what is no layer, and what may not be distributed", async () => {
    const blob = new MemoryLayer(utf8("{}"), "application/vnd.in-toto+json");
    const foreign = new MemoryLayer(utf8("not a tar"), dockerForeignLayer);
    const urls = ["https://a.example/"];
    const base = imageOf(
      [blob, foreign],
      {},
      {
        layers: [
          { ...blob.contentDescriptor, annotations: { a: "b" } },
          { ...foreign.contentDescriptor, urls },
        ],
      },
    );
    expect((await time(base, noon).manifest()).layers).toEqual((await base.manifest()).layers);
  });

  it("drops what a descriptor says of other bytes", async () => {
    const layer = await tarLayer(file("a"));
    const annotations = { "containerd.io/snapshot/stargz/toc.digest": "sha256:0" };
    const base = imageOf([layer], {}, { layers: [{ ...layer.contentDescriptor, annotations }] });
    expect((await time(base, noon).manifest()).layers?.[0]?.annotations).toBeUndefined();
  });

  it("keeps the configuration of an artifact", async () => {
    const raw = utf8("no JSON");
    const config = { mediaType: "application/x", size: raw.length, digest: sha256(raw) };
    const artifact = imageOfBytes([await tarLayer(file("a", "x", { mtime: 5 }))], raw, { config });
    for (const image of [time(artifact, noon), canonical(artifact)]) {
      expect((await image.manifest()).config).toEqual(config);
      expect(await image.rawConfigFile()).toEqual(raw);
    }
    expect((await layersOf(canonical(artifact)))[0]).toMatchObject([{ mtime: 0 }]);
  });

  it("holds the originals to their diffIDs", async () => {
    const honest = await tarOf(file("a", "good"));
    const layer = new MemoryLayer(honest, dockerUncompressedLayer, await tarOf(file("a", "evil")));
    await expect(time(imageOf([layer]), noon).digest()).rejects.toThrow(VerificationError);
    const garbage = new MemoryLayer(utf8("x".repeat(600)));
    await expect(time(imageOf([garbage]), noon).digest()).rejects.toThrow(TarError);
  });

  it("reads each layer once for everything that the image tells", async () => {
    const layer = await tarLayer(...entries(1e9));
    const image = time(imageOf([layer]), noon);
    expect(layer.opened).toBe(0);
    await image.digest();
    await image.configFile();
    await (await image.layers())[0]!.diffID();
    expect([layer.opened, layer.closed]).toEqual([1, 1]);
  });

  it("knows a diffID without the digest having been asked for", async () => {
    const layer = await tarLayer(...entries(1e9));
    const [rewritten] = await time(imageOf([layer]), noon).layers();
    const diffID = await rewritten!.diffID();
    expect(String(diffID)).toBe(String(sha256(await readBytes(await rewritten!.uncompressed()))));
  });

  it("streams layers: a reader that gives up closes the original at once", async () => {
    const layer = await tarLayer(file("a", "x".repeat(100_000)));
    const [rewritten] = await time(imageOf([layer]), noon).layers();
    for (const open of [() => rewritten!.compressed(), () => rewritten!.uncompressed()]) {
      const { opened } = layer;
      const reader = (await open()).getReader();
      await reader.read();
      await reader.cancel();
      expect(layer.opened).toBe(opened + 1);
      expect(layer.closed).toBe(layer.opened);
    }
    const controller = new AbortController();
    const reader = (await rewritten!.uncompressed({ signal: controller.signal })).getReader();
    await reader.read();
    controller.abort();
    await expect(reader.read()).rejects.toMatchObject({ code: "ERR_VARVE_ABORTED" });
    expect(layer.closed).toBe(layer.opened);
  });

  it("refuses what is no time, at once", () => {
    expect(() => time(imageOf([]), "noon")).toThrow(/not a time: "noon"/);
  });

  it("refuses an image whose history has more layers than there are", async () => {
    const image = time(imageAt(1e9, [], [{ createdBy: "x" }]), noon);
    await expect(image.digest()).rejects.toMatchObject({ code: "ERR_VARVE_HISTORY" });
  });
});

describe("acceptance 71: canonical", () => {
  it("gives the same image of the same input, twice, and of two builds at different times", async () => {
    const first = canonical(imageAt(1e9, [await tarLayer(...entries(1e9))], [{ createdBy: "x" }]));
    const second = canonical(
      imageAt(2e9, [await tarLayer(...entries(2e9))], [{ createdBy: "x", author: "y" }]),
    );
    expect(String(await first.digest())).toBe(String(await second.digest()));
    expect(String(await canonical(first).digest())).toBe(String(await first.digest()));
    const again = canonical(imageAt(1e9, [await tarLayer(...entries(1e9))], [{ createdBy: "x" }]));
    expect(String(await again.digest())).toBe(String(await first.digest()));
  });

  it("has neither times nor traces of the builder", async () => {
    const image = canonical(imageAt(1e9, [await tarLayer(...entries(1e9))], [{ createdBy: "x" }]));
    const file = await image.configFile();
    expect(file).toMatchObject({
      created: zeroTime,
      author: "author",
      variant: "v8",
      config: { cmd: ["sh"] },
    });
    expect(file).not.toHaveProperty("container");
    expect(file).not.toHaveProperty("dockerVersion");
    expect(file.config).not.toHaveProperty("hostname");
    expect(file.history).toEqual([{ createdBy: "x", created: zeroTime }]);
    const [layer = []] = await layersOf(image);
    expect(layer.every((entry) => (entry as { mtime: number }).mtime === 0)).toBe(true);
  });

  it("keeps the configuration's media type", async () => {
    const base = imageOf([]);
    const { config } = await base.manifest();
    const oci = imageOfBytes([], await base.rawConfigFile(), {
      config: { ...config, mediaType: ociConfigJSON },
    });
    expect((await canonical(oci).manifest()).config.mediaType).toBe(ociConfigJSON);
  });
});
