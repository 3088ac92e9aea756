import fc from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { VarveError } from "../../../src/core/index.js";
import { image, layer, put, type ReadRemoteOptions, writeLayer } from "../../../src/remote/index.js";
import { newLayer } from "../../../src/stream/index.js";
import { dockerLayer, encodeManifest, type Layer, newHash } from "../../../src/v1/index.js";
import { clientOf, EmbeddedRegistry, type Gate } from "../fixture/embedded-registry.js";
import { digestOf, randomBytes } from "../fixture/layers.js";
import { rejection } from "../fixture/thrown.js";

const content = new Uint8Array(randomBytes(300_000));
const digest = newHash(digestOf(content));

function bytesOf(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>)
    .arrayBuffer()
    .then((all) => new Uint8Array(all));
}

/** Answers for the blob; the rest is the registry's. */
function blob(deal: Gate): Gate {
  return (request, next) =>
    request.method === "GET" && request.url.includes("/blobs/sha256:") ? deal(request, next) : next();
}

async function layerOf(registry: EmbeddedRegistry): Promise<Layer> {
  await writeLayer(registry.repository(), newLayer(content, { compression: "none" }), clientOf(registry));
  registry.made.length = 0;
  return layer(registry.repository().digest(digest), clientOf(registry));
}

/** A body that breaks off after so many bytes. */
function breaksAfter(bytes: Uint8Array, length: number): ReadableStream<Uint8Array<ArrayBuffer>> {
  let given = false;
  return new ReadableStream({
    pull(controller) {
      if (given) throw new TypeError("terminated");
      given = true;
      if (length > 0) controller.enqueue(new Uint8Array(bytes.subarray(0, length)));
      else throw new TypeError("terminated");
    },
  });
}

