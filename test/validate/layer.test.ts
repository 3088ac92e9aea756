import { describe, expect, it } from "vitest";
import { hashOf, readAll } from "../../src/bytes/index.js";
import * as random from "../../src/random/index.js";
import { newLayer as newStaticLayer } from "../../src/static/index.js";
import { newLayer } from "../../src/stream/index.js";
import {
  dockerUncompressedLayer,
  emptyHash,
  type Hash,
  type Layer,
  ociLayer,
  ociLayerZStd,
  ociUncompressedLayer,
  VerificationError,
} from "../../src/v1/index.js";
import * as validate from "../../src/validate/index.js";
import { zstd } from "../../src/zstd/index.js";
import { altered } from "../fixtures/altered-layer.js";
import { mixed, randomBytes } from "../fixtures/bytes.js";
import { keptLayer, streaming, tarOf, tarOfEntries } from "../fixtures/oci-image.js";
import { problemsOf } from "./problems.js";

const streamOf = (bytes: Uint8Array): ReadableStream<Uint8Array> => new Blob([bytes.slice()]).stream();

describe("validate.layer", () => {
  it("takes layers of gzip, of zstd and plain ones (acceptance 74)", async () => {
    const tar = await tarOf({ a: mixed(300_000, 1), "b/c": "text" });
    for (const [compression, mediaType] of [
      ["gzip", ociLayer],
      [zstd, ociLayerZStd],
      ["none", ociUncompressedLayer],
    ] as const) {
      await validate.layer(await keptLayer(tar, { compression, mediaType }), { uncompressed: true });
    }
    await validate.layer(random.layer(10_000, undefined, { seed: 1 }), { uncompressed: true });
    await validate.layer(newStaticLayer(new Uint8Array(0), ociLayer));
  });

  it("consumes streaming layers, and asks them afterwards", async () => {
    const layer = streaming(await tarOf({ a: mixed(300_000, 2) }));
    await validate.layer(layer);
    expect(String(await layer.digest())).toMatch(/^sha256:/);
  });

  it("holds a layer to the algorithm that its digest and its diffID have", async () => {
    const tar = await tarOf({ a: "a" });
    const layer = await keptLayer(tar);
    const compressed = await readAll(await layer.compressed(), { maxBytes: 1 << 20 });
    const digest = await hashOf(compressed, "sha512");
    const diffID = await hashOf(tar, "sha512");
    const stating = (digest: Hash, diffID: Hash): Layer =>
      altered(layer, { digest: async () => digest, diffID: async () => diffID });
    await validate.layer(stating(digest, diffID), { uncompressed: true });
    const problems = await problemsOf(validate.layer(stating(diffID, digest)));
    expect(problems.map(({ problem }) => problem)).toEqual(["mismatched-digest", "mismatched-diff-id"]);
    expect(problems.map(({ message }) => message.match(/sha512:/g)?.length)).toEqual([2, 2]);
  });

  it("reads a layer once, and says how far it is", async () => {
    const layer = await keptLayer(await tarOf({ a: randomBytes(700_000, 1) }));
    let opened = 0;
    const reports: number[] = [];
    const counted = altered(layer, {
      async compressed() {
        opened++;
        return layer.compressed();
      },
      uncompressed: () => Promise.reject(new Error("not to be asked for")),
    });
    await validate.layer(counted, { onProgress: ({ complete }) => reports.push(complete) });
    expect(opened).toBe(1);
    expect(reports.at(-1)).toBe(await layer.size());
  });

  describe("tells by name (acceptance 74)", () => {
    it("a digest, a size and a diffID that are not those of the bytes, all at once", async () => {
      const layer = altered(await keptLayer(await tarOf({ a: "a" })), {
        digest: async () => emptyHash,
        size: async () => 5,
        diffID: async () => emptyHash,
      });
      const problems = await problemsOf(validate.layer(layer));
      expect(problems.map(({ problem, where, stage }) => [problem, where, stage])).toEqual([
        ["mismatched-digest", "layer", "layers"],
        ["mismatched-size", "layer", "layers"],
        ["mismatched-diff-id", "layer", "layers"],
      ]);
      await expect(validate.layer(layer)).rejects.toMatchObject({
        code: "ERR_VARVE_VALIDATION",
        message: expect.stringMatching(
          /not valid \(3 problems\): validating layers: layer: digest\(\) is sha256:e3b0/,
        ),
      });
    });

    it("uncompressed bytes that are others, if it is to look", async () => {
      const tar = await tarOf({ a: "a" });
      const layer = altered(await keptLayer(tar), { uncompressed: async () => streamOf(tar.subarray(512)) });
      await validate.layer(layer);
      expect(await problemsOf(validate.layer(layer, { uncompressed: true }))).toMatchObject([
        { problem: "mismatched-diff-id", message: expect.stringContaining("uncompressed()") },
      ]);
    });

    it("paths that are there twice, however they are written", async () => {
      for (const names of [
        ["a", "a"],
        ["./a", "a"],
        ["a/b/", "a//b"],
        ["/a", "a/."],
      ]) {
        const entries = names.map((name) => ({ header: { name } }));
        const layer = await keptLayer(await tarOfEntries(entries));
        expect(await problemsOf(validate.layer(layer)), names.join()).toMatchObject([
          { problem: "duplicate-path", message: `the path "${names[1]}" is there twice` },
        ]);
      }
      const apart = ["a", "b", "a/b", "a/../b", "..", "A"].map((name) => ({ header: { name } }));
      await validate.layer(await keptLayer(await tarOfEntries(apart)));
    });

    it("no more than ten of many such paths one by one", async () => {
      const entries = Array.from({ length: 30 }, () => ({ header: { name: "a" } }));
      const problems = await problemsOf(validate.layer(await keptLayer(await tarOfEntries(entries))));
      expect(problems).toHaveLength(11);
      expect(problems[10]).toMatchObject({ message: "19 more paths are there twice" });
    });

    it("more paths than may be remembered", async () => {
      const entries = Array.from({ length: 200 }, (_, i) => ({ header: { name: `file-${i}` } }));
      const layer = await keptLayer(await tarOfEntries(entries));
      await validate.layer(layer, { maxPathBytes: 200 * 100 });
      expect(await problemsOf(validate.layer(layer, { maxPathBytes: 1000 }))).toMatchObject([
        { problem: "too-many-paths", message: expect.stringContaining("raise maxPathBytes") },
      ]);
    });

    it("a tar that ends too early, with the right hashes all the same", async () => {
      const tar = await tarOf({ a: "a", b: "b".repeat(2000) });
      const layer = await keptLayer(tar.subarray(0, 2048));
      expect(await problemsOf(validate.layer(layer))).toMatchObject([
        { problem: "undersized-content", message: expect.stringContaining("undersized content: ") },
      ]);
    });

    it("what is no tar, with the right hashes all the same", async () => {
      const noise = randomBytes(400_000, 1);
      for (const layer of [await keptLayer(noise), newStaticLayer(noise, ociLayer)]) {
        expect(await problemsOf(validate.layer(layer))).toMatchObject([
          { problem: "unreadable-content", cause: { code: "ERR_VARVE_TAR" } },
        ]);
      }
    });

    it("compressed bytes that are cut short or damaged, and that their digest is another one", async () => {
      const layer = await keptLayer(await tarOf({ a: randomBytes(300_000, 2) }));
      const bytes = await readAll(await layer.compressed());
      const cut = altered(layer, { compressed: async () => streamOf(bytes.subarray(0, 200_000)) });
      expect((await problemsOf(validate.layer(cut))).map(({ problem }) => problem)).toEqual([
        "undersized-content",
        "mismatched-digest",
        "mismatched-size",
      ]);
      const flipped = bytes.slice();
      flipped[150_000]! ^= 1;
      const damaged = altered(layer, { compressed: async () => streamOf(flipped) });
      expect((await problemsOf(validate.layer(damaged))).map(({ problem }) => problem)).toEqual([
        "unreadable-content",
        "mismatched-digest",
      ]);
    });

    it("damage in a layer that can be read once, which keeps its values to itself", async () => {
      const layer = await keptLayer(await tarOf({ a: randomBytes(100_000, 2) }));
      const bytes = (await readAll(await layer.compressed())).fill(1, 50_000, 50_100);
      const once = newLayer([bytes], { compression: "none" });
      expect((await problemsOf(validate.layer(once))).map(({ problem }) => problem)).toEqual([
        "unreadable-content",
      ]);
    });

    it("what a source that verifies itself finds out", async () => {
      const layer = await keptLayer(await tarOf({ a: "a" }));
      const failing = (error: Error): Layer =>
        altered(layer, {
          compressed: async () =>
            new ReadableStream({
              pull: (controller) => controller.error(error),
            }),
        });
      const of = (expected: object, found: object): Layer =>
        failing(new VerificationError("blob", expected, found));
      const names = async (broken: Layer): Promise<string[]> =>
        (await problemsOf(validate.layer(broken))).map(({ problem }) => problem);
      expect(await names(of({ digest: emptyHash }, { digest: await layer.digest() }))).toEqual([
        "mismatched-digest",
      ]);
      expect(await names(of({ size: 5 }, { size: 3 }))).toEqual(["undersized-content"]);
      expect(await names(of({ size: 5 }, { size: 7 }))).toEqual(["mismatched-size"]);
      expect(await names(failing(new Error("reset")))).toEqual(["unreadable-content"]);
    });

    it("methods that fail", async () => {
      const failure = new Error("no");
      const fail = () => Promise.reject(failure);
      const layer = altered(await keptLayer(await tarOf({ a: "a" })), {
        digest: fail,
        size: fail,
        diffID: fail,
        mediaType: fail,
      });
      const problems = await problemsOf(validate.layer(layer));
      expect(problems.map(({ problem, message, cause }) => [problem, message, cause])).toEqual(
        ["mediaType", "digest", "size", "diffID"].map((name) => [
          "unanswered",
          `${name}() failed: no`,
          failure,
        ]),
      );
      const closed = altered(await keptLayer(await tarOf({ a: "a" })), { compressed: fail });
      expect(await problemsOf(validate.layer(closed))).toMatchObject([
        { problem: "unreadable-content", cause: failure },
      ]);
    });
  });

  it("bounds what a layer may come to", async () => {
    const layer = await keptLayer(await tarOf({ zeros: new Uint8Array(5_000_000) }));
    await validate.layer(layer, { maxUncompressedBytes: 6_000_000 });
    expect(await problemsOf(validate.layer(layer, { maxUncompressedBytes: 1_000_000 }))).toMatchObject([
      { problem: "unreadable-content", cause: { code: "ERR_VARVE_OUTPUT_LIMIT" } },
    ]);
  });

  it("hashes what is no layer, whatever it is", async () => {
    const noise = randomBytes(1000, 3);
    const thing = newStaticLayer(noise, "application/x-thing");
    await validate.layer(thing);
    expect(
      await problemsOf(
        validate.layer(altered(thing, { size: async () => 1, diffID: async () => emptyHash })),
      ),
    ).toMatchObject([{ problem: "mismatched-size" }]);
    const gzipped = newStaticLayer(
      await readAll(await (await keptLayer(noise)).compressed()),
      "application/x-gzip",
    );
    await validate.layer(gzipped);
  });

  it("only asks, when it is to be fast, and reads nothing (acceptance 74)", async () => {
    const layer = await keptLayer(await tarOf({ a: "a" }));
    const untouched = altered(layer, { compressed: () => Promise.reject(new Error("read")) });
    const asked = (exists: boolean): Layer => ({ ...untouched, exists: async () => exists }) as Layer;
    await validate.layer(asked(true), { fast: true });
    expect(await problemsOf(validate.layer(asked(false), { fast: true }))).toMatchObject([
      { problem: "missing" },
    ]);
    expect(await problemsOf(validate.layer(untouched, { fast: true }))).toMatchObject([
      { problem: "unanswered" },
    ]);
    const stream = streaming(new Uint8Array(10));
    expect(await problemsOf(validate.layer(stream, { fast: true }))).toMatchObject([
      { problem: "unanswered", cause: { code: "ERR_VARVE_NOT_COMPUTED" } },
    ]);
    expect((await readAll(await stream.compressed())).length).toBeGreaterThan(0);
  });

  it("ends with the signal's reason when it is aborted, whatever it was doing", async () => {
    const reason = new Error("enough");
    await expect(validate.layer(random.layer(10), { signal: AbortSignal.abort(reason) })).rejects.toBe(
      reason,
    );
    const controller = new AbortController();
    let cancelled = false;
    const endless = altered(random.layer(10, dockerUncompressedLayer, { seed: 1 }), {
      compressed: async () =>
        new ReadableStream({
          async pull(stream) {
            await new Promise((resolve) => setTimeout(resolve, 1));
            stream.enqueue(new Uint8Array(1024).fill(1));
            setTimeout(() => controller.abort(reason), 3);
          },
          cancel() {
            cancelled = true;
          },
        }),
    });
    await expect(validate.layer(endless, { signal: controller.signal })).rejects.toBe(reason);
    expect(cancelled).toBe(true);
  });
});
