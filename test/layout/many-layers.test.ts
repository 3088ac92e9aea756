import { afterEach, expect, it, vi } from "vitest";
import { hashOf } from "../../src/bytes/index.js";
import * as empty from "../../src/empty/index.js";
import { newMemoryStorage, write } from "../../src/layout/index.js";
import { ociManifestSchema1 } from "../../src/v1/index.js";
import { manyLayers } from "../fixtures/many-layers.js";

afterEach(() => {
  vi.restoreAllMocks();
});

it("looks through the manifest and the configuration of an image as often, however many layers it has", async () => {
  const layout = await write(newMemoryStorage(), empty.index);
  const { digests, diffIDs, config, manifest } = await manyLayers(200);
  for (const bytes of [config, manifest]) {
    await layout.writeBlob(await hashOf(bytes), bytes.length, new Blob([bytes]).stream());
  }
  await layout.appendDescriptor({
    mediaType: ociManifestSchema1,
    size: manifest.length,
    digest: await hashOf(manifest),
  });
  const image = await layout.image();
  const parse = vi.spyOn(JSON, "parse");
  const layers = await image.layers();
  expect(await Promise.all(layers.map((layer) => layer.digest()))).toEqual(digests);
  expect(await Promise.all(layers.map((layer) => layer.diffID()))).toEqual(diffIDs);
  expect(parse.mock.calls.length).toBeLessThan(10);
});
