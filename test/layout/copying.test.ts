import { beforeEach, describe, expect, it } from "vitest";
import { hashOf, SizeLimitError, VerificationError } from "../../src/bytes/index.js";
import * as empty from "../../src/empty/index.js";
import { Layout, newMemoryStorage, write } from "../../src/layout/index.js";
import { descriptor } from "../../src/partial/index.js";
import { type Image, JSONError, type Layer, ociConfigJSON, ociManifestSchema1 } from "../../src/v1/index.js";
import * as validate from "../../src/validate/index.js";
import { keptLayer, ociImage, ociIndex, streaming, tarOf } from "../fixtures/oci-image.js";
import { repeatingIndex } from "../fixtures/repeating-index.js";
import { problemsOf } from "../validate/problems.js";
import { blobsOf, contentOf, indexOf, plant } from "./storages.js";

let layout: Layout;
beforeEach(async () => {
  layout = await write(newMemoryStorage(), empty.index);
});

describe("what is copied into a layout", () => {
  it("is written once, however many ways lead to it", async () => {
    await layout.appendIndex(await repeatingIndex(30, ociImage([])));
    await validate.index(await layout.imageIndex());
  });

  it("comes to an end with an index whose children are itself", async () => {
    const ring = ociIndex([]);
    await layout.writeIndex(Object.assign(ring, { manifests: async () => [ring] }));
  });

  it("may have one stream twice, in an image, and in several", async () => {
    const layer = streaming(await tarOf({ a: "a" }));
    const image = ociImage([layer, layer]);
    await layout.appendIndex(ociIndex([image, ociImage([layer]), image]));
    await validate.index(await layout.imageIndex());
  });

  it("keeps the digest that it is listed by, a SHA-512 too", async () => {
    const layer = await keptLayer(await tarOf({ a: "a" }));
    const plain = ociImage([layer]);
    const config = await plain.rawConfigFile();
    const digest = await hashOf(config, "sha512");
    const image = ociImage([layer], {
      manifest: { config: { mediaType: ociConfigJSON, size: config.length, digest } },
    });
    const manifest = await image.rawManifest();
    const listed = {
      mediaType: ociManifestSchema1,
      size: manifest.length,
      digest: await hashOf(manifest, "sha512"),
    };
    await layout.appendImage({ ...image, descriptor: async () => listed } as Image);
    const copy = await write(newMemoryStorage(), await layout.imageIndex());
    for (const each of [layout, copy]) {
      expect(await (await each.image(listed.digest)).configFile()).toEqual(await plain.configFile());
      await validate.index(await each.imageIndex());
    }
  });

  it("is refused if it is not what its descriptor says", async () => {
    const image = ociImage([]);
    const listed = { ...(await descriptor(image)), digest: await hashOf(new Uint8Array(1), "sha512") };
    const lying = { ...image, descriptor: async () => listed } as Image;
    await expect(layout.appendImage(lying)).rejects.toThrow(VerificationError);
    expect((await indexOf(layout.storage)).manifests).toEqual([]);
  });

  it("is not listed if its manifest is too large to be read again", async () => {
    const small = new Layout(layout.storage, { maxManifestBytes: 1000 });
    const large = ociImage([], { manifest: { annotations: { a: "a".repeat(1000) } } });
    await expect(small.appendImage(large)).rejects.toThrow(SizeLimitError);
    expect((await indexOf(layout.storage)).manifests).toEqual([]);
    const names = await blobsOf(layout.storage);
    expect(names).not.toContain(String(await large.digest()));
  });

  it("is not waited for when the writing is aborted, and closed if it opens later", async () => {
    const kept = await keptLayer(await tarOf({ a: "a" }));
    const controller = new AbortController();
    let cancelled: unknown;
    let open: (stream: ReadableStream<Uint8Array>) => void = () => {};
    const slow: Layer = {
      ...kept,
      compressed: () => {
        controller.abort("enough");
        return new Promise((resolve) => {
          open = resolve;
        });
      },
    };
    const { signal } = controller;
    await expect(layout.writeLayer(slow, { signal })).rejects.toBe("enough");
    const late = new ReadableStream<Uint8Array>({
      cancel(reason) {
        cancelled = reason;
      },
    });
    open(late);
    await new Promise((resolve) => setTimeout(resolve));
    expect(cancelled).toBe("enough");
    const silent: Layer = { ...kept, digest: () => new Promise(() => {}) };
    const writing = layout.writeLayer(silent, { signal: AbortSignal.timeout(5) });
    await expect(writing).rejects.toMatchObject({ name: "TimeoutError" });
  });
});

describe("a blob that is not needed", () => {
  it("is let go of, and what comes of that hides nothing", async () => {
    const digest = await hashOf(new Uint8Array(1));
    const failing = (): ReadableStream<Uint8Array> =>
      new ReadableStream({ cancel: () => Promise.reject(new Error("no")) });
    await layout.writeBlob(digest, 1, new Blob([new Uint8Array(1)]).stream());
    await layout.writeBlob(digest, 1, failing());
  });
});

describe("an index.json that could not be written again as it was", () => {
  it.each([
    ["nested too deeply", `${"[".repeat(100_000)}${"]".repeat(100_000)}`],
    ["a number that is not exact", "9007199254740993"],
    ["a number that is too large", "1e400"],
  ])("is left alone: %s", async (_, value) => {
    const before = new TextEncoder().encode(`{"schemaVersion":2,"manifests":[],"x":${value}}`);
    await layout.storage.update("index.json", async () => before);
    await expect(layout.appendImage(ociImage([]))).rejects.toThrow(JSONError);
    expect(await contentOf(await layout.storage.open("index.json"))).toEqual(before);
  });
});

describe("a layer whose file was cut short", () => {
  it("does not exist, which a fast validation tells", async () => {
    const layer = await keptLayer(await tarOf({ a: "a" }));
    await layout.appendImage(ociImage([layer]));
    await validate.image(await layout.image(), { fast: true });
    await plant(layout.storage, await layer.digest(), new Uint8Array(5));
    const problems = await problemsOf(validate.image(await layout.image(), { fast: true }));
    expect(problems.map(({ problem }) => problem)).toEqual(["missing"]);
  });
});
