import { InflateError } from "varve/core";
import { fromCompressed, newLayer, StreamFailedError } from "varve/stream";
import { dockerLayer, dockerUncompressedLayer, NotComputedError, ociLayerZStd } from "varve/v1";
import { ZstdError } from "varve/zstd";
import { mixed } from "../fixtures/bytes.js";
import { sample, sampleContent } from "../fixtures/zstd-sample.js";
import { ensure, equal, refuses, sameBytes } from "./assert.js";
import { pieces, readToEnd } from "./chunks.js";
import { sha256Hex } from "./oracles.js";
import type { Suite } from "./runner.js";

/** Layers whose source is compressed already. */
export const compressedSources: Suite = (test) => {
  test("a compressed source goes through as it is, and both of its sides are hashed", async () => {
    const content = mixed(900_000, 3);
    const gzipped = await readToEnd(await newLayer(content).compressed());
    for (const [source, inside, mediaType] of [
      [gzipped, content, dockerLayer],
      [sample, sampleContent, ociLayerZStd],
      [content, content, dockerUncompressedLayer],
    ] as const) {
      const layer = fromCompressed(pieces(source, 50_000));
      await refuses(() => layer.mediaType(), NotComputedError);
      sameBytes(await readToEnd(await layer.compressed()), source);
      equal(String(await layer.digest()), `sha256:${await sha256Hex(source)}`);
      equal(String(await layer.diffID()), `sha256:${await sha256Hex(inside)}`);
      equal(await layer.size(), source.length);
      equal((await layer.result).uncompressedSize, inside.length);
      equal(await layer.mediaType(), mediaType);
    }
  });

  test("a compressed source that is cut or damaged fails its layer, which then has no values", async () => {
    const gzipped = await readToEnd(await newLayer(sampleContent).compressed());
    for (const [source, kind] of [
      [gzipped, InflateError],
      [sample, ZstdError],
    ] as const) {
      const damaged = source.slice();
      damaged[damaged.length >> 1]! ^= 0x55;
      damaged[(damaged.length >> 1) + 1]! ^= 0x55;
      for (const bad of [source.subarray(0, source.length - 3), damaged]) {
        const layer = fromCompressed(bad);
        const error = await refuses(async () => readToEnd(await layer.compressed()), Error);
        ensure(error instanceof kind, `the failure is ${error}`);
        equal((await refuses(() => layer.digest(), StreamFailedError)).cause, error);
        equal((await refuses(() => layer.diffID(), StreamFailedError)).cause, error);
      }
    }
  });
};
