import { layers as compareLayers, DifferentError } from "varve/compare";
import { image as emptyImage, index as emptyIndex } from "varve/empty";
import { digests, platforms } from "varve/match";
import {
  BlobUnknownError,
  blobToDiffID,
  compressedToImage,
  compressedToLayer,
  configLayer,
  descriptor,
  diffIDToBlob,
  exists,
  type UncompressedImageCore,
  uncompressedSize,
  uncompressedToImage,
  uncompressedToLayer,
} from "varve/partial";
import { newLayer as newStaticLayer } from "varve/static";
import { newLayer } from "varve/stream";
import {
  dockerLayer,
  dockerManifestSchema2,
  encodeConfigFile,
  type Hash,
  type Image,
  JSONError,
  newHash,
  ociLayer,
  parseManifest,
  VerificationError,
} from "varve/v1";
import { mixed } from "../fixtures/bytes.js";
import { sample, sampleContent } from "../fixtures/zstd-sample.js";
import { equal, refuses, sameBytes } from "./assert.js";
import { pieces, readToEnd } from "./chunks.js";
import { gunzip, sha256Hex } from "./oracles.js";
import type { Suite } from "./runner.js";

/** The image of the two layers below, not compressed, as SHA-256 in hexadecimal: no compressor has a part in it. */
const GOLDEN_IMAGE = "eb58baf63793bd0a23a5a672a77aaa13132493790bc98d6c6e9f0c7be53814ad";

async function hashOf(bytes: Uint8Array<ArrayBuffer>): Promise<Hash> {
  return newHash(`sha256:${await sha256Hex(bytes)}`);
}

/** A stream of small pieces, and how often it was cancelled. */
function streamOf(bytes: Uint8Array<ArrayBuffer>): {
  stream: ReadableStream<Uint8Array>;
  cancelled: () => number;
} {
  const iterator = pieces(bytes, 10_000);
  let cancelled = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const { done, value } = iterator.next();
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel() {
        cancelled++;
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, cancelled: () => cancelled };
}

/** An image of two layers, which has the least that one needs. */
async function twoLayers(
  compression: "gzip" | "none",
): Promise<{ image: Image; contents: readonly Uint8Array<ArrayBuffer>[] }> {
  const contents = [mixed(300_000, 1), mixed(10, 2)];
  const diffIDs = [await hashOf(contents[0]!), await hashOf(contents[1]!)];
  const core: UncompressedImageCore = {
    mediaType: async () => dockerManifestSchema2,
    rawConfigFile: async () =>
      encodeConfigFile({
        architecture: "amd64",
        os: "linux",
        rootfs: { type: "layers", diffIDs },
        config: {},
      }),
    layerByDiffID: async (diffID) => {
      const content = contents[diffIDs.findIndex((each) => each.equals(diffID))]!;
      return {
        diffID: async () => diffID,
        uncompressed: async () => streamOf(content).stream,
        mediaType: async () => dockerLayer,
      };
    },
  };
  return { image: uncompressedToImage(core, { compression }), contents };
}

