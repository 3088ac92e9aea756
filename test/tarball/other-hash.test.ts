import { createHash } from "node:crypto";
import { expect, it } from "vitest";
import { compressedToImage } from "../../src/partial/index.js";
import { image, layerFromOpener, openerOf, write } from "../../src/tarball/index.js";
import { type Hash, newHash, VerificationError } from "../../src/v1/index.js";
import * as validate from "../../src/validate/index.js";
import { ociImage, tarOfEntries } from "../fixtures/oci-image.js";
import { rejection } from "../stream/fixture/reading.js";
import { allOf } from "../tar/fixture/reading.js";
import { gzipped, json, layerTar } from "./fixture/docker-save.js";

const tar = layerTar(1);

function sha512(bytes: Uint8Array): Hash {
  return newHash(`sha512:${createHash("sha512").update(bytes).digest("hex")}`);
}

async function archive(
  layer: Uint8Array,
  diffID: Hash,
  names = { config: "config.json", layer: "layer.tar" },
) {
  const config = json({
    architecture: "amd64",
    os: "linux",
    config: {},
    rootfs: { type: "layers", diff_ids: [String(diffID)] },
  });
  const manifest = json([{ Config: names.config, RepoTags: null, Layers: [names.layer] }]);
  const entries = [
    { header: { name: names.config }, body: config },
    { header: { name: names.layer }, body: layer },
    { header: { name: "manifest.json" }, body: manifest },
  ];
  return openerOf(await tarOfEntries(entries));
}

it.each([
  ["compressed", gzipped(tar)],
  ["plain", tar],
])(
  "takes a configuration that lists a %s layer by its SHA-512, and holds the layer to it",
  async (_, layer) => {
    const read = await image(await archive(layer, sha512(tar)));
    await validate.image(read, { uncompressed: true });
    expect(await (await read.layers())[0]!.diffID()).toEqual(sha512(tar));
    expect(await read.layerByDiffID(sha512(tar))).toBe((await read.layers())[0]);
    const other = await image(await archive(layer, sha512(layerTar(2))));
    expect(await rejection(other.digest())).toBeInstanceOf(VerificationError);
  },
);

it("holds files to a SHA-512 that their names say", async () => {
  const layer = gzipped(tar);
  const right = { config: "config.json", layer: `blobs/sha512/${sha512(layer).hex}` };
  const read = await image(await archive(layer, sha512(tar), right));
  expect((await read.manifest()).layers?.[0]?.digest).toEqual(sha512(layer));
  await validate.image(read);
  const wrong = { ...right, layer: `blobs/sha512/${"5".repeat(128)}` };
  const [lying] = await (await image(await archive(layer, sha512(tar), wrong))).layers();
  expect(await rejection(allOf(await lying!.compressed()))).toBeInstanceOf(VerificationError);
  const lies = { ...right, config: `blobs/sha512/${"5".repeat(128)}` };
  expect(await rejection(image(await archive(layer, sha512(tar), lies)))).toBeInstanceOf(VerificationError);
});

it("writes an image that is listed by SHA-512 so that it is read again", async () => {
  const layer = gzipped(tar);
  const original = ociImage([
    {
      ...(await layerFromOpener(openerOf(layer))),
      digest: async () => sha512(layer),
      diffID: async () => sha512(tar),
      size: async () => layer.length,
      mediaType: async () => "application/vnd.oci.image.layer.v1.tar+gzip",
      compressed: async () => new Blob([layer as Uint8Array<ArrayBuffer>]).stream(),
      uncompressed: async () => new Blob([tar as Uint8Array<ArrayBuffer>]).stream(),
    },
  ]);
  const written = await allOf(await write("localhost/app:v1", compressedToImage(original)));
  const read = await image(openerOf(written));
  await validate.image(read, { uncompressed: true });
});