/** What there is from where the request says, broken off after so many bytes. */
function rangeOf(request: Request, length: number): Response {
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.get("range") ?? "bytes=0-")?.[1]);
  return new Response(breaksAfter(content.subarray(from), length), {
    status: from === 0 ? 200 : 206,
    headers: from === 0 ? {} : { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` },
  });
}

describe("a blob as a layer", () => {
  it("is known by its digest, and asked for only when something else is wanted", async () => {
    await using registry = new EmbeddedRegistry();
    const remote = await layerOf(registry);
    expect(String(await remote.digest())).toBe(String(digest));
    expect(await remote.mediaType()).toBe(dockerLayer);
    expect(registry.made).toEqual([]);
    expect(await remote.size()).toBe(content.length);
    expect(registry.log).toEqual(["GET ", `HEAD repo/blobs/${digest}`]);
    expect(digestOf(await bytesOf(await remote.compressed()))).toBe(String(digest));
    expect(String(await remote.diffID())).toBe(String(digest));
  });

  it("asks for the bytes as they are", async () => {
    await using registry = new EmbeddedRegistry();
    await bytesOf(await (await layerOf(registry)).compressed());
    expect(registry.made.at(-1)?.headers.get("accept-encoding")).toBe("identity");
  });

  it("acceptance 59: fails at the end when the bytes have another digest", async () => {
    const wrong = content.slice();
    wrong[299_999]! ^= 1;
    await using registry = new EmbeddedRegistry(blob(() => new Response(wrong)));
    const stream = await (await layerOf(registry)).compressed();
    expect(await rejection(bytesOf(stream))).toMatchObject({ code: "ERR_VARVE_VERIFICATION" });
  });

  it.each([
    ["fewer", content.subarray(1)],
    ["more", randomBytes(300_001)],
  ])("acceptance 59: fails when there are %s bytes than the manifest says", async (_, bytes) => {
    await using registry = new EmbeddedRegistry(
      blob(() => new Response(new Response(bytes as Uint8Array<ArrayBuffer>).body)),
    );
    const stream = await (await described(registry)).compressed();
    expect(await rejection(bytesOf(stream))).toMatchObject({ code: "ERR_VARVE_VERIFICATION" });
  });

  it("acceptance 59: fails before it is read when the Content-Length is another one, and lets the body go", async () => {
    const cancelled = vi.fn();
    await using registry = new EmbeddedRegistry(
      blob(
        () =>
          new Response(new ReadableStream({ cancel: cancelled }), {
            headers: { "content-length": "299999" },
          }),
      ),
    );
    const error = await rejection((await described(registry)).compressed());
    expect(error).toMatchObject({ code: "ERR_VARVE_VERIFICATION" });
    expect(error.message).toContain("299999 bytes");
    expect(cancelled).toHaveBeenCalledTimes(1);
  });

  it("reports that there is none", async () => {
    await using registry = new EmbeddedRegistry();
    const missing = await layer(registry.repository().digest(digest), clientOf(registry));
    expect(await rejection(missing.compressed())).toMatchObject({ code: "ERR_VARVE_NOT_FOUND" });
    expect(await rejection(missing.size())).toMatchObject({ code: "ERR_VARVE_NOT_FOUND" });
  });

  it("is read on where the connection broke, whatever the pieces", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 120_000 }), { maxLength: 5 }), async (pieces) => {
        // What would begin behind the end is never asked for.
        const lengths = pieces.filter(
          (_, index) => pieces.slice(0, index).reduce((sum, length) => sum + length, 0) < content.length,
        );
        const rest = [...lengths];
        const registry = new EmbeddedRegistry(
          blob((request, next) => {
            const length = rest.shift();
            return length === undefined ? next() : rangeOf(request, length);
          }),
        );
        expect(digestOf(await bytesOf(await (await layerOf(registry)).compressed()))).toBe(String(digest));
        const starts = registry.made.flatMap(({ headers }) => headers.get("range") ?? []);
        const read = lengths.map((_, index) =>
          lengths.slice(0, index + 1).reduce((sum, length) => sum + length, 0),
        );
        expect(starts).toEqual(
          read.map((offset) => `bytes=${Math.min(offset, content.length)}-`).slice(0, starts.length),
        );
        await registry.registry.close();
      }),
      { numRuns: 15 },
    );
  });

  it.each([
    ["200 and all of it", (): Response => new Response(content)],
    [
      "206 from a little before",
      (): Response =>
        new Response(content.subarray(99_990), {
          status: 206,
          headers: { "content-range": "bytes 99990-299999/300000" },
        }),
    ],
    [
      "206 without saying from where",
      (): Response => new Response(content.subarray(100_000), { status: 206 }),
    ],
  ])("is read on from an answer with %s", async (_, answer) => {
    let asked = 0;
    await using registry = new EmbeddedRegistry(
      blob((request) => (++asked === 1 ? rangeOf(request, 100_000) : answer())),
    );
    expect(digestOf(await bytesOf(await (await layerOf(registry)).compressed()))).toBe(String(digest));
  });

  it("is not put together of parts that do not belong together", async () => {
    let asked = 0;
    const from = (content: string): Promise<Error> => {
      asked = 0;
      const registry = new EmbeddedRegistry(
        blob((request) =>
          ++asked === 1
            ? rangeOf(request, 100_000)
            : new Response(randomBytes(200_000) as Uint8Array<ArrayBuffer>, {
                status: 206,
                headers: { "content-range": content },
              }),
        ),
      );
      return layerOf(registry).then(async (remote) => rejection(bytesOf(await remote.compressed())));
    };
    expect(await from("bytes 100000-299999/300000")).toMatchObject({ code: "ERR_VARVE_VERIFICATION" });
    expect(await from("bytes 100001-299999/300000")).toMatchObject({ code: "ERR_VARVE_PROTOCOL" });
    expect(await from("nonsense")).toMatchObject({ code: "ERR_VARVE_PROTOCOL" });
  });

  it("lets an answer go that begins elsewhere than it should", async () => {
    let asked = 0;
    const cancelled = vi.fn();
    await using registry = new EmbeddedRegistry(
      blob((request) =>
        ++asked === 1
          ? rangeOf(request, 100_000)
          : new Response(new ReadableStream({ cancel: cancelled }), {
              status: 206,
              headers: { "content-range": "bytes 100001-299999/300000" },
            }),
      ),
    );
    const stream = await (await layerOf(registry)).compressed();
    expect(await rejection(bytesOf(stream))).toMatchObject({ code: "ERR_VARVE_PROTOCOL" });
    await vi.waitFor(() => expect(cancelled).toHaveBeenCalledOnce());
  });

  it("fails with the broken connection when it breaks three times without a byte, and with what is said instead", async () => {
    let asked = 0;
    const breaking = new EmbeddedRegistry(
      blob((request) => {
        asked += 1;
        return rangeOf(request, 0);
      }),
    );
    const error = await rejection(bytesOf(await (await layerOf(breaking)).compressed()));
    expect(error).toMatchObject({ code: "ERR_VARVE_NETWORK", broken: true });
    expect(error.message).toContain("the answer broke off: terminated");
    expect(asked).toBe(3);
    asked = 0;
    const gone = new EmbeddedRegistry(
      blob((request) => (++asked === 1 ? rangeOf(request, 10) : new Response(null, { status: 404 }))),
    );
    expect(await rejection(bytesOf(await (await layerOf(gone)).compressed()))).toMatchObject({
      status: 404,
      cause: { code: "ERR_VARVE_NETWORK", broken: true },
    });
  });

  it("fails with what was in the way of the rest where nothing comes of that, and not with what is missing", async () => {
    const manifest = encodeManifest({
      schemaVersion: 2,
      mediaType: "application/vnd.oci.image.manifest.v1+json",
      config: {
        mediaType: "application/vnd.oci.empty.v1+json",
        size: 2,
        digest: newHash(digestOf(new Uint8Array())),
      },
      layers: [{ mediaType: dockerLayer, size: content.length, digest }],
    });
    const broken = { code: "ERR_VARVE_NETWORK", broken: true };
    for (const [rest, failure] of [
      [() => new Response(null, { status: 416 }), { status: 416, cause: broken }],
      [() => new Response(null, { status: 206 }), broken],
    ] as const) {
      let asked = 0;
      const registry = new EmbeddedRegistry(
        blob((request) => (++asked === 1 ? rangeOf(request, 10) : rest())),
      );
      await layerOf(registry);
      const taggable = {
        rawManifest: async () => manifest,
        mediaType: "application/vnd.oci.image.manifest.v1+json",
      };
      await put(registry.tag(), taggable, clientOf(registry));
      const [described] = await (await image(registry.tag(), clientOf(registry))).layers();
      expect(await rejection(bytesOf(await described!.compressed()))).toMatchObject(failure);
    }
  });

  it("reads nothing ahead, and lets the connection go when it is cancelled", async () => {
    let pulled = 0;
    const cancelled = vi.fn();
    await using registry = new EmbeddedRegistry(
      blob(
        () =>
          new Response(
            new ReadableStream(
              {
                pull(controller) {
                  pulled += 1;
                  controller.enqueue(content.subarray(0, 1000));
                },
                cancel: cancelled,
              },
              { highWaterMark: 0 },
            ),
          ),
      ),
    );
    const stream = await (await layerOf(registry)).compressed();
    expect(pulled).toBe(0);
    const reader = stream.getReader();
    await reader.read();
    expect(pulled).toBe(1);
    await reader.cancel("enough");
    expect(cancelled).toHaveBeenCalledTimes(1);
  });

  it("fails at once when its signal is aborted, while it is opened and while it is read", async () => {
    const controller = new AbortController();
    await using registry = new EmbeddedRegistry(blob(() => new Response(new ReadableStream())));
    const stream = await (await layerOf(registry)).compressed({ signal: controller.signal });
    const reading = rejection(bytesOf(stream));
    controller.abort(new Error("enough"));
    expect(await reading).toMatchObject({ code: "ERR_VARVE_ABORTED" });
    const again = await layerOf(registry);
    expect(await rejection(again.compressed({ signal: controller.signal }))).toMatchObject({
      message: "enough",
    });
  });
});

/** The layer of an image whose manifest is put with it. */
async function described(
  registry: EmbeddedRegistry,
  more: object = {},
  options: ReadRemoteOptions = {},
): Promise<Layer> {
  const config = new TextEncoder().encode("{}");
  const manifest = encodeManifest({
    schemaVersion: 2,
    mediaType: "application/vnd.oci.image.manifest.v1+json",
    config: {
      mediaType: "application/vnd.oci.image.config.v1+json",
      size: 2,
      digest: newHash(digestOf(config)),
      data: config,
    },
    layers: [{ mediaType: "application/vnd.oci.image.layer.v1.tar", size: content.length, digest, ...more }],
  });
  const gate: typeof fetch = (input, init) =>
    String(input).includes("/manifests/")
      ? Promise.resolve(
          new Response(manifest, {
            headers: { "content-type": "application/vnd.oci.image.manifest.v1+json" },
          }),
        )
      : registry.fetch(input, init);
  const [first] = await (
    await image(registry.tag(), { ...clientOf(registry), ...options, fetch: gate })
  ).layers();
  return first!;
}

describe("a blob that a manifest describes", () => {
  it("that carries its data is not asked for", async () => {
    await using registry = new EmbeddedRegistry();
    const layerWithData = await described(registry, { data: content });
    expect(digestOf(await bytesOf(await layerWithData.compressed()))).toBe(String(digest));
    expect(registry.log).toEqual(["GET "]);
  });

  it("acceptance 59: is not taken from data that is something else", async () => {
    await using registry = new EmbeddedRegistry();
    for (const data of [randomBytes(300_000), randomBytes(5)]) {
      const layerWithData = await described(registry, { data });
      expect(await rejection(layerWithData.compressed())).toMatchObject({ code: "ERR_VARVE_VERIFICATION" });
    }
  });

  it("is fetched from the places that its descriptor names, one after the other, without credentials", async () => {
    const seen: [string, string | null][] = [];
    await using registry = new EmbeddedRegistry(async (request, next) => {
      const { host } = new URL(request.url);
      if (host === "registry.example") return next();
      seen.push([host, request.headers.get("authorization")]);
      return host === "b.example" ? new Response(content) : new Response(null, { status: 404 });
    });
    const auth = { authorization: async () => ({ username: "me", password: "secret" }) };
    const foreign = await described(
      registry,
      {
        urls: ["https://a.example/x", "https://b.example/x", "https://c.example/x"],
      },
      { auth },
    );
    expect(digestOf(await bytesOf(await foreign.compressed()))).toBe(String(digest));
    expect(seen).toEqual([
      ["a.example", null],
      ["b.example", null],
    ]);
  });

  it("tells what the last of the places came to, and what the ones before did", async () => {
    await using registry = new EmbeddedRegistry((request, next) =>
      new URL(request.url).host === "registry.example" ? next() : new Response(null, { status: 410 }),
    );
    const foreign = await described(registry, { urls: ["https://a.example/x"] });
    expect(await rejection(foreign.compressed())).toMatchObject({ status: 410, cause: { status: 404 } });
  });

  it("fails with an error that its fetch throws again and again, and does not make that its own cause", async () => {
    const [one, other] = ["one", "other"].map((name) => new VarveError("ERR_VARVE_TRIAL", name));
    await using registry = new EmbeddedRegistry(({ url }, next) => {
      if (url.endsWith("/v2/")) return next();
      throw new URL(url).host === "b.example" ? other : one;
    });
    const urls = ["a", "b", "a", "b"].map((name) => `https://${name}.example/x`);
    const foreign = await described(registry, { urls });
    const failure = await rejection(foreign.compressed());
    const chain = new Set<unknown>();
    for (let each: unknown = failure; each !== undefined; each = (each as Error).cause) {
      expect(chain.has(each)).toBe(false);
      chain.add(each);
    }
    expect([...chain]).toEqual([other, one]);
    expect(JSON.stringify(failure)).not.toContain("cause");
  });

  it.each([
    "http://a.example/x",
    "https://127.0.0.1/x",
    "https://[fd00::1]/x",
    "file:///x",
    "/x",
    "https://u:p@a.example/x",
  ])("is not fetched from %s", async (url) => {
    await using registry = new EmbeddedRegistry();
    const foreign = await described(registry, { urls: [url] });
    expect(await rejection(foreign.compressed())).toMatchObject({ code: "ERR_VARVE_UNSAFE_LOCATION" });
    expect(registry.made.every((made) => made.url.host === "registry.example")).toBe(true);
  });
});