/** Layers and images from the least that one needs, and what is built on them. */
export const partialImages: Suite = (test) => {
  test("an image is made of uncompressed layers, with the same bytes everywhere", async () => {
    const plain = await twoLayers("none");
    equal((await plain.image.digest()).hex, GOLDEN_IMAGE);
    const { image, contents } = await twoLayers("gzip");
    equal((await image.digest()).hex, await sha256Hex(new Uint8Array(await image.rawManifest())));
    const { layers } = await image.manifest();
    for (const [index, layer] of (await image.layers()).entries()) {
      const compressed = await readToEnd(await layer.compressed());
      equal(String(layers![index]!.digest), `sha256:${await sha256Hex(compressed)}`);
      sameBytes(await gunzip(compressed), contents[index]!);
      const diffID = await layer.diffID();
      equal(String(await diffIDToBlob(image, diffID)), String(layers![index]!.digest));
      equal(String(await blobToDiffID(image, layers![index]!.digest)), String(diffID));
    }
    const config = await configLayer(image);
    sameBytes(await readToEnd(await config.compressed()), new Uint8Array(await image.rawConfigFile()));
    await refuses(async () => blobToDiffID(image, await config.digest()), BlobUnknownError);
  });

  test("an image is made of compressed layers, and says the same of itself", async () => {
    const { image, contents } = await twoLayers("gzip");
    const again = compressedToImage({
      mediaType: () => image.mediaType(),
      rawConfigFile: () => image.rawConfigFile(),
      rawManifest: () => image.rawManifest(),
      layerByDigest: (digest) => image.layerByDigest(digest),
    });
    equal(String(await again.digest()), String(await image.digest()));
    for (const [index, layer] of (await again.layers()).entries()) {
      sameBytes(await readToEnd(await layer.uncompressed()), contents[index]!);
      equal(await uncompressedSize(layer), contents[index]!.length);
      equal(await exists(layer), true);
    }
    await refuses(async () => again.layerByDiffID(await again.configName()), BlobUnknownError);
  });

  test("a layer is decompressed by its first bytes, in any pieces, and let go of when it is cancelled", async () => {
    const content = mixed(300_000, 3);
    const zipped = await readToEnd(await newLayer(content).compressed());
    for (const [blob, inside] of [
      [zipped, content],
      [sample, sampleContent],
      [content, content],
    ] as const) {
      const opened: (() => number)[] = [];
      const layer = compressedToLayer({
        digest: () => hashOf(blob),
        size: async () => blob.length,
        mediaType: async () => ociLayer,
        async compressed() {
          const { stream, cancelled } = streamOf(blob);
          opened.push(cancelled);
          return stream;
        },
      });
      sameBytes(await readToEnd(await layer.uncompressed()), inside);
      equal((await layer.diffID()).hex, await sha256Hex(inside));
      const reader = (await layer.uncompressed()).getReader();
      await reader.read();
      await reader.cancel();
      // The sample is so short that all of it has been read by then.
      equal(opened.map((cancelled) => cancelled()).join(), blob === sample ? "0,0,0" : "0,0,1");
      equal((await descriptor(layer)).size, blob.length);
    }
  });

  test("a layer that is compressed again from other content is found out", async () => {
    const contents = [mixed(1000, 1), mixed(1000, 2)];
    const layer = uncompressedToLayer({
      diffID: () => hashOf(mixed(1000, 1)),
      mediaType: async () => dockerLayer,
      uncompressed: async () => streamOf(contents.shift()!).stream,
    });
    await layer.digest();
    await refuses(async () => readToEnd(await layer.compressed()), VerificationError);
  });

  test("a streaming layer exists, and is left untouched", async () => {
    let reads = 0;
    const layer = newLayer(
      (function* () {
        reads++;
        yield mixed(10, 1);
      })(),
    );
    equal(await exists(layer), true);
    equal(reads, 0);
    await readToEnd(await layer.compressed());
    equal(reads, 1);
  });

  test("the empty image and the empty index have Go's digests", async () => {
    equal(
      String(await emptyImage.digest()),
      "sha256:732112270d7e59418a8c080b134b24cabd67d250d0d0147a97ed95ba5c280aa4",
    );
    equal(
      String(await emptyIndex.digest()),
      "sha256:dff9de10919148711140d349bf03f1a99eb06f94b03e51715ccebfa7cdc518e2",
    );
  });

  test("layers over bytes, comparisons and predicates", async () => {
    const bytes = mixed(100, 1);
    const layer = newStaticLayer(bytes, "a/b");
    equal((await layer.digest()).hex, await sha256Hex(bytes));
    await compareLayers(layer, layer);
    const { differences } = await refuses(
      () => compareLayers(layer, newStaticLayer(bytes, "c/d")),
      DifferentError,
    );
    equal(differences.map(({ fact }) => fact).join(), "mediaType");
    equal(digests(await layer.digest())(await descriptor(layer)), true);
    equal(platforms({ architecture: "amd64", os: "linux" })(await descriptor(layer)), false);
  });

  test("JSON that is damaged, or nested 100000 deep, is a typed error", async () => {
    const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
    for (const text of ["", "{", "[]", `{"config":${"[".repeat(100_000)}${"]".repeat(100_000)}}`]) {
      await refuses(() => parseManifest(encode(text)), JSONError);
    }
  });
};
