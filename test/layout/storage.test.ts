import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hashOf } from "../../src/bytes/index.js";
import { LayoutFullError, type LayoutStorage, newMemoryStorage } from "../../src/layout/index.js";
import { randomBytes } from "../fixtures/bytes.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { blobsOf, contentOf, plant, storages } from "./storages.js";

const text = (content: string): Uint8Array => new TextEncoder().encode(content);

describe.each(storages)("a layout's storage in $kind", ({ make, clear }) => {
  let storage: LayoutStorage;
  beforeEach(async () => {
    storage = await make();
  });
  afterEach(clear);

  it("is empty at first", async () => {
    const nobody = await hashOf(text("x"));
    expect(await storage.open("index.json")).toBeUndefined();
    expect(await storage.open(nobody)).toBeUndefined();
    expect(await storage.stat(nobody)).toBeUndefined();
    expect(await storage.renew(nobody)).toBe(false);
    expect(await storage.remove(nobody)).toBe(false);
    expect(await storage.remove(nobody, { writtenBefore: Date.now() + 1 })).toBe(false);
    expect(await blobsOf(storage)).toEqual([]);
  });

  it("gives back what was written, under the name that it was given at the end", async () => {
    const bytes = randomBytes(700_001, 1);
    const digest = await hashOf(bytes);
    const writer = await storage.create();
    const piece = new Uint8Array(100_000);
    for (let at = 0; at < bytes.length; at += piece.length) {
      const part = bytes.subarray(at, at + piece.length);
      piece.set(part);
      await writer.write(piece.subarray(0, part.length));
      piece.fill(0);
    }
    expect(await storage.open(digest)).toBeUndefined();
    expect(await blobsOf(storage)).toEqual([]);
    const before = Date.now();
    await writer.commit(digest);
    await writer.discard();
    expectSameBytes((await contentOf(await storage.open(digest)))!, bytes);
    const status = await storage.stat(digest);
    expect(status?.size).toBe(bytes.length);
    expect(Math.abs((status?.writtenAt ?? 0) - before)).toBeLessThan(60_000);
    expect(await blobsOf(storage)).toEqual([String(digest)]);
  });

  it("names blobs of sha512, too", async () => {
    const digest = await hashOf(text("x"), "sha512");
    await plant(storage, digest, text("x"));
    expect(await contentOf(await storage.open(digest))).toEqual(text("x"));
    expect(await blobsOf(storage)).toEqual([String(digest)]);
  });

  it("forgets what is discarded, however often", async () => {
    const writer = await storage.create();
    await writer.write(text("x"));
    await writer.discard();
    await writer.discard();
    expect(await blobsOf(storage)).toEqual([]);
  });

  it("puts a blob in place of another", async () => {
    const digest = await hashOf(text("right"));
    await plant(storage, digest, text("wrong one"));
    await plant(storage, digest, text("right"));
    expect(await contentOf(await storage.open(digest))).toEqual(text("right"));
  });

  it("lets a reader go on while the blob is replaced and removed, and go away early", async () => {
    const digest = await hashOf(text("x"));
    await plant(storage, digest, text("first"));
    const opened = await storage.open(digest);
    const other = await storage.open(digest);
    await plant(storage, digest, text("second"));
    await storage.remove(digest);
    expect(await contentOf(opened)).toEqual(text("first"));
    await other?.stream.cancel();
  });

  it("removes, unless it was written or renewed too lately", async () => {
    const digest = await hashOf(text("x"));
    await plant(storage, digest, text("x"));
    const { writtenAt } = (await storage.stat(digest))!;
    expect(await storage.remove(digest, { writtenBefore: writtenAt })).toBe(false);
    while (Date.now() <= writtenAt + 1) await new Promise((resolve) => setTimeout(resolve, 1));
    expect(await storage.renew(digest)).toBe(true);
    expect(await storage.remove(digest, { writtenBefore: writtenAt + 0.5 })).toBe(false);
    expect(await storage.remove(digest, { writtenBefore: Date.now() + 1000 })).toBe(true);
    expect(await storage.stat(digest)).toBeUndefined();
  });

  it("shows each change of a file what the one before it made", async () => {
    await Promise.all(
      Array.from({ length: 12 }, (_, i) =>
        storage.update("index.json", async (current) => {
          const before = (await contentOf(current)) ?? text("");
          return text(`${new TextDecoder().decode(before)}${i};`);
        }),
      ),
    );
    const content = new TextDecoder().decode(await contentOf(await storage.open("index.json")));
    expect(
      content
        .split(";")
        .slice(0, -1)
        .map(Number)
        .sort((a, b) => a - b),
    ).toEqual([...Array(12).keys()]);
  });

  it("leaves a file alone where the change says so, or fails", async () => {
    await storage.update("oci-layout", async () => text("kept"));
    await storage.update("oci-layout", async () => {
      return undefined;
    });
    const failure = new Error("no");
    await expect(
      storage.update("oci-layout", async () => {
        throw failure;
      }),
    ).rejects.toBe(failure);
    await storage.update("index.json", async () => text("goes on"));
    expect(await contentOf(await storage.open("oci-layout"))).toEqual(text("kept"));
    expect(await contentOf(await storage.open("index.json"))).toEqual(text("goes on"));
  });

  it("does nothing for a signal that is aborted", async () => {
    const digest = await hashOf(text("x"));
    await plant(storage, digest, text("x"));
    const signal = AbortSignal.abort("enough");
    await expect(storage.open(digest, { signal })).rejects.toBe("enough");
    await expect(storage.create({ signal })).rejects.toBe("enough");
    await expect(storage.update("index.json", async () => text("x"), { signal })).rejects.toBe("enough");
    expect(await storage.open("index.json")).toBeUndefined();
  });
});

describe("a layout's storage in memory", () => {
  it("holds no more than it may, and counts what is on its way", async () => {
    const storage = newMemoryStorage({ maxBytes: 10 });
    const [a, b] = [await hashOf(text("a")), await hashOf(text("b"))];
    await plant(storage, a, new Uint8Array(6));
    const writer = await storage.create();
    await writer.write(new Uint8Array(4));
    expect(storage.used).toBe(10);
    await expect(writer.write(new Uint8Array(1))).rejects.toThrow(LayoutFullError);
    await expect(storage.update("index.json", async () => text("x"))).rejects.toThrow(LayoutFullError);
    await writer.discard();
    await storage.update("index.json", async () => text("1234"));
    await storage.update("index.json", async () => text(""));
    expect(storage.used).toBe(6);
    await plant(storage, a, new Uint8Array(3));
    expect(storage.used).toBe(3);
    await storage.remove(a);
    await plant(storage, b, new Uint8Array(10));
    expect(storage.used).toBe(10);
  });

  it("keeps its bytes to itself", async () => {
    const storage = newMemoryStorage();
    const digest = await hashOf(text("x"));
    await plant(storage, digest, text("x"));
    (await contentOf(await storage.open(digest)))!.fill(0);
    const reader = (await storage.open(digest))!.stream.getReader();
    (await reader.read()).value?.fill(0);
    expect(await contentOf(await storage.open(digest))).toEqual(text("x"));
  });
});
