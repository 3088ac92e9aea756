import { image as cachedImage, NotFoundError, newMemoryCache } from "varve/cache";
import { image as emptyImage, index as emptyIndex } from "varve/empty";
import { LayoutNotFoundError, newMemoryStorage, write } from "varve/layout";
import { appendLayers } from "varve/mutate";
import { image as randomImage } from "varve/random";
import { newLayer } from "varve/stream";
import { type Image, VerificationError } from "varve/v1";
import * as validate from "varve/validate";
import { mixed } from "../fixtures/bytes.js";
import { equal, refuses, sameBytes } from "./assert.js";
import { pieces, readToEnd } from "./chunks.js";
import type { Suite } from "./runner.js";

/** Layouts and caches in memory, and validation. */
export const layouts: Suite = (test) => {
  test("an image over a stream goes into a layout in memory, comes back, and validates", async () => {
    const layout = await write(newMemoryStorage(), emptyIndex);
    const tar = new Uint8Array(1024);
    const layer = newLayer(pieces(tar, 100));
    await layout.appendImage(appendLayers(emptyImage, layer));
    const image = await layout.image();
    await validate.image(image);
    await validate.index(await layout.imageIndex());
    equal(String((await image.manifest()).layers?.[0]?.digest), String(await layer.digest()));
    equal((await layout.garbageCollect()).length, 0);
  });

  test("many append to a layout at once, and nothing is lost", async () => {
    const layout = await write(newMemoryStorage(), emptyIndex);
    const images = [1, 2, 3, 4, 5].map((seed) => randomImage(1000, 1, { seed }));
    await Promise.all(images.map((image) => layout.appendImage(image)));
    equal((await (await layout.imageIndex()).indexManifest()).manifests?.length, 5);
    const image = await layout.image(await images[2]!.digest());
    await validate.image(image, { uncompressed: true });
    await layout.removeBlob(await image.digest());
    await refuses(
      async () => (await layout.image(await images[2]!.digest())).manifest(),
      LayoutNotFoundError,
    );
  });

  test("a layout refuses a layer that is not what it says, and keeps nothing of it", async () => {
    const storage = newMemoryStorage();
    const layout = await write(storage, emptyIndex);
    const bytes = mixed(300_000, 1);
    const digest = await randomImage(10, 1, { seed: 1 }).digest();
    const before = storage.used;
    await refuses(() => layout.writeBlob(digest, undefined, new Blob([bytes]).stream()), VerificationError);
    equal(storage.used, before);
  });

  test("validation names all that is wrong", async () => {
    const image = randomImage(1000, 2, { seed: 1 });
    const layers = await image.layers();
    const lies: Partial<Image> = { layers: async () => [...layers].reverse(), size: async () => 1 };
    const lying = new Proxy(image, {
      get(target, name) {
        const value: unknown = Reflect.get(lies, name) ?? Reflect.get(target, name);
        return typeof value === "function" ? value.bind(target) : value;
      },
    });
    const { problems } = await refuses(() => validate.image(lying), validate.ValidationError);
    const names = problems.map(({ stage, where, problem }) => `${stage} ${where} ${problem}`);
    equal(names.includes("layers layers[0] mismatched-diff-id"), true, names.join());
    equal(names.includes("manifest manifest mismatched-size"), true, names.join());
  });

  test("a cache in memory gives what was read before, and not what was read in part", async () => {
    const cache = newMemoryCache({ maxBytes: 1_000_000 });
    const source = randomImage(200_000, 1, { seed: 1 });
    const [layer] = await cachedImage(source, cache).layers();
    const digest = await layer!.digest();
    const reader = (await layer!.compressed()).getReader();
    await reader.read();
    await reader.cancel();
    await refuses(() => cache.get(digest), NotFoundError);
    const bytes = await readToEnd(await layer!.compressed());
    sameBytes(await readToEnd(await (await cache.get(digest)).compressed()), bytes);
    await validate.layer(await cache.get(digest));
  });
};
