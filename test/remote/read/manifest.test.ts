import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { exists, optionalMethod } from "../../../src/partial/index.js";
import * as random from "../../../src/random/index.js";
import {
  get,
  head,
  image,
  index,
  newPuller,
  put,
  RemoteDescriptor,
  write,
  writeIndex,
} from "../../../src/remote/index.js";
import {
  type Descriptor,
  dockerManifestSchema1Signed,
  encodeIndexManifest,
  newHash,
  ociImageIndex,
  ociManifestSchema1,
  type Platform,
} from "../../../src/v1/index.js";
import { clientOf, EmbeddedRegistry, type Gate } from "../fixture/embedded-registry.js";
import { imageOf } from "../fixture/images.js";
import { digestOf, KnownLayer, randomBytes } from "../fixture/layers.js";
import { rejection } from "../fixture/thrown.js";

/** Answers for manifests; the rest is the registry's. */
function manifests(deal: Gate): EmbeddedRegistry {
  return new EmbeddedRegistry((request, next) =>
    request.url.includes("/manifests/") ? deal(request, next) : next(),
  );
}

function manifest(
  bytes: Uint8Array | string,
  mediaType: string,
  more: Record<string, string> = {},
): Response {
  return new Response(bytes as Uint8Array<ArrayBuffer>, { headers: { "content-type": mediaType, ...more } });
}

