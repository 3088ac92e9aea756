import { describe, expect, it } from "vitest";
import * as cache from "../../src/cache/index.js";
import type { CallOptions, ImageIndex, Layer } from "../../src/v1/index.js";
import { emptyHash } from "../../src/v1/index.js";
import { expectToCloseContent, expectToHeedAborts, layerOver } from "../fixtures/stuck.js";
import { rejection } from "../stream/fixture/reading.js";
import { forbidUnhandledRejections } from "../stream/fixture/turns.js";

forbidUnhandledRejections();

type Reading = (layer: Layer, options: CallOptions) => Promise<ReadableStream<Uint8Array>>;

const readings: [string, Reading][] = [
  ["compressed", (layer, options) => layer.compressed(options)],
  ["uncompressed", (layer, options) => layer.uncompressed(options)],
];

function newCache(): cache.Cache {
  return cache.newMemoryCache({ maxBytes: 1 << 20 });
}

describe("what is aborted while an object doesn't answer ends at once", () => {
  it.each(readings)("%s, of a layer that is put into a cache", (_, open) =>
    expectToHeedAborts("layer", async (layer, options) => {
      for await (const _ of await open(await newCache().put(layer, options), options));
    }),
  );

  it("layers, of an image", () =>
    expectToHeedAborts("image", (image, options) => cache.image(image, newCache()).layers(options)));

  it("manifests, of an index", () =>
    expectToHeedAborts("index", (index, options) =>
      (
        cache.imageIndex(index, newCache()) as ImageIndex & {
          manifests(given: CallOptions): Promise<unknown>;
        }
      ).manifests(options),
    ));
});

describe("what is aborted while a layer opens, or is read, closes it once and ends at once", () => {
  it.each(readings)("%s", (_, open) =>
    expectToCloseContent(async (content, options) => {
      for await (const _ of await open(await newCache().put(layerOver(content), options), options));
    }),
  );
});

it("does not wait for a storage that doesn't answer, and closes what it opens too late", async () => {
  const closed: unknown[] = [];
  let arrive = (_: cache.StoredBytes): void => {};
  const opening = new Promise<cache.StoredBytes>((resolve) => {
    arrive = resolve;
  });
  const stuck = cache.newCache({
    open: () => opening,
    create: () => Promise.reject(new Error("not asked for here")),
    remove: async () => {},
  });
  const controller = new AbortController();
  const outcome = rejection(stuck.get(emptyHash, { signal: controller.signal }));
  controller.abort("enough");
  expect(await outcome).toBe("enough");
  arrive({ size: 0, stream: new ReadableStream({ cancel: () => void closed.push("closed") }) });
  await new Promise((resolve) => setTimeout(resolve));
  expect(closed).toEqual(["closed"]);
});
