import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readAll } from "../../src/bytes/index.js";
import { VarveError } from "../../src/core/index.js";
import * as empty from "../../src/empty/index.js";
import { fromStorage, type Layout, newMemoryStorage, write } from "../../src/layout/index.js";
import type { MemoryStorage } from "../../src/layout/memory-storage.js";
import { type Image, type ImageIndex, newHash } from "../../src/v1/index.js";
import * as validate from "../../src/validate/index.js";
import { ociImage, ociIndex, streaming, tarOf } from "../fixtures/oci-image.js";
import { blobsOf, contentOf, plant } from "./storages.js";

/** A layout with an image, and with an index of two images, that is damaged afresh in each run. */
async function sound(): Promise<MemoryStorage> {
  const storage = newMemoryStorage();
  const layout = await write(storage, empty.index);
  await layout.appendImage(ociImage([streaming(await tarOf({ a: "a".repeat(3000) }))]));
  await layout.appendIndex(ociIndex([ociImage([streaming(await tarOf({ b: "b" }))]), ociImage([])]));
  return storage;
}

/** Reads all that can be reached, and is held to: bytes that are verified, or an error of this package. */
async function readEverything(storage: MemoryStorage): Promise<"sound" | "refused"> {
  const seen = new Set<string>();
  const readImage = async (image: Image): Promise<void> => {
    await image.configFile();
    for (const layer of await image.layers()) {
      await readAll(await layer.compressed(), { maxBytes: 1 << 20 });
      await readAll(await layer.uncompressed(), { maxBytes: 1 << 20 });
    }
  };
  const readIndex = async (index: ImageIndex): Promise<void> => {
    for (const { digest, mediaType } of (await index.indexManifest()).manifests ?? []) {
      if (seen.has(String(digest))) continue;
      seen.add(String(digest));
      if (mediaType.includes("index")) await readIndex(await index.imageIndex(digest));
      else await readImage(await index.image(digest));
    }
  };
  try {
    const layout = await fromStorage(storage, { maxManifestBytes: 10_000 });
    await readIndex(await layout.imageIndex());
    return "sound";
  } catch (error) {
    expect(error).toBeInstanceOf(VarveError);
    return "refused";
  }
}

const damage = fc.oneof(
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat() }),
  fc.record({ kind: fc.constant("flip" as const), at: fc.nat(), bit: fc.nat(7) }),
  fc.record({ kind: fc.constant("add" as const), bytes: fc.uint8Array({ minLength: 1, maxLength: 20 }) }),
  fc.record({ kind: fc.constant("replace" as const), bytes: fc.uint8Array({ maxLength: 100 }) }),
);

function damaged(
  bytes: Uint8Array,
  how: typeof damage extends fc.Arbitrary<infer T> ? T : never,
): Uint8Array {
  switch (how.kind) {
    case "cut":
      return bytes.subarray(0, how.at % bytes.length);
    case "flip": {
      const flipped = bytes.slice();
      flipped[how.at % bytes.length]! ^= 1 << how.bit;
      return flipped;
    }
    case "add":
      return new Uint8Array([...bytes, ...how.bytes]);
    case "replace":
      return how.bytes;
  }
}

describe("a layout that is damaged", () => {
  it("is sound before", async () => {
    expect(await readEverything(await sound())).toBe("sound");
  });

  it("gives no blob that is not what its digest says", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), damage, async (which, how) => {
        const storage = await sound();
        const names = await blobsOf(storage);
        const name = newHash(names[which % names.length]!);
        const before = (await contentOf(await storage.open(name)))!;
        const after = damaged(before, how);
        fc.pre(Buffer.compare(before, after) !== 0);
        await plant(storage, name, after);
        expect(await readEverything(storage)).toBe("refused");
        const index = await (await fromStorage(storage)).imageIndex();
        await expect(validate.index(index)).rejects.toThrow(validate.ValidationError);
      }),
      { numRuns: 60 },
    );
  });

  it("is read, or refused with an error of this package, when its two files are", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom("index.json" as const, "oci-layout" as const),
        damage,
        async (file, how) => {
          const storage = await sound();
          const before = (await contentOf(await storage.open(file)))!;
          await storage.update(file, async () => damaged(before, how));
          const blobs = await blobsOf(storage);
          await readEverything(storage);
          expect(await blobsOf(storage)).toEqual(blobs);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("is refused when a descriptor lies about a size or a digest, however large", async () => {
    const storage = await sound();
    const text = new TextDecoder().decode(await contentOf(await storage.open("index.json")));
    const index = JSON.parse(text);
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.maxSafeNat(), fc.constantFrom(-1, 1.5, 2 ** 53, 1e300, null, "7", [])),
        fc.nat(1),
        async (size, position) => {
          fc.pre(size !== index.manifests[position].size);
          const lying = structuredClone(index);
          lying.manifests[position].size = size;
          await storage.update("index.json", async () => new TextEncoder().encode(JSON.stringify(lying)));
          expect(await readEverything(storage)).toBe("refused");
        },
      ),
      { numRuns: 40 },
    );
  });

  it("is not led anywhere by digests that are paths", async () => {
    const storage = await sound();
    const hostile = [
      "../../etc/passwd",
      "sha256:../../../etc/passwd",
      "sha256:",
      "SHA256:00",
      "md5:00",
      "sha256/00",
    ];
    for (const digest of hostile) {
      const index = { schemaVersion: 2, manifests: [{ mediaType: "x", size: 1, digest }] };
      await storage.update("index.json", async () => new TextEncoder().encode(JSON.stringify(index)));
      expect(await readEverything(storage), digest).toBe("refused");
      const layout: Layout = await fromStorage(storage);
      await expect(layout.garbageCollect({ remove: true, olderThan: 0 })).rejects.toThrow(VarveError);
    }
  });
});
