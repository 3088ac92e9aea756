import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hashOf, readAll, SizeLimitError, VerificationError } from "../../src/bytes/index.js";
import * as empty from "../../src/empty/index.js";
import {
  fromStorage,
  type Layout,
  LayoutError,
  LayoutNotFoundError,
  type LayoutStorage,
  write,
} from "../../src/layout/index.js";
import * as match from "../../src/match/index.js";
import { descriptor, exists } from "../../src/partial/index.js";
import * as random from "../../src/random/index.js";
import { newLayer } from "../../src/static/index.js";
import * as stream from "../../src/stream/index.js";
import {
  dockerLayer,
  emptyHash,
  JSONError,
  type Layer,
  ociLayer,
  ReadAbortedError,
} from "../../src/v1/index.js";
import * as validate from "../../src/validate/index.js";
import { altered } from "../fixtures/altered-layer.js";
import { mixed, randomBytes } from "../fixtures/bytes.js";
import { ociImage, ociIndex, streaming, tarOf } from "../fixtures/oci-image.js";
import { blobsOf, contentOf, indexOf, plant, storages } from "./storages.js";

const text = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content);

describe.each(storages)("a layout in $kind", ({ make, clear }) => {
  let storage: LayoutStorage;
  let layout: Layout;
  beforeEach(async () => {
    storage = await make();
    layout = await write(storage, empty.index);
  });
  afterEach(clear);

  describe("when it is made", () => {
    it("has the two files that make it one, as others write them", async () => {
      expect(new TextDecoder().decode(await contentOf(await storage.open("oci-layout")))).toBe(
        '{\n    "imageLayoutVersion": "1.0.0"\n}',
      );
      expect(await contentOf(await storage.open("index.json"))).toEqual(await empty.index.rawManifest());
    });

    it("takes the place of one that was there, whose blobs stay", async () => {
      await layout.appendImage(random.image(100, 1, { seed: 1 }));
      const before = await blobsOf(storage);
      const index = random.index(100, 1, 2, { seed: 2 });
      await write(storage, index);
      expect(await (await layout.imageIndex()).digest()).toEqual(await index.digest());
      expect(await blobsOf(storage)).toEqual(expect.arrayContaining(before));
      await validate.index(await layout.imageIndex());
    });

    it("does not take the place of one of a version that is not known", async () => {
      await storage.update("oci-layout", async () => text('{"imageLayoutVersion":"2.0.0"}'));
      await expect(write(storage, empty.index)).rejects.toThrow(LayoutError);
      await expect(fromStorage(storage)).rejects.toThrow('"2.0.0"');
      for (const broken of ["", "{}", "null", "[", '{"imageLayoutVersion":1}', '"1.0.0"']) {
        await storage.update("oci-layout", async () => text(broken));
        await expect(fromStorage(storage), broken).rejects.toThrow("no version");
      }
    });

    it("writes an index with images that have not been read, nested ones included", async () => {
      const tar = await tarOf({ file: "content" });
      const inside = ociIndex([ociImage([streaming(tar)])]);
      const made = await write(storage, ociIndex([ociImage([streaming(tar)]), inside]));
      const index = await made.imageIndex();
      await validate.index(index);
      const [, listed] = (await index.indexManifest()).manifests ?? [];
      expect(await (await made.imageIndex(listed!.digest)).digest()).toEqual(listed!.digest);
    });

    it("holds blobs of an index that are neither images nor indexes", async () => {
      const layer = newLayer(text("a blob"), "application/x-thing");
      const index = { ...ociIndex([layer]), layer: async () => layer };
      const made = await write(storage, index);
      expect(await readAll(await made.blob(await layer.digest()))).toEqual(text("a blob"));
      await validate.index(await made.imageIndex());
    });
  });

  describe("with streaming layers (acceptance 73)", () => {
    it("names files by their final digests, and the image validates", async () => {
      const image = ociImage([
        streaming(await tarOf({ a: mixed(400_000, 1) })),
        streaming(await tarOf({ b: "b" }), { compression: "none", mediaType: ociLayer }),
      ]);
      await expect(image.digest()).rejects.toMatchObject({ code: "ERR_VARVE_NOT_COMPUTED" });
      await layout.appendImage(image);
      const names = (await Promise.all((await image.layers()).map((layer) => layer.digest()))).map(String);
      const all = [...names, String(await image.configName()), String(await image.digest())].sort();
      expect(await blobsOf(storage)).toEqual(all);
      const back = await layout.image();
      expect(await back.digest()).toEqual(await image.digest());
      await validate.image(back, { uncompressed: true });
    });

    it("keeps nothing of one that fails, and lists nothing", async () => {
      const failure = new Error("the source broke");
      const broken = (async function* () {
        yield randomBytes(300_000, 1);
        throw failure;
      })();
      await expect(layout.appendImage(ociImage([stream.newLayer(broken)]))).rejects.toBe(failure);
      expect(await blobsOf(storage)).toEqual([]);
      expect((await indexOf(storage)).manifests).toEqual([]);
    });

    it("refuses one that says afterwards that it was something else", async () => {
      const layer = streaming(text("x"));
      const liar = altered(layer, { digest: () => layer.digest().then(() => emptyHash) });
      await expect(layout.writeLayer(liar)).rejects.toThrow(VerificationError);
      expect(await blobsOf(storage)).toEqual([]);
    });
  });

  describe("when it is written", () => {
    it("skips blobs that are there, replaces those of another size, and believes those of the same (acceptance 73)", async () => {
      const content = randomBytes(10_000, 1);
      const layer = newLayer(content, ociLayer);
      const digest = await layer.digest();
      const { counted, opened } = counting(layer);
      await plant(storage, digest, content.subarray(1));
      await layout.writeLayer(counted);
      await layout.writeLayer(counted);
      expect(opened()).toBe(1);
      expect(await layout.bytes(digest)).toEqual(content);

      await plant(storage, digest, content.slice().fill(7));
      await layout.writeLayer(counted);
      expect(opened()).toBe(1);
      await expect(layout.bytes(digest)).rejects.toThrow(VerificationError);
      await layout.writeLayer(counted, { verifyExisting: true });
      await layout.writeLayer(counted, { verifyExisting: true });
      expect(opened()).toBe(2);
      expect(await layout.bytes(digest)).toEqual(content);
    });

    it("replaces manifests and configurations that are damaged", async () => {
      const image = random.image(100, 1, { seed: 1 });
      await layout.appendImage(image);
      const digest = await image.digest();
      await plant(storage, digest, new Uint8Array(await image.size()));
      await layout.writeImage(image);
      expect(await layout.bytes(digest)).toEqual(await image.rawManifest());
    });

    it("keeps nothing that is not what its digest says", async () => {
      const digest = await hashOf(text("right"));
      const opened = (content: string): ReadableStream<Uint8Array> => new Blob([text(content)]).stream();
      for (const [content, size] of [
        ["wrong", 5],
        ["wrong", undefined],
        ["right and more", 5],
        ["rig", 5],
      ] as const) {
        await expect(layout.writeBlob(digest, size, opened(content)), content).rejects.toThrow(
          VerificationError,
        );
      }
      expect(await blobsOf(storage)).toEqual([]);
      await layout.writeBlob(digest, 5, opened("right"));
      let cancelled = false;
      const unneeded = new ReadableStream<Uint8Array>({
        cancel() {
          cancelled = true;
        },
      });
      await layout.writeBlob(digest, undefined, unneeded);
      expect({ cancelled, blobs: await blobsOf(storage) }).toEqual({
        cancelled: true,
        blobs: [String(digest)],
      });
    });

    it("writes a layer once that an image has twice", async () => {
      const layer = newLayer(await tarOf({ a: "a" }), ociLayer);
      const { counted, opened } = counting(layer);
      await layout.appendImage(ociImage([counted, counted]));
      expect(opened()).toBe(1);
      await validate.image(await layout.image());
    });

    it("writes as many layers at a time as it is told, and reports", async () => {
      let open = 0;
      let most = 0;
      const layers = await Promise.all(
        Array.from({ length: 7 }, async (_, i) => {
          const layer = newLayer(await tarOf({ [`f${i}`]: randomBytes(1000, i + 1) }), ociLayer);
          return altered(layer, {
            async compressed() {
              most = Math.max(most, ++open);
              await new Promise((resolve) => setTimeout(resolve, 2));
              open--;
              return layer.compressed();
            },
          });
        }),
      );
      const reports: number[] = [];
      const image = ociImage(layers);
      await layout.writeImage(image, { jobs: 3, onProgress: ({ complete }) => reports.push(complete) });
      expect(most).toBe(3);
      const sizes = await Promise.all(layers.map((layer) => layer.size()));
      const config = await image.rawConfigFile();
      expect(reports.at(-1)).toBe(sizes.reduce((a, b) => a + b) + config.length + (await image.size()));
      expect(reports).toEqual([...reports].sort((a, b) => a - b));
      for (const jobs of [0, -1, 1.5, Number.NaN]) {
        await expect(layout.appendImage(image, { jobs })).rejects.toMatchObject({
          code: "ERR_VARVE_LAYOUT_JOBS",
        });
      }
    });

    it("ends at once when it is aborted, and leaves nothing", async () => {
      const controller = new AbortController();
      const source = new ReadableStream<Uint8Array>(
        {
          async pull(stream) {
            await new Promise((resolve) => setTimeout(resolve, 1));
            stream.enqueue(randomBytes(600_000, 3));
            controller.abort("enough");
          },
        },
        { highWaterMark: 0 },
      );
      const layer = stream.newLayer(source);
      const writing = layout.appendImage(ociImage([layer]), { signal: controller.signal });
      await expect(writing).rejects.toSatisfy(
        (error) =>
          (error instanceof ReadAbortedError || error instanceof stream.AbortedError) &&
          error.cause === "enough",
      );
      expect(await blobsOf(storage)).toEqual([]);
      expect((await indexOf(storage)).manifests).toEqual([]);
    });

    it("aborts the other layers when one fails, and throws what it failed with", async () => {
      const failure = new Error("no");
      let cancelled: unknown;
      const endless = new ReadableStream<Uint8Array>({
        async pull(stream) {
          await new Promise((resolve) => setTimeout(resolve, 1));
          stream.enqueue(new Uint8Array(1000));
        },
        cancel(reason) {
          cancelled = reason;
        },
      });
      const layer = newLayer(text("x"), ociLayer);
      const image = ociImage([
        altered(layer, {
          digest: async () => hashOf(text("endless")),
          size: async () => 1e12,
          compressed: async () => endless,
        }),
        altered(layer, {
          compressed: () => new Promise((_, reject) => setTimeout(() => reject(failure), 5)),
        }),
      ]);
      await expect(layout.writeImage(image)).rejects.toBe(failure);
      expect(cancelled).toBeDefined();
      expect(await blobsOf(storage)).toEqual([]);
    });
  });

  describe("and what it lists", () => {
    const REF = "org.opencontainers.image.ref.name";
    const named = (name: string) => ({ annotations: { [REF]: name } });

    it("gets what is appended, with what the options say of it", async () => {
      const image = random.image(100, 1, { seed: 1 });
      const platform = { os: "linux", architecture: "riscv64" };
      await layout.appendImage(image, { ...named("one"), urls: ["https://example.org/x"], platform });
      await layout.appendIndex(random.index(100, 1, 1, { seed: 2 }), named("two"));
      const [first, second] = (await (await layout.imageIndex()).indexManifest()).manifests ?? [];
      expect(first).toEqual({
        ...(await descriptor(image)),
        annotations: { [REF]: "one" },
        urls: ["https://example.org/x"],
        platform,
      });
      expect(second).toMatchObject({ annotations: { [REF]: "two" } });
      await validate.index(await layout.imageIndex(second!.digest));
    });

    it("adds to what a descriptor has of its own", async () => {
      const image = random.image(100, 1, { seed: 1 });
      await layout.appendImage(image, { annotations: { a: "1", b: "1" }, urls: ["u"] });
      const other = await write(await make(), empty.index);
      await other.appendImage(await layout.image(), { annotations: { b: "2", c: "2" }, urls: ["v"] });
      expect(await descriptor(await other.image())).toMatchObject({
        annotations: { a: "1", b: "2", c: "2" },
        urls: ["u", "v"],
      });
    });

    it("has one in place of another in a single step", async () => {
      for (const name of ["a", "b", "c"])
        await layout.appendImage(random.image(10, 1, { seed: name.length }), named(name));
      const image = random.image(10, 1, { seed: 9 });
      await layout.replaceImage(image, match.name("b"), named("b"));
      await layout.replaceIndex(random.index(10, 1, 1, { seed: 8 }), match.name("c"), named("d"));
      await layout.replaceImage(image, match.name("nobody"), named("e"));
      const { manifests } = await indexOf(storage);
      expect(manifests.map(({ annotations }) => (annotations as Record<string, string>)[REF])).toEqual([
        "a",
        "b",
        "d",
        "e",
      ]);
      expect(manifests[1]!.digest).toBe(String(await image.digest()));
      await layout.removeDescriptors(match.name("a"));
      await layout.removeDescriptors(match.name("nobody"));
      expect((await indexOf(storage)).manifests).toHaveLength(3);
    });

    it("may be what is not there", async () => {
      const somewhere = { mediaType: "text/plain", size: 5, digest: emptyHash };
      await layout.appendDescriptor(somewhere);
      expect((await (await layout.imageIndex()).indexManifest()).manifests).toEqual([somewhere]);
      const layer = await (
        (await layout.imageIndex()) as unknown as { layer(digest: unknown): Promise<never> }
      ).layer(emptyHash);
      expect(await exists(layer)).toBe(false);
    });

    it("loses nothing when many append at once", async () => {
      const images = Array.from({ length: 10 }, (_, i) => random.image(10, 1, { seed: i + 1 }));
      await Promise.all(images.map((image) => layout.appendImage(image)));
      const digests = await Promise.all(images.map(async (image) => String(await image.digest())));
      expect((await indexOf(storage)).manifests.map(({ digest }) => digest).sort()).toEqual(digests.sort());
    });

    it("keeps what it does not know", async () => {
      const raw = {
        schemaVersion: 2,
        "x-field": { y: [1, null] },
        manifests: [],
        annotations: { __proto__x: "1" },
      };
      await storage.update("index.json", async () => text(JSON.stringify(raw)));
      await layout.appendImage(random.image(10, 1, { seed: 1 }));
      const { manifests, ...rest } = (await indexOf(storage)) as unknown as typeof raw;
      expect({ ...rest, manifests: [] }).toEqual(raw);
      expect(manifests).toHaveLength(1);
      await storage.update("index.json", async () => text('{"schemaVersion":2,"manifests":null}'));
      await layout.appendImage(random.image(10, 1, { seed: 1 }));
      expect((await indexOf(storage)).manifests).toHaveLength(1);
    });

    it("is left alone if it is no index, or would become too large to be read again", async () => {
      const broken = text('{"manifests":[{"digest":"sha256:no"}]}');
      await storage.update("index.json", async () => broken);
      await expect(layout.appendImage(random.image(10, 1, { seed: 1 }))).rejects.toThrow(JSONError);
      await expect(layout.removeDescriptors(() => true)).rejects.toThrow(JSONError);
      expect(await contentOf(await storage.open("index.json"))).toEqual(broken);

      await storage.update("index.json", async () => text('{"schemaVersion":2,"manifests":[]}'));
      const narrow = await fromStorage(storage, { maxManifestBytes: 1000 });
      const huge = { annotations: { a: "x".repeat(1000) } };
      const small = ociImage([]);
      await expect(narrow.appendImage(small, huge)).rejects.toThrow(SizeLimitError);
      expect((await indexOf(storage)).manifests).toEqual([]);
    });
  });

  describe("when it is read", () => {
    it("gives images by their digest, and the only one without", async () => {
      const images = [random.image(100, 2, { seed: 1 }), random.image(100, 1, { seed: 2 })] as const;
      await expect(layout.image()).rejects.toThrow("lists 0 manifests");
      await layout.appendImage(images[0]);
      expect(await (await layout.image()).digest()).toEqual(await images[0].digest());
      await layout.appendImage(images[1]);
      await expect(layout.image()).rejects.toThrow("give a digest");
      for (const image of images) {
        const back = await layout.image(await image.digest());
        expect(await back.rawManifest()).toEqual(await image.rawManifest());
        expect(await back.rawConfigFile()).toEqual(await image.rawConfigFile());
        expect(await back.configName()).toEqual(await image.configName());
        const [layer] = await back.layers();
        expect(await layer!.mediaType()).toBe(dockerLayer);
        expect(await readAll(await layer!.compressed())).toEqual(
          await readAll(await (await image.layers())[0]!.compressed()),
        );
      }
    });

    it("says what is not there, or is something else", async () => {
      await layout.appendIndex(random.index(10, 1, 1, { seed: 1 }));
      const [listed] = (await (await layout.imageIndex()).indexManifest()).manifests ?? [];
      const { digest } = listed!;
      await expect(layout.image(emptyHash)).rejects.toThrow(LayoutNotFoundError);
      await expect(layout.imageIndex(emptyHash)).rejects.toThrow(LayoutNotFoundError);
      await expect(layout.image(digest)).rejects.toThrow("not an image");
      await expect(layout.image()).rejects.toThrow("not an image");
      await layout.replaceImage(random.image(10, 1, { seed: 1 }), () => true);
      const image = await layout.image();
      await expect(layout.imageIndex(await image.digest())).rejects.toThrow("not an index");
      await expect(image.layerByDigest(emptyHash)).rejects.toMatchObject({ code: "ERR_VARVE_BLOB_UNKNOWN" });
      await expect(layout.blob(emptyHash)).rejects.toThrow(LayoutNotFoundError);
      const elsewhere = await make();
      await expect(fromStorage(elsewhere)).rejects.toThrow(LayoutNotFoundError);
      expect(await elsewhere.open("index.json")).toBeUndefined();
    });

    it("finds a diffID in the configuration, and reads the layer where that has none", async () => {
      const tar = await tarOf({ a: "a" });
      const layer = streaming(tar);
      await layout.appendImage(ociImage([layer]));
      const [back] = await (await layout.image()).layers();
      await storage.remove(await layer.digest());
      expect(await back!.diffID()).toEqual(await layer.diffID());
      expect(await exists(back!)).toBe(false);
      await expect(back!.compressed()).rejects.toThrow(LayoutNotFoundError);

      const again = streaming(tar);
      const config = { mediaType: "application/x-config", size: 2, digest: await hashOf(text("{}")) };
      await layout.writeBlob(config.digest, 2, new Blob(["{}"]).stream());
      await layout.writeLayer(again);
      const artifact = {
        ...ociImage([again], { manifest: { config } }),
        rawConfigFile: async () => text("{}"),
      };
      await layout.replaceImage({ ...artifact }, () => true);
      const [read] = await (await layout.image()).layers();
      expect(await read!.diffID()).toEqual(await layer.diffID());
      expect(await exists(read!)).toBe(true);
    });

    it("never gives bytes that are not those of the digest", async () => {
      const content = randomBytes(600_000, 5);
      const digest = await hashOf(content);
      const flipped = content.slice();
      flipped[599_999]! ^= 1;
      await plant(storage, digest, flipped);
      let received = 0;
      const reader = (await layout.blob(digest)).getReader();
      await expect(
        (async () => {
          for (;;) {
            const { done, value } = await reader.read();
            if (done) return;
            received += value.length;
          }
        })(),
      ).rejects.toThrow(VerificationError);
      expect(received).toBeLessThan(content.length);
    });

    it("reads no manifest that is too large", async () => {
      const image = ociImage([], { manifest: { annotations: { a: "x".repeat(2000) } } });
      await layout.appendImage(image);
      const narrow = await fromStorage(storage, { maxManifestBytes: 1000 });
      const small = await narrow.image();
      await expect(small.rawManifest()).rejects.toThrow(SizeLimitError);
      await expect(narrow.bytes(await image.digest())).rejects.toThrow("raise maxManifestBytes");
      expect(await narrow.bytes(await image.digest(), { maxBytes: 3000 })).toHaveLength(await image.size());
      await expect(narrow.bytes(await image.digest(), { maxBytes: 5 })).rejects.toThrow("raise maxBytes");
    });

    it("removes a blob, whether it is there or not", async () => {
      await layout.appendImage(random.image(10, 1, { seed: 1 }));
      const image = await layout.image();
      await layout.removeBlob(await image.digest());
      await layout.removeBlob(await image.digest());
      await expect((await layout.image()).manifest()).rejects.toThrow(LayoutNotFoundError);
    });
  });
});

/** A layer that counts how often it is opened. */
function counting(layer: Layer) {
  let opened = 0;
  const counted = altered(layer, {
    compressed: async () => {
      opened++;
      return layer.compressed();
    },
  });
  return { counted, opened: () => opened };
}
