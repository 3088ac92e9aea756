import { describe, expect, it } from "vitest";
import * as random from "../../../src/random/index.js";
import { get, put, type RemoteDescriptor, write } from "../../../src/remote/index.js";
import {
  dockerManifestSchema1,
  dockerManifestSchema1Signed,
  type Image,
  newHash,
} from "../../../src/v1/index.js";
import { clientOf, EmbeddedRegistry } from "../fixture/embedded-registry.js";
import { digestOf, randomBytes } from "../fixture/layers.js";
import { rejection } from "../fixture/thrown.js";

/** Puts a manifest of the first schema over an image's layers, the last of which is named twice, and reads it. */
async function readOld(
  mediaType: string,
  manifest?: unknown,
): Promise<{ base: Image; read: RemoteDescriptor }> {
  const registry = new EmbeddedRegistry();
  const base = random.image(2000, 2, { seed: 1 });
  await write(registry.repository().tag("new"), base, clientOf(registry));
  const [lower, upper] = await Promise.all((await base.layers()).map((layer) => layer.digest()));
  const bytes = new TextEncoder().encode(
    JSON.stringify(
      manifest ?? {
        schemaVersion: 1,
        architecture: "amd64",
        fsLayers: [upper, upper, lower].map((digest) => ({ blobSum: String(digest) })),
      },
    ),
  );
  await put(
    registry.repository().tag("old"),
    { rawManifest: async () => bytes, mediaType },
    clientOf(registry),
  );
  return { base, read: await get(registry.repository().tag("old"), clientOf(registry)) };
}

const digestsOf = async (image: Image): Promise<string[]> =>
  Promise.all((await image.layers()).map(async (layer) => String(await layer.digest())));

describe("an image of Docker's first schema", () => {
  it.each([dockerManifestSchema1, dockerManifestSchema1Signed])(
    "gives its layers, from the bottom to the top: %s",
    async (mediaType) => {
      const { base, read } = await readOld(mediaType);
      const old = read.schema1();
      const [lower, upper] = await digestsOf(base);
      expect(await digestsOf(old)).toEqual([lower, upper, upper]);
      const [oldest] = await old.layers();
      const [first] = await base.layers();
      const bytes = await new Response(await oldest!.compressed()).arrayBuffer();
      expect(digestOf(new Uint8Array(bytes))).toBe(lower);
      expect(await oldest!.size()).toBe(bytes.byteLength);
      expect(String(await oldest!.diffID())).toBe(String(await first!.diffID()));
      expect(String(await (await old.layerByDigest(newHash(upper!))).digest())).toBe(upper);
      expect(await old.mediaType()).toBe(mediaType);
      expect(await old.rawManifest()).toEqual(read.manifest);
      expect([String(await old.digest()), await old.size()]).toEqual([String(read.digest), read.size]);
    },
  );

  it("says of everything else that it is not there, and what can be read", async () => {
    const { read } = await readOld(dockerManifestSchema1);
    const old = read.schema1();
    const asked = [
      old.configName(),
      old.configFile(),
      old.rawConfigFile(),
      old.manifest(),
      old.layerByDiffID(newHash(digestOf(randomBytes(1)))),
    ];
    for (const each of asked) {
      expect(await rejection(each)).toMatchObject({
        code: "ERR_VARVE_UNSUPPORTED",
        message: expect.stringMatching(/first schema, which doesn't have .*: only its layers can be read$/),
      });
    }
    expect(await rejection(old.layerByDigest(newHash(digestOf(randomBytes(1)))))).toMatchObject({
      code: "ERR_VARVE_BLOB_UNKNOWN",
    });
    expect(await rejection(read.image())).toMatchObject({
      code: "ERR_VARVE_UNSUPPORTED",
      message: expect.stringContaining("schema1()"),
    });
  });

  it.each([
    ["no list", { fsLayers: {} }, "fsLayers"],
    ["an entry without a digest", { fsLayers: [{}] }, "fsLayers[0].blobSum"],
    ["a digest that is none", { fsLayers: [{ blobSum: "sha256:../../etc" }] }, "fsLayers[0].blobSum"],
  ])(
    "that is damaged (%s) gives an error that names the field, and no layers",
    async (_, manifest, field) => {
      const { read } = await readOld(dockerManifestSchema1, manifest);
      expect(await rejection(read.schema1().layers())).toMatchObject({
        code: "ERR_VARVE_JSON",
        message: expect.stringContaining(field),
      });
    },
  );

  it("is not made of a manifest of another kind", async () => {
    const registry = new EmbeddedRegistry();
    await write(registry.tag(), random.image(10, 1, { seed: 1 }), clientOf(registry));
    const read = await get(registry.tag(), clientOf(registry));
    expect(() => read.schema1()).toThrow(expect.objectContaining({ code: "ERR_VARVE_UNSUPPORTED" }));
  });
});
