import { describe, expect, it } from "vitest";
import * as empty from "../../src/empty/index.js";
import { type Layout, newMemoryStorage, write } from "../../src/layout/index.js";
import * as mutate from "../../src/mutate/index.js";
import * as random from "../../src/random/index.js";
import * as stream from "../../src/stream/index.js";
import { type CallOptions, emptyHash, type Image, type ImageIndex, type Layer } from "../../src/v1/index.js";
import {
  expectToCloseContent,
  expectToHeedAborts,
  layerOver,
  slowContent,
  whole,
} from "../fixtures/stuck.js";
import { rejection } from "../stream/fixture/reading.js";
import { forbidUnhandledRejections } from "../stream/fixture/turns.js";

forbidUnhandledRejections();

type Call<Of> = (object: Of, options: CallOptions) => Promise<unknown>;

function newLayout(): Promise<Layout> {
  return write(newMemoryStorage(), empty.index);
}

describe("a writing that is aborted while an object doesn't answer ends at once", () => {
  it.each<[string, Call<Image>]>([
    ["writeImage", async (image, options) => (await newLayout()).writeImage(image, options)],
    ["appendImage", async (image, options) => (await newLayout()).appendImage(image, options)],
    ["replaceImage", async (image, options) => (await newLayout()).replaceImage(image, undefined, options)],
  ])("%s", (_, call) => expectToHeedAborts("image", call));

  it.each<[string, Call<ImageIndex>]>([
    ["write", (index, options) => write(newMemoryStorage(), index, options)],
    ["writeIndex", async (index, options) => (await newLayout()).writeIndex(index, options)],
    ["appendIndex", async (index, options) => (await newLayout()).appendIndex(index, options)],
    ["replaceIndex", async (index, options) => (await newLayout()).replaceIndex(index, undefined, options)],
  ])("%s", (_, call) => expectToHeedAborts("index", call));

  it("writeLayer", () =>
    expectToHeedAborts("layer", async (layer, options) => (await newLayout()).writeLayer(layer, options)));
});

describe("a writing that is aborted while a layer opens, or is read, closes it once, ends at once, and keeps nothing", () => {
  it.each<[string, (layout: Layout, layer: Layer, options: CallOptions) => Promise<unknown>]>([
    ["writeLayer", (layout, layer, options) => layout.writeLayer(layer, options)],
    [
      "appendImage",
      (layout, layer, options) => layout.appendImage(mutate.appendLayers(whole.image, layer), options),
    ],
  ])("%s", async (_, call) => {
    await expectToCloseContent(async (open, options) => {
      const storage = newMemoryStorage();
      const layout = await write(storage, empty.index);
      const before = storage.used;
      try {
        await call(layout, layerOver(open), options);
      } finally {
        if (call.length === 3) await layout.garbageCollect({ remove: true, olderThan: 0 });
        expect(storage.used).toBe(before);
      }
    });
  });

  it("writeLayer, of a streaming layer", async () => {
    const content = slowContent("at once", new Uint8Array(1000));
    const controller = new AbortController();
    const layer = stream.newLayer(await content.open());
    const outcome = rejection((await newLayout()).writeLayer(layer, { signal: controller.signal }));
    await content.begun;
    controller.abort("enough");
    expect(await outcome).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
    expect(content.closed).toHaveLength(1);
  });
});

describe("a storage that doesn't answer", () => {
  const never = (): Promise<never> => new Promise(() => {});

  it.each<[string, Call<Layout>]>([
    ["image", (layout, options) => layout.image(undefined, options)],
    ["blob", (layout, options) => layout.blob(emptyHash, options)],
    ["bytes", (layout, options) => layout.bytes(emptyHash, options)],
    ["writeLayer", (layout, options) => layout.writeLayer(whole.layer, options)],
    ["garbageCollect", (layout, options) => layout.garbageCollect(options)],
    ["appendImage", (layout, options) => layout.appendImage(whole.image, options)],
  ])("does not keep %s from ending when it is aborted", async (_, call) => {
    await whole.layer.digest();
    const layout = await newLayout();
    Object.assign(layout.storage, { open: never, stat: never });
    const controller = new AbortController();
    const outcome = rejection(call(layout, { signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve));
    controller.abort("enough");
    expect(await outcome).toBe("enough");
  });

  it("has what it opens too late closed", async () => {
    const layout = await newLayout();
    const closed: unknown[] = [];
    let arrive = (_: { size: number; stream: ReadableStream<Uint8Array> }): void => {};
    const opening = new Promise((resolve) => {
      arrive = resolve;
    });
    Object.assign(layout.storage, { open: () => opening });
    const controller = new AbortController();
    const outcome = rejection(layout.blob(emptyHash, { signal: controller.signal }));
    controller.abort("enough");
    expect(await outcome).toBe("enough");
    arrive({ size: 0, stream: new ReadableStream({ cancel: (reason) => void closed.push(reason) }) });
    await new Promise((resolve) => setTimeout(resolve));
    expect(closed).toEqual(["enough"]);
  });

  it("has an update in memory that is aborted change nothing", async () => {
    const storage = newMemoryStorage();
    await write(storage, empty.index);
    const controller = new AbortController();
    const update = storage.update(
      "index.json",
      async () => {
        controller.abort("enough");
        return Uint8Array.of(1);
      },
      { signal: controller.signal },
    );
    expect(await rejection(update)).toBe("enough");
    expect((await storage.open("index.json"))?.size).toBe(await empty.index.size());
  });
});

it("writes the layers of an image side by side without a warning of too many listeners", async () => {
  const warnings: Error[] = [];
  const note = (warning: Error): void => {
    warnings.push(warning);
  };
  process.on("warning", note);
  try {
    const { signal } = new AbortController();
    const layout = await newLayout();
    await layout.appendImage(random.image(100_000, 8, { seed: 1 }), { signal });
    const copy = await newLayout();
    await copy.appendImage(mutate.time(await layout.image(), "2006-01-02T15:04:05Z"), { signal });
    await new Promise((resolve) => setTimeout(resolve));
  } finally {
    process.off("warning", note);
  }
  expect(warnings).toEqual([]);
});
