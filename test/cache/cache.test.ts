import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ReadAbortedError } from "../../src/bytes/index.js";
import * as cache from "../../src/cache/index.js";
import { exists, uncompressedSize } from "../../src/partial/index.js";
import * as random from "../../src/random/index.js";
import {
  dockerLayer,
  dockerUncompressedLayer,
  emptyHash,
  type Hash,
  type Layer,
  VerificationError,
} from "../../src/v1/index.js";
import * as validate from "../../src/validate/index.js";
import { randomBytes } from "../fixtures/bytes.js";
import { keptLayer, ociImage, ociIndex, streaming, tarOf } from "../fixtures/oci-image.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { counting, held, plant, read, storages } from "./storages.js";

let tar: Uint8Array;
let whole: Layer;
let digest: Hash;
let diffID: Hash;
let compressed: Uint8Array;
beforeAll(async () => {
  tar = await tarOf({ a: randomBytes(700_000, 1) });
  whole = await keptLayer(tar);
  digest = await whole.digest();
  diffID = await whole.diffID();
  compressed = await read(await whole.compressed());
});

describe.each(storages)("a cache in $kind", ({ make, clear }) => {
  let storage: cache.CacheStorage;
  let kept: cache.Cache;
  let errors: unknown[];
  beforeEach(async () => {
    storage = await make();
    errors = [];
    kept = cache.newCache(storage, { onError: (error) => errors.push(error) });
  });
  afterEach(async () => {
    expect(errors).toEqual([]);
    await clear();
  });

  it("keeps what is read to its end, under the hash of what was read", async () => {
    const layer = counting(whole);
    const put = await kept.put(layer);
    await expect(kept.get(digest)).rejects.toThrow(cache.NotFoundError);
    expectSameBytes(await read(await put.compressed()), compressed);
    expectSameBytes((await held(storage, digest))!, compressed);
    expect(await held(storage, diffID)).toBeUndefined();
    expectSameBytes(await read(await put.uncompressed()), tar);
    expectSameBytes((await held(storage, diffID))!, tar);
    expect([await put.digest(), await put.diffID(), await put.size(), await put.mediaType()]).toEqual([
      digest,
      diffID,
      compressed.length,
      await whole.mediaType(),
    ]);
  });

  it("gives a layer for a digest, and one for a diffID", async () => {
    await plant(storage, digest, compressed);
    await plant(storage, diffID, tar);
    const byDigest = await kept.get(digest);
    await validate.layer(byDigest, { uncompressed: true });
    expect([await byDigest.digest(), await byDigest.diffID(), await byDigest.mediaType()]).toEqual([
      digest,
      diffID,
      dockerLayer,
    ]);
    const byDiffID = await kept.get(diffID);
    await validate.layer(byDiffID, { uncompressed: true });
    expect([await byDiffID.digest(), await byDiffID.size(), await byDiffID.mediaType()]).toEqual([
      diffID,
      tar.length,
      dockerUncompressedLayer,
    ]);
  });

  it("keeps nothing that is read in part, whichever way the reading ends", async () => {
    const put = await kept.put(whole);
    const cancelled = (await put.compressed()).getReader();
    await cancelled.read();
    await cancelled.cancel();
    await (await put.compressed()).cancel();

    const controller = new AbortController();
    const aborted = (await put.uncompressed({ signal: controller.signal })).getReader();
    await aborted.read();
    controller.abort("enough");
    await expect(aborted.read()).rejects.toThrow(ReadAbortedError);

    const failure = new Error("reset");
    let sent = false;
    const failing = await kept.put({
      ...counting(whole),
      compressed: async () =>
        new ReadableStream({
          pull(stream) {
            if (sent) stream.error(failure);
            else stream.enqueue(compressed.slice(0, 1000));
            sent = true;
          },
        }),
    });
    await expect(read(await failing.compressed())).rejects.toBe(failure);
    expect(await held(storage, digest)).toBeUndefined();
    expect(await held(storage, diffID)).toBeUndefined();
  });

  it("keeps nothing that is not what its digest says, and says so", async () => {
    for (const bytes of [compressed.slice(1), compressed.slice(0, -1), randomBytes(10, 1)]) {
      const lying = await kept.put({
        ...counting(whole),
        compressed: async () => new Blob([bytes]).stream(),
      });
      await expect(read(await lying.compressed())).rejects.toThrow(VerificationError);
      expect(await held(storage, digest)).toBeUndefined();
    }
  });

  it("keeps streaming layers, whose digest is known when they are over", async () => {
    const layer = streaming(tar);
    const put = await kept.put(layer);
    const bytes = await read(await put.compressed());
    expectSameBytes((await held(storage, await layer.digest()))!, bytes);
  });

  it("never gives what was damaged, and forgets it", async () => {
    const flipped = compressed.slice();
    flipped[flipped.length - 1]! ^= 1;
    await plant(storage, digest, flipped);
    const layer = await kept.get(digest);
    const reader = (await layer.compressed()).getReader();
    let received = 0;
    const reading = (async () => {
      for (let each = await reader.read(); !each.done; each = await reader.read())
        received += each.value.length;
    })();
    await expect(reading).rejects.toThrow(VerificationError);
    expect(received).toBeLessThan(flipped.length);
    await expect(kept.get(digest)).rejects.toThrow(cache.NotFoundError);
    await expect(layer.compressed()).rejects.toThrow(cache.NotFoundError);
  });

  it("forgets what it is told to, and what is not there", async () => {
    await plant(storage, digest, compressed);
    await kept.delete(digest);
    await kept.delete(digest);
    await expect(kept.get(digest)).rejects.toMatchObject({ code: "ERR_VARVE_CACHE_NOT_FOUND" });
  });

  it("serves many readers and writers of the same layer at once", async () => {
    const image = cache.image(ociImage([counting(whole)]), kept);
    const [layer] = await image.layers();
    const all = await Promise.all(Array.from({ length: 6 }, async () => read(await layer!.compressed())));
    for (const each of all) expectSameBytes(each, compressed);
    expectSameBytes((await held(storage, digest))!, compressed);
  });

  describe("in front of an image", () => {
    it("reads nothing before it is asked, and each layer once", async () => {
      const layer = counting(whole);
      const source = ociImage([layer]);
      const image = cache.image(source, kept);
      const [first] = await image.layers();
      expect(await image.digest()).toEqual(await source.digest());
      await image.configFile();
      expect(layer.opened).toEqual({ compressed: 0, uncompressed: 0 });
      expectSameBytes(await read(await first!.compressed()), compressed);
      expectSameBytes(await read(await (await image.layerByDigest(digest)).compressed()), compressed);
      expectSameBytes(await read(await first!.uncompressed()), tar);
      expectSameBytes(await read(await (await image.layerByDiffID(diffID)).uncompressed()), tar);
      expect(layer.opened).toEqual({ compressed: 1, uncompressed: 1 });
      await validate.image(image, { uncompressed: true });
    });

    it("fetches anew what was damaged", async () => {
      const layer = counting(whole);
      const [cached] = await cache.image(ociImage([layer]), kept).layers();
      await plant(storage, digest, new Uint8Array(compressed.length));
      await expect(cached!.compressed().then(read)).rejects.toThrow(VerificationError);
      expectSameBytes(await read(await cached!.compressed()), compressed);
      expect(layer.opened.compressed).toBe(1);
    });

    it("gives layers whose content looks compressed as they are", async () => {
      const inside = await keptLayer(compressed);
      const [cached] = await cache.image(ociImage([inside]), kept).layers();
      for (let i = 0; i < 2; i++) expectSameBytes(await read(await cached!.uncompressed()), compressed);
    });

    it("lets the image's own ways through", async () => {
      const layer = Object.assign(counting(whole), {
        exists: async () => false,
        uncompressedSize: async () => 42,
      });
      const [cached] = await cache.image(ociImage([layer]), kept).layers();
      expect([await exists(cached!), await uncompressedSize(cached!)]).toEqual([false, 42]);
    });
  });

  it("stands in front of an index, and of all that is in it", async () => {
    const layers = [counting(whole), counting(await keptLayer(await tarOf({ b: "b" })))] as const;
    const { manifests: _, ...opened } = ociIndex([ociImage([layers[0]]), ociIndex([ociImage([layers[1]])])]);
    for (const index of [cache.imageIndex(opened, kept), cache.imageIndex(opened, kept)])
      await validate.index(index);
    expect(layers.map(({ opened: { compressed: times } }) => times)).toEqual([1, 1]);
    const unread = cache.imageIndex(ociIndex([ociImage([streaming(tar)])]), kept);
    await validate.index(unread);
    const blob = counting(whole);
    const withLayer = Object.assign({ ...opened }, { layer: async () => blob });
    const cached = cache.imageIndex(withLayer, kept) as unknown as { layer(hash: Hash): Promise<Layer> };
    await read(await (await cached.layer(digest)).compressed());
    expect(blob.opened.compressed).toBe(0);
  });
});

