import { describe, it } from "vitest";
import * as empty from "../../src/empty/index.js";
import * as mutate from "../../src/mutate/index.js";
import * as tarball from "../../src/tarball/index.js";
import type { CallOptions, Image } from "../../src/v1/index.js";
import { expectToCloseContent, expectToHeedAborts, layerOver } from "../fixtures/stuck.js";
import { forbidUnhandledRejections } from "../stream/fixture/turns.js";

forbidUnhandledRejections();

const name = "localhost:5000/app:v1";
/** Bytes by which gzip is known. */
const gzipped = Uint8Array.of(0x1f, 0x8b, 8, 0);

describe("a call that is aborted while an image doesn't answer ends at once", () => {
  it.each<[string, (image: Image, options: CallOptions) => Promise<unknown>]>([
    ["write", (image, options) => tarball.write(name, image, options)],
    ["multiWrite", (image, options) => tarball.multiWrite([[name, image]], options)],
    ["multiRefWrite", (image, options) => tarball.multiRefWrite([[name, image]], options)],
    ["calculateSize", (image, options) => tarball.calculateSize([[name, image]], options)],
  ])("%s", (_, call) => expectToHeedAborts("image", call));
});

describe("a call that is aborted while a file opens, or is read, closes it once and ends at once", () => {
  it.each<[string, (opener: tarball.Opener, options: CallOptions) => Promise<unknown>]>([
    ["loadManifest", tarball.loadManifest],
    ["image", (opener, options) => tarball.image(opener, name, options)],
    ["layerFromOpener", tarball.layerFromOpener],
  ])("%s", (_, call) => expectToCloseContent(call));

  it("the digest of a layer of a compressed file", async () => {
    await expectToCloseContent(async (open, options) => {
      let opened = 0;
      const first = new Blob([gzipped]);
      const layer = await tarball.layerFromOpener(() => (opened++ === 0 ? first.stream() : open()));
      return layer.digest(options);
    }, gzipped);
  });

  it("the stream of a tarball that is written, and the layer that is opened for it", async () => {
    await expectToCloseContent(async (open, options) => {
      const image = mutate.appendLayers(empty.image, layerOver(open));
      for await (const _ of await tarball.write(name, image, options));
    });
  });
});
