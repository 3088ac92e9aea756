import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashOf } from "../../src/bytes/index.js";
import { newMemoryCache } from "../../src/cache/index.js";
import { MemoryCacheStorage } from "../../src/cache/memory-cache.js";
import * as random from "../../src/random/index.js";
import type { Hash } from "../../src/v1/index.js";
import { held, plant, read } from "./storages.js";

const hashes: readonly Hash[] = await Promise.all([1, 2, 3, 4].map((i) => hashOf(Uint8Array.of(i))));
const [a, b, c] = hashes as [Hash, Hash, Hash];
/** So much fits with what a piece costs. */
const SIZE = 936;

describe("a cache in memory", () => {
  it("forgets what was used least lately", async () => {
    const storage = new MemoryCacheStorage(2000);
    await plant(storage, a, new Uint8Array(SIZE));
    await plant(storage, b, new Uint8Array(SIZE));
    await storage.open(a);
    await plant(storage, c, new Uint8Array(SIZE));
    expect(await held(storage, b)).toBeUndefined();
    expect(await held(storage, a)).toHaveLength(SIZE);
    expect(await held(storage, c)).toHaveLength(SIZE);
    expect(storage.used).toBe(2000);
    await storage.remove(a);
    await storage.remove(a);
    expect(storage.used).toBe(1000);
  });

  it("keeps nothing that is larger than all of it, and counts what is on its way", async () => {
    const storage = new MemoryCacheStorage(2000);
    await plant(storage, a, new Uint8Array(SIZE));
    const first = await storage.create();
    const second = await storage.create();
    expect(await first.write(new Uint8Array(SIZE))).toBe(true);
    expect(await second.write(new Uint8Array(SIZE))).toBe(true);
    expect(await held(storage, a)).toBeUndefined();
    expect(await second.write(new Uint8Array(1))).toBe(false);
    await second.discard();
    await second.discard();
    expect(storage.used).toBe(1000);
    await first.commit(b);
    await first.discard();
    expect(storage.used).toBe(1000);
    expect(await held(storage, b)).toHaveLength(SIZE);
  });

  it("forgets nothing for a piece that would not fit all the same", async () => {
    const storage = new MemoryCacheStorage(2000);
    await plant(storage, a, new Uint8Array(SIZE));
    const writer = await storage.create();
    expect(await writer.write(new Uint8Array(2000))).toBe(false);
    expect(await writer.write(new Uint8Array(SIZE))).toBe(true);
    expect(await writer.write(new Uint8Array(SIZE + 1))).toBe(false);
    expect(await held(storage, a)).toHaveLength(SIZE);
    await writer.discard();
  });

  it("gives the layer all the same when it can't keep it", async () => {
    const layer = random.layer(10_000, undefined, { seed: 1 });
    const cache = newMemoryCache({ maxBytes: 1000 });
    expect((await read(await (await cache.put(layer)).compressed())).length).toBe(await layer.size());
    await expect(cache.get(await layer.digest())).rejects.toMatchObject({
      code: "ERR_VARVE_CACHE_NOT_FOUND",
    });
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("has no bound of %s bytes", (maxBytes) => {
    expect(() => newMemoryCache({ maxBytes })).toThrow("whole number of bytes");
  });

  it("is never larger than its bound, and gives back what it was given, whatever happens", async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("begin" as const) }),
      fc.record({ do: fc.constant("write" as const), which: fc.nat(3), bytes: fc.nat(700) }),
      fc.record({ do: fc.constant("commit" as const), which: fc.nat(3), hash: fc.nat(3) }),
      fc.record({ do: fc.constant("discard" as const), which: fc.nat(3) }),
      fc.record({ do: fc.constant("open" as const), hash: fc.nat(3) }),
      fc.record({ do: fc.constant("remove" as const), hash: fc.nat(3) }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const storage = new MemoryCacheStorage(2000);
        const open: { writer: Awaited<ReturnType<MemoryCacheStorage["create"]>>; size: number }[] = [];
        const sizes = new Map<number, number>();
        for (const each of steps) {
          const writing = "which" in each ? open[each.which % Math.max(1, open.length)] : undefined;
          if (each.do === "begin") open.push({ writer: await storage.create(), size: 0 });
          if (each.do === "write" && writing !== undefined) {
            if (await writing.writer.write(new Uint8Array(each.bytes))) writing.size += each.bytes;
          }
          if ((each.do === "commit" || each.do === "discard") && writing !== undefined) {
            if (each.do === "commit") {
              await writing.writer.commit(hashes[each.hash]!);
              sizes.set(each.hash, writing.size);
            }
            await writing.writer.discard();
            open.splice(open.indexOf(writing), 1);
          }
          if (each.do === "open") {
            const found = await held(storage, hashes[each.hash]!);
            if (found !== undefined) expect(found.length).toBe(sizes.get(each.hash));
          }
          if (each.do === "remove") await storage.remove(hashes[each.hash]!);
          expect(storage.used).toBeLessThanOrEqual(2000);
        }
        for (const { writer } of open) await writer.discard();
        for (const hash of hashes) await storage.remove(hash);
        expect(storage.used).toBe(0);
      }),
    );
  });
});
