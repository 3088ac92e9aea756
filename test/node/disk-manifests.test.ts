import { describe, expect, it } from "vitest";
import { openDiskStorage } from "../../src/node/index.js";
import { hashFromBytes } from "../../src/v1/index.js";
import { useScratch } from "../fixtures/scratch.js";

const digest = hashFromBytes("sha256", new Uint8Array(32).fill(7));
const manifest = {
  mediaType: "application/vnd.oci.image.manifest.v1+json",
  bytes: new Uint8Array([123, 125]),
};

describe("manifests on disk that are put and deleted at the same time", () => {
  const scratch = useScratch();

  it("are there whole or not at all", async () => {
    const { manifests } = await openDiskStorage(scratch.file("store"));
    for (let round = 0; round < 20; round++) {
      await manifests.put("a", digest, manifest);
      await Promise.all([manifests.delete("a", digest), manifests.put("a", digest, manifest)]);
      expect(await manifests.has("a", digest)).toBe(true);
      expect(await manifests.get("a", digest)).toMatchObject({ mediaType: manifest.mediaType });
    }
  });

  it("keep a tag that is set after the deletion was asked for", async () => {
    const { manifests } = await openDiskStorage(scratch.file("store"));
    for (let round = 0; round < 20; round++) {
      await manifests.put("a", digest, manifest);
      await Promise.all([
        manifests.delete("a", digest),
        manifests.put("a", digest, manifest),
        manifests.tag("a", "latest", digest),
      ]);
      expect(String(await manifests.resolve("a", "latest"))).toBe(String(digest));
    }
  });
});
