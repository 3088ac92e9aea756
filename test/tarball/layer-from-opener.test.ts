import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { layerFromOpener, openerOf } from "../../src/tarball/index.js";
import {
  dockerLayer,
  dockerUncompressedLayer,
  type Layer,
  ociLayer,
  ociLayerZStd,
  VerificationError,
} from "../../src/v1/index.js";
import "../../src/zstd/index.js";
import { ascii } from "../fixtures/bytes.js";
import { allOf, thrownBy } from "../tar/fixture/reading.js";
import { reference } from "../zstd/native.js";
import { CountingOpener, gzipped, hexOf, layerTar } from "./fixture/docker-save.js";

const tar = layerTar(1);

async function check(layer: Layer, uncompressed: Uint8Array): Promise<Uint8Array> {
  const compressed = await allOf(await layer.compressed());
  expect(await allOf(await layer.uncompressed())).toEqual(uncompressed);
  expect(String(await layer.diffID())).toBe(`sha256:${hexOf(uncompressed)}`);
  expect(String(await layer.digest())).toBe(`sha256:${hexOf(compressed)}`);
  expect(await layer.size()).toBe(compressed.length);
  return compressed;
}

describe("a layer of a file", () => {
  it("keeps what is compressed as it is", async () => {
    const layer = await layerFromOpener(openerOf(gzipped(tar)));
    expect(await check(layer, tar)).toEqual(gzipped(tar));
    expect(await layer.mediaType()).toBe(dockerLayer);

    const zstd = (await reference()).compress(tar, 3);
    const other = await layerFromOpener(openerOf(zstd));
    expect(await check(other, tar)).toEqual(zstd);
    expect(await other.mediaType()).toBe(ociLayerZStd);
    expect(await (await layerFromOpener(openerOf(zstd), { mediaType: "mine" })).mediaType()).toBe("mine");
  });

  it("compresses what is not, with gzip or as it is told", async () => {
    const layer = await layerFromOpener(openerOf(tar));
    expect(new Uint8Array(gunzipSync(await check(layer, tar)))).toEqual(tar);
    expect(await layer.mediaType()).toBe(dockerLayer);

    const plain = await layerFromOpener(openerOf(tar), { compression: "none" });
    expect(await check(plain, tar)).toEqual(tar);
    expect(await plain.mediaType()).toBe(dockerUncompressedLayer);

    const zstd = await layerFromOpener(openerOf(tar), { compression: "zstd", compressionLevel: 1 });
    await check(zstd, tar);
    expect(await zstd.mediaType()).toBe(ociLayerZStd);
    const typed = await layerFromOpener(openerOf(tar), { mediaType: ociLayer });
    expect(await typed.mediaType()).toBe(ociLayer);
  });

  it("may be shorter than what tells a compression", async () => {
    for (const bytes of [new Uint8Array(0), ascii("a"), Uint8Array.of(0x1f)]) {
      await check(await layerFromOpener(openerOf(bytes)), bytes);
    }
  });

  it("reads the first bytes alone, then the whole once for all values, and lets go of everything", async () => {
    const opener = new CountingOpener(gzipped(tar));
    const layer = await layerFromOpener(opener.open);
    expect([opener.opened, opener.closed]).toEqual([1, 1]);
    await Promise.all([layer.digest(), layer.size(), layer.diffID(), layer.digest()]);
    expect([opener.opened, opener.closed]).toEqual([2, 2]);
  });

  it("is held to what it was when it was read first", async () => {
    for (const make of [gzipped, (bytes: Uint8Array) => bytes]) {
      const opener = new CountingOpener(make(tar));
      const layer = await layerFromOpener(opener.open);
      await layer.digest();
      opener.bytes = make(layerTar(2));
      expect(await thrownBy(async () => allOf(await layer.compressed()))).toBeInstanceOf(VerificationError);
      expect(await thrownBy(async () => allOf(await layer.uncompressed()))).toBeInstanceOf(VerificationError);
      expect(opener.closed).toBe(opener.opened);
    }
  });

  it("that is damaged has no values, and is read anew when it is asked again", async () => {
    const opener = new CountingOpener(gzipped(tar).subarray(0, 500));
    const layer = await layerFromOpener(opener.open);
    expect(await thrownBy(() => layer.digest())).toMatchObject({ code: "ERR_VARVE_INFLATE" });
    opener.bytes = gzipped(tar);
    await check(layer, tar);
  });

  it("fails as the opener does, or with its signal", async () => {
    const failure = new Error("unplugged");
    expect(await thrownBy(() => layerFromOpener(() => Promise.reject(failure)))).toBe(failure);
    const controller = new AbortController();
    const waiting = thrownBy(() =>
      layerFromOpener(() => new Promise(() => {}), { signal: controller.signal }),
    );
    controller.abort(failure);
    expect(await waiting).toBe(failure);
  });
});