describe("a manifest", () => {
  it("is read with its descriptor, and what it says of itself", async () => {
    await using registry = new EmbeddedRegistry();
    const whole = imageOf([new KnownLayer(randomBytes(100))], { a: "b" });
    const written = await write(registry.tag(), whole, clientOf(registry));
    const read = await get(registry.tag(), clientOf(registry));
    expect(read).toBeInstanceOf(RemoteDescriptor);
    expect(read).toMatchObject({
      ...written,
      annotations: { a: "b" },
      artifactType: "application/vnd.docker.container.image.v1+json",
    });
    expect(await read.rawManifest()).toEqual(await whole.rawManifest());
    expect(read.manifest).toEqual(await whole.rawManifest());
    expect(await head(registry.tag(), clientOf(registry))).toEqual(written);
  });

  it("that is not there is reported, and so is its question by HEAD", async () => {
    await using registry = new EmbeddedRegistry();
    expect(await rejection(get(registry.tag(), clientOf(registry)))).toMatchObject({
      code: "ERR_VARVE_NOT_FOUND",
    });
    expect(await rejection(head(registry.tag(), clientOf(registry)))).toMatchObject({
      code: "ERR_VARVE_NOT_FOUND",
    });
  });

  it("is held to the digest that it is asked for by, sha512 too, and to the registry's own word", async () => {
    const bytes = new TextEncoder().encode("{}");
    const other = digestOf(new Uint8Array());
    const told = manifests(() => manifest(bytes, "a/b", { "docker-content-digest": other }));
    expect(await rejection(get(told.tag(), clientOf(told)))).toMatchObject({
      code: "ERR_VARVE_VERIFICATION",
    });
    const plain = manifests(() => manifest(bytes, "a/b"));
    const by = (digest: string): Promise<RemoteDescriptor> =>
      get(plain.repository().digest(digest), clientOf(plain));
    expect(await rejection(by(other))).toMatchObject({ code: "ERR_VARVE_VERIFICATION" });
    expect((await by(digestOf(bytes))).digest).toEqual(newHash(digestOf(bytes)));
    const sha512 = `sha512:${createHash("sha512").update(bytes).digest("hex")}`;
    expect(String((await by(sha512)).digest)).toBe(sha512);
    const nonsense = manifests(() => manifest(bytes, "a/b", { "docker-content-digest": "nonsense" }));
    expect(await rejection(get(nonsense.tag(), clientOf(nonsense)))).toMatchObject({
      code: "ERR_VARVE_PROTOCOL",
    });
  });

  it("that is signed has the digest that the registry says", async () => {
    const digest = digestOf(new Uint8Array());
    const registry = manifests(() =>
      manifest("{}", dockerManifestSchema1Signed, { "docker-content-digest": digest }),
    );
    const read = await get(registry.tag(), clientOf(registry));
    expect(String(read.digest)).toBe(digest);
    const error = await rejection(read.image());
    expect(error).toMatchObject({ code: "ERR_VARVE_UNSUPPORTED" });
    expect(error.message).toContain("Docker's first schema");
    expect(
      await rejection(get(registry.repository().digest(digestOf(randomBytes(1))), clientOf(registry))),
    ).toMatchObject({
      code: "ERR_VARVE_VERIFICATION",
    });
  });

  it("that was asked for by digest is not taken on trust because it calls itself signed", async () => {
    const wanted = digestOf(randomBytes(1));
    const registry = manifests(() =>
      manifest("{}", dockerManifestSchema1Signed, { "docker-content-digest": wanted }),
    );
    const by = (digest: string): Promise<RemoteDescriptor> =>
      get(registry.repository().digest(digest), clientOf(registry));
    expect(await rejection(by(wanted))).toMatchObject({ code: "ERR_VARVE_VERIFICATION" });
    const own = digestOf(new TextEncoder().encode("{}"));
    expect(String((await by(own)).digest)).toBe(own);
  });

  it("whose question by HEAD is answered with another digest than it was asked by is refused", async () => {
    const [wanted, other] = [digestOf(randomBytes(1)), digestOf(randomBytes(2))];
    const registry = manifests(
      () =>
        new Response(null, {
          headers: { "content-type": "a/b", "content-length": "2", "docker-content-digest": other },
        }),
    );
    expect(await rejection(head(registry.repository().digest(wanted), clientOf(registry)))).toMatchObject({
      code: "ERR_VARVE_VERIFICATION",
    });
    expect(String((await head(registry.repository().digest(other), clientOf(registry))).digest)).toBe(other);
  });

  it("is not read beyond 4 MiB, or what an option says", async () => {
    const endless = (): Response =>
      new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) }));
    const registry = manifests(endless);
    const error = await rejection(get(registry.tag(), clientOf(registry)));
    expect(error).toMatchObject({ code: "ERR_VARVE_SIZE_LIMIT", limit: 4 << 20 });
    const small = await rejection(get(registry.tag(), { ...clientOf(registry), maxManifestBytes: 100 }));
    expect(small).toMatchObject({ code: "ERR_VARVE_SIZE_LIMIT", limit: 100 });
  });

  it("is read again when the connection breaks", async () => {
    let asked = 0;
    const registry = manifests(() =>
      ++asked < 3
        ? new Response(
            new ReadableStream({ pull: (controller) => controller.error(new TypeError("terminated")) }),
          )
        : manifest("{}", "a/b"),
    );
    await get(registry.tag(), clientOf(registry));
    expect(asked).toBe(3);
    asked = -10;
    expect(await rejection(get(registry.tag(), clientOf(registry)))).toMatchObject({
      code: "ERR_VARVE_NETWORK",
    });
    expect(asked).toBe(-7);
  });

  it("rejects as aborted while it is asked for and while it is read", async () => {
    for (const answer of [
      () => new Promise<Response>(() => undefined),
      () => new Response(new ReadableStream()),
    ]) {
      const controller = new AbortController();
      const registry = manifests(() => {
        setImmediate(() => controller.abort(new Error("enough")));
        return answer();
      });
      const error = await rejection(
        get(registry.tag(), { ...clientOf(registry), signal: controller.signal }),
      );
      expect(error).toMatchObject({
        code: "ERR_VARVE_ABORTED",
        message: "reading registry.example/repo:latest was aborted (enough)",
        cause: { message: "enough" },
      });
    }
  });

  it.each(["content-type", "content-length", "docker-content-digest"])(
    "by HEAD needs %s",
    async (missing) => {
      const headers = new Headers({
        "content-type": "a/b",
        "content-length": "2",
        "docker-content-digest": digestOf(randomBytes(1)),
      });
      headers.delete(missing);
      const registry = manifests(() => new Response(null, { headers }));
      const error = await rejection(head(registry.tag(), clientOf(registry)));
      expect(error).toMatchObject({ code: "ERR_VARVE_PROTOCOL" });
      expect(error.message.toLowerCase()).toContain(missing);
    },
  );

  it("by HEAD tells which headers a browser is not shown", async () => {
    const registry = manifests(() => {
      const response = new Response(null, { headers: { "content-type": "a/b" } });
      Object.defineProperty(response, "type", { value: "cors" });
      return response;
    });
    const error = await rejection(head(registry.tag(), clientOf(registry)));
    expect(error.message).toContain("Content-Length, Docker-Content-Digest in Access-Control-Expose-Headers");
  });
});

