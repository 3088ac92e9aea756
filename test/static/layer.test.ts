import { describe, expect, it } from "vitest";
import { compressedToLayer, descriptor, exists, uncompressedSize } from "../../src/partial/index.js";
import { newLayer } from "../../src/static/index.js";
import { contentOf } from "../bytes/fixture/streams.js";
import { noise, sha256Text, text } from "../stream/fixture/bytes.js";
import { rejection } from "../stream/fixture/reading.js";

describe("static.newLayer", () => {
  const bytes = noise(100);

  it("is its bytes in both forms, with one digest, any number of times", async () => {
    const layer = newLayer(bytes, "application/x");
    for (let i = 0; i < 2; i++) {
      expect(Buffer.compare(await contentOf(await layer.compressed()), bytes)).toBe(0);
      expect(Buffer.compare(await contentOf(await layer.uncompressed()), bytes)).toBe(0);
      expect(String(await layer.digest())).toBe(sha256Text(bytes));
      expect(await layer.diffID()).toEqual(await layer.digest());
      expect(await layer.size()).toBe(100);
      expect(await layer.mediaType()).toBe("application/x");
    }
    expect(await exists(layer)).toBe(true);
    expect(await uncompressedSize(layer)).toBe(100);
    expect(await descriptor(layer)).toEqual({
      mediaType: "application/x",
      size: 100,
      digest: await layer.digest(),
    });
  });

  it("does not care what becomes of the bytes that it was given, or of those that it gives", async () => {
    const given = bytes.slice();
    const layer = newLayer(given, "application/x");
    given.fill(0);
    (await contentOf(await layer.compressed())).fill(0);
    for await (const chunk of await layer.compressed()) chunk.fill(0);
    expect(String(await layer.digest())).toBe(sha256Text(bytes));
    expect(Buffer.compare(await contentOf(await layer.compressed()), bytes)).toBe(0);
  });

  it("is a layer of nothing of no bytes", async () => {
    const layer = newLayer(new Uint8Array(0), "application/x");
    expect(await layer.size()).toBe(0);
    expect(await contentOf(await layer.compressed())).toHaveLength(0);
  });

  it("is not decompressed, even if it could be, unless it is wrapped", async () => {
    const zipped = Uint8Array.from(Buffer.from("H4sIAAAAAAAAA8tIzcnJBwCGphA2BQAAAA==", "base64"));
    const layer = newLayer(zipped, "application/x");
    expect(Buffer.compare(await contentOf(await layer.uncompressed()), zipped)).toBe(0);
    const { digest, size, mediaType, compressed } = layer;
    const four = {
      digest: digest.bind(layer),
      size: size.bind(layer),
      mediaType: mediaType.bind(layer),
      compressed: compressed.bind(layer),
    };
    expect(await contentOf(await compressedToLayer(four).uncompressed())).toEqual(Buffer.from(text("hello")));
  });

  it("refuses what is no bytes", () => {
    expect(() => newLayer("text" as unknown as Uint8Array, "text/plain")).toThrow(TypeError);
  });

  it("fails a stream whose signal is aborted", async () => {
    const stream = await newLayer(bytes, "application/x").compressed({ signal: AbortSignal.abort("no") });
    expect(await rejection(contentOf(stream))).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "no" });
  });
});