describe("a cache that is only read", () => {
  it("gives what is there, and neither keeps nor forgets", async () => {
    const kept = cache.newMemoryCache({ maxBytes: 10_000_000 });
    await read(await (await kept.put(whole)).compressed());
    const only = cache.readOnly(kept);
    await only.delete(digest);
    expectSameBytes(await read(await (await only.get(digest)).compressed()), compressed);
    const other = random.layer(100, undefined, { seed: 1 });
    expect(await only.put(other)).toBe(other);
    await read(await other.compressed());
    await expect(only.get(await other.digest())).rejects.toThrow(cache.NotFoundError);
    await expect(only.get(emptyHash)).rejects.toThrow(cache.NotFoundError);
  });
});

describe("a cache whose storage fails", () => {
  it.each(["create", "write", "commit", "open"] as const)("in %s is slow, and not wrong", async (where) => {
    const failure = new Error("the disk is full");
    const fail = () => Promise.reject(failure);
    const errors: unknown[] = [];
    let discarded = 0;
    const writer = {
      write: async () => true,
      commit: async () => {},
      discard: async () => {
        discarded++;
      },
      ...(where === "write" || where === "commit" ? { [where]: fail } : {}),
    };
    const storage: cache.CacheStorage = {
      open: where === "open" ? fail : async () => undefined,
      create: where === "create" ? fail : async () => writer,
      remove: async () => {},
    };
    const kept = cache.newCache(storage, { onError: (error) => errors.push(error) });
    const [cached] = await cache.image(ociImage([whole]), kept).layers();
    expectSameBytes(await read(await cached!.compressed()), compressed);
    expect(errors).toEqual([failure]);
    expect(discarded).toBe(where === "create" ? 0 : 1);
    // Without anyone to tell.
    const silent = cache.image(ociImage([whole]), cache.newCache(storage));
    expectSameBytes(await read(await (await silent.layers())[0]!.compressed()), compressed);
  });
});