describe("an image", () => {
  it("acceptance 38: has its manifest read once, its configuration once, and validates", async () => {
    await using registry = new EmbeddedRegistry();
    const whole = random.image(1000, 2, { seed: 1 });
    await write(registry.tag(), whole, clientOf(registry));
    registry.made.length = 0;
    const pulled = await image(registry.tag(), clientOf(registry));
    expect(await pulled.digest()).toEqual(await whole.digest());
    expect(await pulled.manifest()).toEqual(await whole.manifest());
    await pulled.configFile();
    expect(await pulled.rawConfigFile()).toEqual(await whole.rawConfigFile());
    expect(await pulled.configName()).toEqual(await whole.configName());
    const layers = await pulled.layers();
    expect(layers).toHaveLength(2);
    expect(registry.count("GET", "blobs")).toBe(1);
    const { rootfs } = await pulled.configFile();
    const top = await pulled.layerByDiffID(rootfs!.diffIDs![1]!);
    expect(await top.digest()).toEqual(await layers[1]?.digest());
    expect(await exists(layers[0]!)).toBe(true);
    expect(registry.log.at(-1)).toBe(`HEAD repo/blobs/${await layers[0]?.digest()}`);
    expect(await rejection(pulled.layerByDigest(newHash(digestOf(randomBytes(3)))))).toMatchObject({
      code: "ERR_VARVE_BLOB_UNKNOWN",
    });
  });

  it("hands out copies of what it keeps", async () => {
    await using registry = new EmbeddedRegistry();
    await write(registry.tag(), random.image(10, 1, { seed: 1 }), clientOf(registry));
    const pulled = await image(registry.tag(), clientOf(registry));
    (await pulled.rawManifest()).fill(0);
    (await pulled.rawConfigFile()).fill(0);
    await pulled.manifest();
    await pulled.configFile();
  });

  it("has its configuration in its manifest, where that carries it", async () => {
    const config = new TextEncoder().encode(
      '{"architecture":"arm64","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":[]}}',
    );
    const bytes = (size: number): string =>
      JSON.stringify({
        schemaVersion: 2,
        config: {
          mediaType: "c",
          size,
          digest: digestOf(config),
          data: Buffer.from(config).toString("base64"),
        },
        layers: [],
      });
    const registry = manifests(() => manifest(bytes(config.length), ociManifestSchema1));
    expect(await (await image(registry.tag(), clientOf(registry))).configFile()).toMatchObject({
      architecture: "arm64",
    });
    expect(registry.count("GET", "blobs")).toBe(0);
    const wrong = manifests(() => manifest(bytes(config.length + 1), ociManifestSchema1));
    const damaged = await image(wrong.tag(), clientOf(wrong));
    expect(await rejection(damaged.configFile())).toMatchObject({ code: "ERR_VARVE_VERIFICATION" });
  });

  it("does not read a configuration that is too large, nor remember a failure to read it", async () => {
    await using registry = new EmbeddedRegistry((request, next) =>
      request.method === "GET" && request.url.includes("/blobs/") && ++asked === 1
        ? new Response(null, { status: 404 })
        : next(),
    );
    let asked = 0;
    await write(registry.tag(), random.image(10, 1, { seed: 1 }), clientOf(registry));
    const pulled = await image(registry.tag(), clientOf(registry));
    expect(await rejection(pulled.configFile())).toMatchObject({ status: 404 });
    await pulled.configFile();
    const { size } = (await pulled.manifest()).config;
    const small = { ...clientOf(registry), maxManifestBytes: Math.max(size, await pulled.size()) };
    await (await image(registry.tag(), small)).configFile();
    const bytes = JSON.stringify({
      schemaVersion: 2,
      config: { mediaType: "c", size: 5 << 20, digest: digestOf(randomBytes(1)) },
    });
    const large = manifests(() => manifest(bytes, ociManifestSchema1));
    const error = await rejection((await image(large.tag(), clientOf(large))).configFile());
    expect(error).toMatchObject({ code: "ERR_VARVE_SIZE_LIMIT" });
    expect(large.count("GET", "blobs")).toBe(0);
  });
});

