import { deflateRawSync, gunzipSync, gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import "../../src/zstd/index.js";
import {
  compressedToLayer,
  descriptor,
  exists,
  uncompressedSize,
  uncompressedToLayer,
} from "../../src/partial/index.js";
import { newLayer } from "../../src/stream/index.js";
import { dockerLayer, type Layer, NotComputedError, ociLayer } from "../../src/v1/index.js";
import { contentOf } from "../bytes/fixture/streams.js";
import { sample, sampleContent } from "../fixtures/zstd-sample.js";
import { noise, sha256Text, text } from "../stream/fixture/bytes.js";
import { rejection } from "../stream/fixture/reading.js";
import { forbidUnhandledRejections } from "../stream/fixture/turns.js";
import { compressedLayer, hashOfBytes, stranger, uncompressedLayer } from "./fixture/objects.js";

forbidUnhandledRejections();

const content = noise(300_000);

describe("layers from the least that one needs", () => {
  it.each<[string, Uint8Array, Uint8Array]>([
    ["gzip", new Uint8Array(gzipSync(content)), content],
    ["gzip of several members", Buffer.concat([gzipSync(text("a")), gzipSync(text("b"))]), text("ab")],
    ["zstd", sample, sampleContent],
    ["raw bytes", content, content],
    ["raw bytes that are shorter than any magic number", text("a"), text("a")],
    [
      "raw bytes that begin as gzip does, but for one byte",
      Uint8Array.of(0x1f, 0x8c, 1),
      Uint8Array.of(0x1f, 0x8c, 1),
    ],
    ["raw deflate, which has no magic number", deflateRawSync(text("aaaa")), deflateRawSync(text("aaaa"))],
    ["nothing", new Uint8Array(0), new Uint8Array(0)],
  ])(
    "acceptance 22: uncompressed() of a layer with the four methods alone detects %s, and diffID is the hash of that",
    async (_, blob, inside) => {
      for (const chunkLength of [1, 3, 100_000]) {
        if (chunkLength < 100 && blob.length > 10_000) continue;
        const layer = compressedToLayer(compressedLayer(blob, ociLayer, chunkLength));
        expect(Buffer.compare(await contentOf(await layer.uncompressed()), inside)).toBe(0);
        expect(String(await layer.diffID())).toBe(sha256Text(inside));
        expect(Buffer.compare(await contentOf(await layer.compressed()), blob)).toBe(0);
        expect(String(await layer.digest())).toBe(sha256Text(blob));
        expect(await layer.size()).toBe(blob.length);
        expect(await layer.mediaType()).toBe(ociLayer);
      }
    },
  );

  it("acceptance 23: with an inner diffID(), asking for the diffID reads no content", async () => {
    const inner = { ...compressedLayer(content), diffID: async () => stranger };
    expect(await compressedToLayer(inner).diffID()).toBe(stranger);
    expect(inner.journal.opened).toBe(0);
  });

  it("acceptance 24: digest and then size of a layer with the three methods alone compress once; the bytes hash to the digest", async () => {
    const inner = uncompressedLayer(content);
    const layer = uncompressedToLayer(inner);
    const digest = await layer.digest();
    const size = await layer.size();
    expect(inner.journal.opened).toBe(1);
    const compressed = await contentOf(await layer.compressed());
    expect(inner.journal.opened).toBe(2);
    expect(String(digest)).toBe(sha256Text(compressed));
    expect(size).toBe(compressed.length);
    expect(Buffer.compare(gunzipSync(compressed), content)).toBe(0);
    expect(String(await layer.diffID())).toBe(sha256Text(content));
    expect(Buffer.compare(await contentOf(await layer.uncompressed()), content)).toBe(0);
    expect(await layer.mediaType()).toBe(ociLayer);
  });

  it("acceptance 31: own uncompressedSize, exists and descriptor are used, even when they are wrapped twice", async () => {
    const described = { mediaType: dockerLayer, size: 7, digest: stranger, urls: ["https://example.com"] };
    const inner = {
      ...compressedLayer(content),
      marker: 42,
      async uncompressedSize() {
        return this.marker;
      },
      async exists() {
        return this.marker !== 42;
      },
      descriptor: async () => described,
    };
    for (const layer of [
      inner as unknown as Layer,
      compressedToLayer(inner),
      compressedToLayer(compressedToLayer(inner)),
      uncompressedToLayer(compressedToLayer(compressedToLayer(inner))),
    ]) {
      expect(await uncompressedSize(layer)).toBe(42);
      expect(await exists(layer)).toBe(false);
      expect(await descriptor(layer)).toBe(described);
    }
    expect(inner.journal.opened).toBe(0);
  });
});

describe("facts about layers without methods of their own for them", () => {
  it("uncompressedSize counts what the layer decompresses to", async () => {
    expect(await uncompressedSize(compressedToLayer(compressedLayer(gzipSync(content))))).toBe(300_000);
    expect(await uncompressedSize(uncompressedToLayer(uncompressedLayer(content)))).toBe(300_000);
  });

  it("uncompressedSize of a streaming layer is refused, and leaves it whole", async () => {
    const layer = newLayer([text("hello")]);
    expect(await rejection(uncompressedSize(layer))).toMatchObject({ code: "ERR_VARVE_UNSUPPORTED" });
    expect(gunzipSync(await contentOf(await layer.compressed())).toString()).toBe("hello");
  });

  it("uncompressedSize is ended by its signal, and closes what it read", async () => {
    const inner = compressedLayer(content);
    const signal = AbortSignal.abort("enough");
    expect(await rejection(uncompressedSize(compressedToLayer(inner), { signal }))).toBe("enough");
    expect(inner.journal.cancelled).toHaveLength(1);
  });

  it("exists opens the layer, reads nothing, and closes it once", async () => {
    const inner = compressedLayer(content);
    expect(await exists(compressedToLayer(inner))).toBe(true);
    expect(inner.journal).toMatchObject({ opened: 1 });
    expect(inner.journal.cancelled).toHaveLength(1);
  });

  it("exists of an uncompressed layer does not compress it", async () => {
    const inner = uncompressedLayer(content);
    expect(await exists(uncompressedToLayer(inner))).toBe(true);
    expect(inner.journal).toMatchObject({ opened: 1 });
    expect(inner.journal.cancelled).toHaveLength(1);
  });

  it("exists does not wait for a layer that can't be closed, once its signal is aborted", async () => {
    const inner = {
      ...compressedLayer(content),
      compressed: async () => new ReadableStream<Uint8Array>({ cancel: () => new Promise<never>(() => {}) }),
    };
    const controller = new AbortController();
    const waiting = rejection(exists(compressedToLayer(inner), { signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve));
    controller.abort("enough");
    expect(await waiting).toBe("enough");
  });

  it("exists fails as opening does", async () => {
    const failure = new Error("no such file");
    const inner = { ...compressedLayer(content), compressed: () => Promise.reject(failure) };
    expect(await rejection(exists(compressedToLayer(inner)))).toBe(failure);
  });

  it("exists of a streaming layer is true, and leaves the source untouched", async () => {
    let reads = 0;
    function* source(): Generator<Uint8Array> {
      reads++;
      yield text("hello");
    }
    const layer = newLayer(source());
    for (const each of [layer, compressedToLayer(layer), compressedToLayer(compressedToLayer(layer))]) {
      expect(await exists(each)).toBe(true);
    }
    expect(reads).toBe(0);
    expect(await rejection(layer.digest())).toBeInstanceOf(NotComputedError);
    expect(gunzipSync(await contentOf(await layer.compressed())).toString()).toBe("hello");
    expect(reads).toBe(1);
    expect(await exists(layer)).toBe(true);
  });

  it("exists of a streaming layer that has failed is a failure", async () => {
    const layer = newLayer([text("hello")]);
    await layer.close("given up");
    expect(await rejection(exists(layer))).toMatchObject({ code: "ERR_VARVE_ABORTED" });
  });

  it("descriptor of a streaming layer is not computed until it has been read", async () => {
    const layer = newLayer([text("hello")], { mediaType: ociLayer });
    expect(await rejection(descriptor(layer))).toBeInstanceOf(NotComputedError);
    const bytes = await contentOf(await layer.compressed());
    expect(await descriptor(layer)).toEqual({
      mediaType: ociLayer,
      size: bytes.length,
      digest: hashOfBytes(bytes),
    });
  });
});
