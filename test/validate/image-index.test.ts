import { beforeAll, describe, expect, it } from "vitest";
import * as empty from "../../src/empty/index.js";
import type { Describable } from "../../src/partial/index.js";
import * as random from "../../src/random/index.js";
import { newLayer } from "../../src/static/index.js";
import {
  type Descriptor,
  emptyHash,
  type Image,
  type ImageIndex,
  type Layer,
  ociImageIndex,
} from "../../src/v1/index.js";
import * as validate from "../../src/validate/index.js";
import { keptLayer, ociImage, ociIndex, streaming, tarOf } from "../fixtures/oci-image.js";
import { repeatingIndex } from "../fixtures/repeating-index.js";
import { problemsOf } from "./problems.js";

let layer: Layer;
let image: Image;
beforeAll(async () => {
  layer = await keptLayer(await tarOf({ a: "a" }));
  image = ociImage([layer]);
});

async function named(index: ImageIndex, options?: validate.ValidateOptions): Promise<string[]> {
  const problems = await problemsOf(validate.index(index, options));
  return problems.map(({ problem, stage, where }) => `${stage}: ${where}: ${problem}`);
}

/** An index whose children are opened by their digests. */
function opening(
  children: readonly Describable[],
  describe?: (descriptor: Descriptor) => Descriptor,
): ImageIndex {
  const { manifests: _, ...index } = ociIndex(children, describe);
  return index;
}

describe("validate.index", () => {
  it("takes indexes from anywhere, nested ones and images that have not been read (acceptance 74)", async () => {
    await validate.index(empty.index);
    await validate.index(random.index(100, 2, 3, { seed: 1 }));
    await validate.index(opening([image, opening([image])]));
    const unread = ociImage([streaming(await tarOf({ b: "b" }))]);
    await validate.index(ociIndex([unread, ociIndex([ociImage([streaming(await tarOf({ c: "c" }))])])]));
  });

  it("validates what it lists twice once, and comes to an end with one that lists itself", async () => {
    let reads = 0;
    const counted: Layer = {
      ...layer,
      compressed() {
        reads++;
        return layer.compressed();
      },
    };
    await validate.index(opening([ociImage([counted]), ociImage([counted])]));
    expect(reads).toBe(1);
    const child = { mediaType: ociImageIndex, size: 1, digest: emptyHash };
    const circle: ImageIndex = { ...opening([image], () => child), imageIndex: async () => circle };
    expect((await named(circle)).every((name) => name.startsWith("children: manifests[0]"))).toBe(true);
    const ring = ociIndex([]);
    const closed: ImageIndex = Object.assign(ring, { manifests: async () => [ring] });
    expect(await named(closed)).toContain("index: index: mismatched-count");
  });

  it("validates what an index opens anew each time once, however many ways lead to it", async () => {
    await validate.index(await repeatingIndex(30, ociImage([])));
  });

  describe("tells by name (acceptance 74)", () => {
    it("what it says of itself that is not so", async () => {
      expect(
        await named({
          ...opening([image]),
          digest: async () => emptyHash,
          size: async () => 1,
          mediaType: async () => "text/plain",
          indexManifest: async () => ({ schemaVersion: 2, manifests: [] }),
        }),
      ).toEqual([
        "index: index: mismatched-digest",
        "index: index: mismatched-size",
        "index: index: mismatched-content",
        "index: index: mismatched-media-type",
      ]);
      expect(
        await named({ ...opening([image]), rawManifest: () => Promise.reject(new Error("no")) }),
      ).toEqual(["index: index: unanswered"]);
    });

    it("what it says of its children that is not so", async () => {
      const lie = (change: Partial<Descriptor>) =>
        named({ ...opening([image], (each) => ({ ...each, ...change })), image: async () => image });
      expect(await lie({ digest: emptyHash })).toEqual(["children: manifests[0]: mismatched-digest"]);
      expect(await lie({ size: 7 })).toEqual(["children: manifests[0]: mismatched-size"]);
      expect(await lie({ mediaType: "application/vnd.docker.distribution.manifest.v2+json" })).toEqual([
        "children: manifests[0]: mismatched-media-type",
      ]);
    });

    it("platforms that contradict the configuration, and no others", async () => {
      const arm = ociImage([layer], { config: { architecture: "arm64", variant: "v8", osVersion: "1" } });
      const on = (platform: object) =>
        validate.index(
          opening([arm], (each) => ({
            ...each,
            platform: { os: "linux", architecture: "arm64", ...platform },
          })),
        );
      for (const same of [{}, { variant: "v8" }, { osVersion: "1", variant: "v8" }, { features: ["sse4"] }])
        await on(same);
      for (const other of [
        { os: "windows" },
        { architecture: "amd64" },
        { variant: "v7" },
        { osVersion: "2" },
      ]) {
        expect(await problemsOf(on(other)), JSON.stringify(other)).toMatchObject([
          { problem: "mismatched-platform", where: "manifests[0]", stage: "children" },
        ]);
      }
      const artifact = ociImage([], {
        manifest: { config: { mediaType: "application/x-config", size: 2, digest: emptyHash } },
      });
      const platform = { os: "plan9", architecture: "mips" };
      const names = await named(opening([artifact], (each) => ({ ...each, platform })));
      expect(names.some((name) => name.includes("platform"))).toBe(false);
    });

    it("what is wrong deep inside, with the way there", async () => {
      const broken = ociImage([{ ...layer, size: async () => 1 }]);
      const inside = opening([image, { ...broken, rawManifest: () => broken.rawManifest() }]);
      const names = await named(opening([image, inside]));
      expect(names).toContain("layers: manifests[1]/manifests[1]/layers[0]: mismatched-size");
      expect(names.every((name) => name.includes("manifests[1]/manifests[1]/"))).toBe(true);
    });

    it("children that cannot be opened, and goes on with the others", async () => {
      const index = { ...opening([image, opening([image])]), image: () => Promise.reject(new Error("gone")) };
      expect(await named(index)).toEqual(["children: manifests[0]: unanswered"]);
      const nothing = { ...index, imageIndex: () => Promise.reject(new Error("gone")) };
      expect(await named(nothing)).toEqual([
        "children: manifests[0]: unanswered",
        "children: manifests[1]: unanswered",
      ]);
    });
  });

  it("validates other blobs if the index opens them, and passes over those that it does not", async () => {
    const note = newLayer(new TextEncoder().encode("note"), "application/x-note");
    const index = opening([note]);
    await validate.index(index);
    const withLayer = (found: Layer): ImageIndex => Object.assign({ ...index }, { layer: async () => found });
    await validate.index(withLayer(note));
    const other = newLayer(new TextEncoder().encode("other"), "application/x-note");
    expect(await named(withLayer(other))).toEqual([
      "children: manifests[0]: mismatched-digest",
      "children: manifests[0]: mismatched-size",
    ]);
  });

  it("reads no layers when it is to be fast (acceptance 74)", async () => {
    const unread = {
      ...layer,
      compressed: () => Promise.reject(new Error("read")),
      exists: async () => true,
    };
    await validate.index(opening([ociImage([unread])]), { fast: true });
  });

  it("ends with the signal's reason when it is aborted", async () => {
    const signal = AbortSignal.abort("enough");
    const failing = { ...opening([image]), rawManifest: () => Promise.reject(new Error("no")) };
    await expect(validate.index(failing, { signal })).rejects.toBe("enough");
  });
});