describe("an index", () => {
  const platforms: (Platform | undefined)[] = [
    { os: "linux", architecture: "arm64", variant: "v8" },
    undefined,
    { os: "linux", architecture: "amd64" },
    { os: "windows", architecture: "amd64", osVersion: "10.0.1", osFeatures: ["win32k", "other"] },
  ];

  async function shelf(): Promise<{ registry: EmbeddedRegistry; digests: string[] }> {
    const registry = new EmbeddedRegistry();
    const children: Descriptor[] = [];
    for (const [place, platform] of platforms.entries()) {
      const child = random.image(10, 1, { seed: place });
      const digest = await child.digest();
      const written = await write(registry.repository().digest(digest), child, clientOf(registry));
      children.push({ ...written, ...(platform ? { platform } : {}) });
    }
    const bytes = encodeIndexManifest({ schemaVersion: 2, mediaType: ociImageIndex, manifests: children });
    await put(
      registry.tag(),
      { rawManifest: async () => bytes, mediaType: ociImageIndex },
      clientOf(registry),
    );
    return { registry, digests: children.map(({ digest }) => String(digest)) };
  }

  it.each([
    [undefined, 1],
    [{ os: "linux", architecture: "amd64" }, 1],
    [{ os: "linux", architecture: "arm64" }, 0],
    [{ os: "linux", architecture: "arm64", variant: "v8" }, 0],
    [{ os: "windows", architecture: "amd64" }, 3],
    [{ os: "windows", architecture: "amd64", osFeatures: ["win32k"] }, 3],
  ] as const)("gives the first image for %j", async (platform, place) => {
    const { registry, digests } = await shelf();
    const options = { ...clientOf(registry), ...(platform ? { platform } : {}) };
    const pulled = await image(registry.tag(), options);
    expect(String(await pulled.digest())).toBe(digests[place]);
  });

  it.each([
    { os: "linux", architecture: "arm64", variant: "v7" },
    { os: "plan9", architecture: "amd64" },
    { os: "windows", architecture: "amd64", osVersion: "10.0.2" },
    { os: "windows", architecture: "amd64", osFeatures: ["missing"] },
  ])("says which platforms it has, where there is none for %j", async (platform) => {
    const { registry } = await shelf();
    const error = await rejection(image(registry.tag(), { ...clientOf(registry), platform }));
    expect(error).toMatchObject({ code: "ERR_VARVE_MANIFEST_UNKNOWN" });
    expect(error.message).toContain("it has linux/arm64/v8, linux/amd64, windows/amd64:10.0.1");
  });

  it("tells platforms in printable words, of a length that can be read", async () => {
    await using registry = new EmbeddedRegistry((request, next) =>
      request.url.endsWith("/v2/")
        ? next()
        : Response.json(
            {
              manifests: ["\u001b[2J\u202e", "x".repeat(100_000)].map((os, size) => ({
                mediaType: ociManifestSchema1,
                size,
                digest: digestOf(randomBytes(size)),
                platform: { os, architecture: "amd64" },
              })),
            },
            { headers: { "content-type": ociImageIndex } },
          ),
    );
    const error = await rejection(image(registry.tag(), clientOf(registry)));
    expect(error).toMatchObject({ code: "ERR_VARVE_MANIFEST_UNKNOWN" });
    expect(error.message).toMatch(/^[ -~]{100,500}$/);
  });

  it("gives its children as they are listed, and their descriptors with the platform", async () => {
    const { registry, digests } = await shelf();
    const pulled = await index(registry.tag(), clientOf(registry));
    const first = await pulled.image(newHash(digests[0]!));
    expect(await optionalMethod(first, "descriptor")?.()).toMatchObject({ platform: platforms[0] });
    expect(await rejection(pulled.image(newHash(digestOf(randomBytes(1)))))).toMatchObject({
      code: "ERR_VARVE_MANIFEST_UNKNOWN",
    });
    expect(await rejection(pulled.imageIndex(newHash(digests[0]!)))).toMatchObject({
      code: "ERR_VARVE_UNSUPPORTED",
    });
  });

  it("is not what an image is", async () => {
    await using registry = new EmbeddedRegistry();
    await write(registry.tag(), random.image(10, 1, { seed: 1 }), clientOf(registry));
    const error = await rejection(index(registry.tag(), clientOf(registry)));
    expect(error).toMatchObject({ code: "ERR_VARVE_UNSUPPORTED" });
    expect(error.message).toContain("read it as an image");
  });

  it("takes a child from what its descriptor carries, or holds it to the size that is listed", async () => {
    const child = new TextEncoder().encode(
      `{"schemaVersion":2,"config":{"size":0,"digest":"sha256:${"a".repeat(64)}"}}`,
    );
    const listing = (more: object): string =>
      JSON.stringify({
        schemaVersion: 2,
        manifests: [{ mediaType: ociManifestSchema1, size: child.length, digest: digestOf(child), ...more }],
      });
    const data = Buffer.from(child).toString("base64");
    const carried = manifests(() => manifest(listing({ data }), ociImageIndex));
    await (await index(carried.tag(), clientOf(carried))).image(newHash(digestOf(child)));
    expect(carried.count("GET", "manifests")).toBe(1);
    const wrong = manifests((request) =>
      request.url.endsWith("latest")
        ? manifest(listing({ size: child.length + 1 }), ociImageIndex)
        : manifest(child, ociManifestSchema1),
    );
    const error = await rejection(
      (await index(wrong.tag(), clientOf(wrong))).image(newHash(digestOf(child))),
    );
    expect(error).toMatchObject({ code: "ERR_VARVE_VERIFICATION" });
  });

  it("gives what is neither image nor index as a blob", async () => {
    const blob = randomBytes(10);
    const listing = JSON.stringify({
      schemaVersion: 2,
      manifests: [
        {
          mediaType: "text/plain",
          size: 10,
          digest: digestOf(blob),
          data: Buffer.from(blob).toString("base64"),
        },
      ],
    });
    const registry = manifests(() => manifest(listing, ociImageIndex));
    const pulled = await index(registry.tag(), clientOf(registry));
    const layer = await optionalMethod(pulled, "layer")?.(newHash(digestOf(blob)));
    expect(await layer?.mediaType()).toBe("text/plain");
    expect(new Uint8Array(await new Response(await layer!.compressed()).arrayBuffer())).toEqual(blob);
  });
});

