import { beforeAll, describe, expect, it, vi } from "vitest";

type Varve = typeof import("../../src/index.js");

/** A program that has varve as a dependency, and another with it, may have it twice: the same interfaces, and classes that are others. */
let varve: Varve;
let other: Varve;

beforeAll(async () => {
  varve = await import("../../src/index.js");
  vi.resetModules();
  other = await import("../../src/index.js");
  expect(other.v1.NotComputedError).not.toBe(varve.v1.NotComputedError);
  expect(other.name.Digest).not.toBe(varve.name.Digest);
});

const ABSENT = `sha256:${"0".repeat(64)}`;

function streaming({ empty, mutate, stream }: Varve) {
  const layer = stream.newLayer(new TextEncoder().encode("read once"));
  return { layer, image: mutate.appendLayers(empty.image, layer) };
}

describe("streams of another copy of the package", () => {
  it("go into a layout", async () => {
    const images = await varve.layout.write(varve.layout.newMemoryStorage(), varve.empty.index);
    const { image } = streaming(other);
    await images.appendImage(image);
    expect(String(await (await images.image()).digest())).toBe(String(await image.digest()));
  });

  it("go into a layout with the index that they are in", async () => {
    const index = varve.mutate.appendManifests(varve.empty.index, { add: streaming(other).image });
    const images = await varve.layout.write(varve.layout.newMemoryStorage(), index);
    expect(String(await (await images.imageIndex()).digest())).toBe(String(await index.digest()));
  });

  it("go through a cache", async () => {
    const cache = varve.cache.newMemoryCache({ maxBytes: 1_000_000 });
    const { image, layer } = streaming(other);
    const [cached] = await varve.cache.image(image, cache).layers();
    await new Response(await cached!.compressed()).arrayBuffer();
    expect(String(await cached!.digest())).toBe(String(await layer.digest()));
  });

  it("exist when they have been read", async () => {
    const { layer } = streaming(other);
    await layer.writeTo(() => {});
    expect(await varve.partial.exists(layer)).toBe(true);
  });

  it("have no tar yet, which is said as it is of one's own", async () => {
    const read = async ({ image }: { image: Parameters<Varve["mutate"]["extract"]>[0] }) =>
      new Response(varve.mutate.extract(image)).arrayBuffer();
    await expect(read(streaming(other))).rejects.toMatchObject({ code: "ERR_VARVE_UNSUPPORTED" });
  });
});

it("a cache of another copy that holds nothing is one that holds nothing", async () => {
  const cache = other.cache.newMemoryCache({ maxBytes: 1_000_000 });
  const [layer] = await varve.cache.image(varve.random.image(1000, 1, { seed: 1 }), cache).layers();
  await new Response(await layer!.compressed()).arrayBuffer();
  expect(await (await cache.get(await layer!.digest())).size()).toBe(await layer!.size());
});

describe("names of another copy of the package", () => {
  it("hold a manifest to their digest, whatever the registry says that it has", async () => {
    const manifest = new TextEncoder().encode("{}");
    const lie = await varve.v1.sha256(manifest);
    const fetch = async (url: string): Promise<Response> =>
      url.endsWith("/v2/")
        ? new Response()
        : new Response(manifest, {
            headers: {
              "Content-Type": varve.v1.ociManifestSchema1,
              "Content-Length": String(manifest.length),
              "Docker-Content-Digest": String(lie.hash),
            },
          });
    const options = { fetch: fetch as typeof globalThis.fetch };
    const digest = other.name.newDigest(`registry.example/app@${ABSENT}`);
    await expect(varve.remote.get(digest, options)).rejects.toMatchObject({ code: "ERR_VARVE_VERIFICATION" });
    await expect(varve.remote.head(digest, options)).rejects.toMatchObject({
      code: "ERR_VARVE_VERIFICATION",
    });
  });

  it("are not written to what has another digest", async () => {
    const fetch = varve.registry.fetchOf(varve.registry.newRegistry().fetch);
    const digest = other.name.newDigest(`registry.example/app@${ABSENT}`);
    await expect(varve.remote.write(digest, varve.empty.image, { fetch })).rejects.toMatchObject({
      code: "ERR_VARVE_REMOTE_OPTION",
    });
  });

  it("are a registry's that is listed, and a repository's that a layer is mounted from", async () => {
    const registry = varve.registry.newRegistry();
    const requests: string[] = [];
    const fetch = varve.registry.fetchOf((request) => {
      requests.push(`${request.method} ${new URL(request.url).search}`);
      return registry.fetch(request);
    });
    const app = other.name.newTag("registry.example/app:v1");
    await varve.remote.write(app, varve.random.image(1000, 1, { seed: 1 }), { fetch });
    expect(await varve.remote.catalog(app.context().registry, { fetch })).toEqual(["app"]);

    const [layer] = await (await other.remote.image(app, { fetch })).layers();
    await varve.remote.writeLayer(varve.name.newRepository("registry.example/tool"), layer!, { fetch });
    expect(requests.filter((line) => line.includes("mount="))).toEqual([
      `POST ?mount=${encodeURIComponent(String(await layer!.digest()))}&from=app`,
    ]);
  });

  it("are in a tarball", async () => {
    const tag = other.name.newTag("registry.example/app:v1");
    const written = await varve.tarball.write(tag, varve.random.image(1000, 1, { seed: 1 }));
    const tarball = varve.tarball.openerOf(new Uint8Array(await new Response(written).arrayBuffer()));
    expect((await varve.tarball.loadManifest(tarball)).map(({ repoTags }) => repoTags)).toEqual([
      [String(tag)],
    ]);
  });
});

it("damage of a layer that another copy verifies has its name", async () => {
  const { digest, size } = { digest: await varve.v1.sha256(new Uint8Array(3)), size: 3 };
  const layer = other.partial.compressedToLayer({
    digest: async () => digest.hash,
    size: async () => size,
    mediaType: async () => varve.v1.ociLayer,
    compressed: async () => {
      throw new other.v1.VerificationError("a blob", { size: 3 }, { size: 2 });
    },
  });
  await expect(varve.validate.layer(layer)).rejects.toMatchObject({
    problems: expect.arrayContaining([expect.objectContaining({ problem: "undersized-content" })]),
  });
});
