import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hashOf } from "../../src/bytes/index.js";
import * as empty from "../../src/empty/index.js";
import {
  Layout,
  LayoutError,
  LayoutNotFoundError,
  type LayoutStorage,
  write,
} from "../../src/layout/index.js";
import * as match from "../../src/match/index.js";
import { descriptor } from "../../src/partial/index.js";
import * as random from "../../src/random/index.js";
import { newLayer } from "../../src/static/index.js";
import { type Descriptor, emptyHash, ociImageIndex, ociLayer } from "../../src/v1/index.js";
import { ociImage, ociIndex } from "../fixtures/oci-image.js";
import { blobsOf, plant, storages } from "./storages.js";

const text = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content);

describe.each(storages)("garbage of a layout in $kind", ({ make, clear }) => {
  let storage: LayoutStorage;
  let layout: Layout;
  beforeEach(async () => {
    storage = await make();
    layout = await write(storage, empty.index);
  });
  afterEach(clear);

  const garbage = async (): Promise<string[]> => (await layout.garbageCollect()).map(String).sort();

  it("is what nothing leads to, and is removed only on demand", async () => {
    await layout.appendImage(random.image(10, 2, { seed: 1 }));
    await layout.appendIndex(random.index(10, 1, 2, { seed: 2 }));
    expect(await garbage()).toEqual([]);
    const needed = await blobsOf(storage);
    const lost = random.image(10, 1, { seed: 3 });
    await layout.writeImage(lost);
    const found = await garbage();
    const digests = [await lost.digest(), await lost.configName(), await (await lost.layers())[0]!.digest()];
    expect(found).toEqual(digests.map(String).sort());
    expect((await blobsOf(storage)).length).toBe(needed.length + 3);
    expect((await layout.garbageCollect({ remove: true, olderThan: 0 })).map(String).sort()).toEqual(found);
    expect(await blobsOf(storage)).toEqual(needed);
  });

  it("is spared while it may be a writer's that has not listed it yet", async () => {
    await plant(storage, emptyHash, text(""));
    expect(await layout.garbageCollect({ remove: true })).toEqual([]);
    expect(await garbage()).toEqual([String(emptyHash)]);
    const ages = { remove: true, olderThan: 20 };
    await new Promise((resolve) => setTimeout(resolve, 40));
    await layout.writeBlob(emptyHash, 0, new Blob([]).stream());
    expect(await layout.garbageCollect({ ...ages, olderThan: 30_000 })).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(await layout.garbageCollect(ages)).toEqual([emptyHash]);
  });

  it("is not what images share, or what a removed descriptor leaves listed elsewhere", async () => {
    const layer = newLayer(text("shared"), ociLayer);
    const [a, b] = [ociImage([layer]), ociImage([layer, newLayer(text("own"), ociLayer)])];
    await layout.appendImage(a);
    await layout.appendImage(b);
    await layout.removeDescriptors(match.digests(await b.digest()));
    expect(await garbage()).toEqual(
      [await b.digest(), await b.configName(), await hashOf(text("own"))].map(String).sort(),
    );
  });

  it("is not a subject that is there, nor what that leads to; one elsewhere is no matter", async () => {
    const subject = ociImage([newLayer(text("subject's"), ociLayer)]);
    await layout.writeImage(subject);
    const about = ociImage([], { manifest: { subject: await descriptor(subject) } });
    await layout.appendImage(about);
    expect(await garbage()).toEqual([]);
    await layout.removeDescriptors(() => true);
    const elsewhere = { mediaType: ociImageIndex, size: 1, digest: emptyHash };
    await layout.appendImage(ociImage([], { manifest: { subject: elsewhere } }));
    expect((await garbage()).length).toBe(4);
  });

  it("is not what an index leads to that is also the layer of an image", async () => {
    const inside = ociImage([newLayer(text("inside"), ociLayer)]);
    const index = ociIndex([inside]);
    await layout.writeIndex(index);
    const asLayer: Descriptor = await descriptor(index);
    await layout.appendImage(ociImage([], { manifest: { layers: [asLayer] } }));
    await layout.appendDescriptor(asLayer);
    expect(await garbage()).toEqual([]);
  });

  it("is not guessed at", async () => {
    await layout.appendImage(random.image(10, 1, { seed: 1 }));
    const image = await layout.image();
    const listed = String(await image.digest());
    await plant(storage, emptyHash, text(""));
    const before = await blobsOf(storage);
    const unknown = { mediaType: "application/x-list", size: 0, digest: emptyHash };
    await layout.appendDescriptor(unknown);
    await expect(layout.garbageCollect({ remove: true, olderThan: 0 })).rejects.toThrow(LayoutError);
    await layout.removeDescriptors(match.digests(emptyHash));
    await layout.removeBlob(await image.digest());
    await expect(layout.garbageCollect({ remove: true, olderThan: 0 })).rejects.toThrow(LayoutNotFoundError);
    expect(await blobsOf(storage)).toEqual(before.filter((name) => name !== listed));
  });

  it("is found by an index that did not change meanwhile", async () => {
    const image = random.image(10, 1, { seed: 1 });
    await layout.writeImage(image);
    // Lists the image when the blobs are looked through for the first time.
    let looked = 0;
    const meddled: LayoutStorage = Object.create(storage, {
      blobs: {
        value: async function* () {
          if (++looked === 1) await layout.appendDescriptor(await descriptor(image));
          yield* storage.blobs();
        },
      },
      open: { value: storage.open.bind(storage) },
      stat: { value: storage.stat.bind(storage) },
      remove: { value: storage.remove.bind(storage) },
      removeUnfinished: { value: storage.removeUnfinished?.bind(storage) },
    });
    expect(await new Layout(meddled).garbageCollect({ remove: true, olderThan: 0 })).toEqual([]);
    expect(looked).toBe(2);
  });
});