describe("a puller that is used again", () => {
  it("finds the registry once", async () => {
    await using registry = new EmbeddedRegistry();
    await writeIndex(registry.tag(), random.index(10, 1, 2, { seed: 1 }), clientOf(registry));
    registry.made.length = 0;
    const reuse = newPuller(clientOf(registry));
    await get(registry.tag(), { reuse });
    await get(registry.tag(), { reuse });
    expect(registry.log).toEqual(["GET ", "GET repo/manifests/latest", "GET repo/manifests/latest"]);
  });

  it("acceptance 64: does not remember that its beginning failed or was aborted", async () => {
    let pings = 0;
    await using registry = new EmbeddedRegistry((request, next) => {
      if (!request.url.endsWith("/v2/") || ++pings > 2) return next();
      return pings === 1 ? new Response(null, { status: 403 }) : new Promise(() => undefined);
    });
    const puller = newPuller(clientOf(registry));
    expect(await rejection(puller.head(registry.tag()))).toMatchObject({ status: 403 });
    const controller = new AbortController();
    const second = rejection(puller.head(registry.tag(), { signal: controller.signal }));
    controller.abort();
    expect(await second).toMatchObject({ code: "ERR_VARVE_ABORTED" });
    expect(await rejection(puller.head(registry.tag()))).toMatchObject({ status: 404 });
  });
});
