import { newRepository } from "varve/name";
import { image as randomImage } from "varve/random";
import { newLayer } from "varve/stream";
import {
  calculateSize,
  image,
  layerFromOpener,
  multiWrite,
  openerOf,
  TarballError,
  write,
} from "varve/tarball";
import { NotComputedError, VerificationError } from "varve/v1";
import { concat, randomBytes } from "../fixtures/bytes.js";
import { ensure, equal, refuses, sameBytes } from "./assert.js";
import { readToEnd } from "./chunks.js";
import { gunzip, sha256Hex } from "./oracles.js";
import type { Suite } from "./runner.js";

/** Random images, and the tarballs of docker save: through memory, both ways. */
export const tarballs: Suite = (test) => {
  test("an image of random bytes is the same everywhere", async () => {
    const made = randomImage(100, 2, { seed: 9 });
    equal(
      String(await made.configName()),
      "sha256:f4ac7f8043b74085f62bf00979453902074a1a46eda1a4795e8d76aaceca2fa7",
    );
    const other = randomImage(100, 1);
    ensure(String(await other.configName()) !== String(await made.configName()), "without a seed it differs");
  });

  test("images are written into a tarball and read back, each by its tag", async () => {
    const [app, base] = [randomImage(300_000, 2, { seed: 1 }), randomImage(100, 1, { seed: 2 })];
    const repository = newRepository("localhost:5000/app");
    const images = [
      [`${repository}:v1`, app],
      [`${repository}:base`, base],
    ] as const;
    const tarball = await readToEnd(await multiWrite(images));
    equal(tarball.length, await calculateSize(images), "the size");
    for (const [tag, original] of images) {
      const read = await image(openerOf(new Blob([tarball])), tag);
      equal(String(await read.digest()), String(await original.digest()), "the digest");
      for (const layer of await read.layers()) {
        const compressed = await readToEnd(await layer.compressed());
        equal(String(await layer.digest()), `sha256:${await sha256Hex(compressed)}`, "the layer's digest");
        sameBytes(await gunzip(compressed), await readToEnd(await layer.uncompressed()));
      }
    }
    await refuses(() => image(openerOf(tarball), `${repository}:v2`), TarballError);
    await refuses(() => image(openerOf(tarball)), TarballError);
  });

  test("a tarball that is damaged is refused, wherever that is", async () => {
    const original = randomImage(1000, 1, { seed: 3 });
    const tarball = await readToEnd(await write("app", original));
    for (const at of [0, 130, 600, tarball.length - 1600]) {
      const damaged = tarball.slice();
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      const error = await refuses(() => image(openerOf(damaged), "app"), Error);
      ensure("code" in error && String(error.code).startsWith("ERR_VARVE_"), `${error} has a code`);
    }
    const content = tarball.slice();
    // In the middle of the layer, behind the configuration and two headers.
    const middle = 1024 + 512 * Math.ceil((await original.rawConfigFile()).length / 512) + 500;
    content[middle] = (content[middle] ?? 0) ^ 1;
    const [layer] = await (await image(openerOf(content), "app")).layers();
    await refuses(() => layer?.digest(), Error);
    for (const length of [100, 512, 700, 1500, 2000]) {
      await refuses(() => image(openerOf(tarball.subarray(0, length)), "app"), Error);
    }
  });

  test("a layer is made of a file, and held to what it was", async () => {
    let bytes = randomBytes(50_000, 4);
    const layer = await layerFromOpener(() => openerOf(bytes)());
    const compressed = await readToEnd(await layer.compressed());
    sameBytes(await gunzip(compressed), bytes);
    bytes = concat(bytes.subarray(0, 100), randomBytes(49_900, 5));
    await refuses(async () => readToEnd(await layer.uncompressed()), VerificationError);
  });

  test("an image with a stream that has not been read is no tarball yet", async () => {
    const original = randomImage(100, 1, { seed: 6 });
    const streamed = newLayer(randomBytes(1000, 7));
    const growing = Object.create(original, { layers: { value: async () => [streamed] } }) as typeof original;
    const withConfig = Object.assign(growing, { rawConfigFile: async () => new Uint8Array(2) });
    await refuses(() => write("app", withConfig), NotComputedError);
    await streamed.close();
  });
};
