import { describe, expect, it, vi } from "vitest";
import type { Reference } from "../../../src/name/index.js";
import { compressedToLayer } from "../../../src/partial/index.js";
import * as random from "../../../src/random/index.js";
import {
  get,
  image,
  index,
  layer,
  multiWrite,
  newPusher,
  type Pusher,
  push,
  put,
  type Taggable,
  tag,
  type UploadProgress,
  write,
  writeIndex,
} from "../../../src/remote/index.js";
import { newLayer } from "../../../src/stream/index.js";
import { dockerForeignLayer, type Image, type ImageIndex, type Layer } from "../../../src/v1/index.js";
import { clientOf, EmbeddedRegistry, type Gate } from "../fixture/embedded-registry.js";
import { errors, fetchFailed } from "../fixture/fake-registry.js";
import { IndexOf, imageOf } from "../fixture/images.js";
import { digestOf, endlessLayer, KnownLayer, randomBytes } from "../fixture/layers.js";
import { rejection } from "../fixture/thrown.js";
import { TokenRegistry } from "../fixture/token-registry.js";

const UPLOAD = ["HEAD", "POST", "PATCH", "PUT"];

function known(): Layer {
  return new KnownLayer(randomBytes(1000));
}

function stream(bytes: Uint8Array = randomBytes(1000)): Layer {
  return newLayer(bytes, { compression: "none" });
}

/** Everything that was pushed comes back as it should be. */
async function check(registry: EmbeddedRegistry, reference: Reference): Promise<void> {
  const pulled = await image(reference, clientOf(registry));
  await checkImage(pulled);
}

async function checkImage(pulled: Image): Promise<void> {
  const { rootfs } = await pulled.configFile();
  for (const [place, each] of (await pulled.layers()).entries()) {
    const bytes = new Uint8Array(await new Response(await each.uncompressed()).arrayBuffer());
    expect(digestOf(bytes)).toBe(String(rootfs?.diffIDs?.[place]));
  }
}

/** Deals with the requests of one method and, if given, a path. */
function at(method: string, deal: Gate, part = ""): Gate {
  return (request, next) =>
    request.method === method && request.url.includes(part) ? deal(request, next) : next();
}

describe("a layer that two callers write at a time", () => {
  it("is written for the one though the other's listener throws", async () => {
    await using registry = new EmbeddedRegistry();
    const [pusher, same] = [newPusher(clientOf(registry)), known()];
    const onProgress = (): never => {
      throw new TypeError("a listener's own fault");
    };
    const [first, second] = await Promise.allSettled([
      pusher.upload(registry.repository(), same, { onProgress }),
      pusher.upload(registry.repository(), same),
    ]);
    expect([first.status, second.status]).toEqual(["rejected", "fulfilled"]);
  });

  it("is sent once, and the one that waited hears of the end", async () => {
    await using registry = new EmbeddedRegistry();
    const [pusher, same] = [newPusher(clientOf(registry)), known()];
    const phases: string[][] = [[], []];
    await Promise.all(
      phases.map((heard) =>
        pusher.upload(registry.repository(), same, { onProgress: ({ phase }) => heard.push(phase) }),
      ),
    );
    expect(phases.map((heard) => heard.at(-1)).sort()).toEqual(["done", "existing"]);
    expect(registry.count("PATCH")).toBe(1);
  });
});

describe("writing an image", () => {
  it("under two tags at a time fails for the one that is refused, and for that alone", async () => {
    for (const refused of ["a", "b"]) {
      await using registry = new EmbeddedRegistry(
        at("PUT", () => errors(403, { code: "DENIED" }), `/manifests/${refused}`),
      );
      const pusher = newPusher(clientOf(registry));
      const whole = imageOf([known()]);
      const [a, b] = await Promise.allSettled([
        pusher.push(registry.tag("repo:a"), whole),
        pusher.push(registry.tag("repo:b"), whole),
      ]);
      expect([a.status, b.status]).toEqual(
        refused === "a" ? ["rejected", "fulfilled"] : ["fulfilled", "rejected"],
      );
      expect(registry.count("PATCH")).toBe(2);
      await check(registry, registry.tag(refused === "a" ? "repo:b" : "repo:a"));
    }
  });

  it("asks for the tag, sends blobs that are not there, and puts the manifest last", async () => {
    await using registry = new EmbeddedRegistry();
    const written = await write(registry.tag(), imageOf([known(), known()]), {
      ...clientOf(registry),
      jobs: 1,
    });
    const { log } = registry;
    expect(log.slice(0, 2)).toEqual(["GET ", "HEAD repo/manifests/latest"]);
    expect(log.slice(2, -1).map((line) => line.split(" ")[0])).toEqual([...UPLOAD, ...UPLOAD, ...UPLOAD]);
    expect(log.at(-1)).toBe("PUT repo/manifests/latest");
    expect(registry.made.at(-1)?.headers.get("content-type")).toBe(written.mediaType);
    expect(registry.made[1]?.headers.get("accept")).toContain("application/vnd.oci.image.index.v1+json");
    await check(registry, registry.tag());
  });

  it("acceptance 37: of three random layers, three equal ones and three equal streams takes eight PATCHes", async () => {
    await using registry = new EmbeddedRegistry();
    const [same, bytes] = [randomBytes(500), randomBytes(500)];
    const layers = [
      ...[1, 2, 3].map(known),
      ...[1, 2, 3].map(() => new KnownLayer(same)),
      ...[1, 2, 3].map(() => stream(bytes)),
    ];
    await write(registry.tag(), imageOf(layers), clientOf(registry));
    expect(registry.count("PATCH")).toBe(8);
    await check(registry, registry.tag());
  });

  it("acceptance 38: with streams sends the configuration after all layers, and the manifest last", async () => {
    await using registry = new EmbeddedRegistry();
    const streams = [stream(), stream(randomBytes(300_000)), stream()];
    const whole = imageOf([known(), ...streams]);
    const { digest } = await write(registry.tag(), whole, clientOf(registry));
    expect(digest).toEqual(await whole.digest());
    const { log } = registry;
    const config = `HEAD repo/blobs/${await whole.configName()}`;
    expect(log.indexOf(config)).toBe(log.length - 6);
    expect(log.slice(-6).map((line) => line.replace(/blobs\/sha.*/, "blobs/"))).toEqual([
      "HEAD repo/blobs/",
      "POST repo/blobs/uploads/",
      "PATCH repo/blobs/uploads/...",
      "PUT repo/blobs/uploads/...",
      "HEAD repo/manifests/latest",
      "PUT repo/manifests/latest",
    ]);
    await check(registry, registry.tag());
  });

  it("acceptance 38: with streams does not put a manifest that is there", async () => {
    await using registry = new EmbeddedRegistry();
    const bytes = randomBytes(1000);
    await write(registry.tag(), imageOf([stream(bytes)]), clientOf(registry));
    await write(registry.tag(), imageOf([stream(bytes)]), clientOf(registry));
    expect(registry.count("PUT", "manifests")).toBe(1);
    expect(registry.count("PATCH")).toBe(3);
  });

  it("acceptance 50: sends nothing where the tag leads to it already", async () => {
    await using registry = new EmbeddedRegistry();
    const whole = imageOf([known()]);
    const first = await write(registry.tag(), whole, clientOf(registry));
    registry.made.length = 0;
    expect(await write(registry.tag(), whole, clientOf(registry))).toEqual(first);
    expect(registry.log).toEqual(["GET ", "HEAD repo/manifests/latest"]);
  });

  it("acceptance 50: takes a tag that it may not ask for to be absent", async () => {
    await using registry = new EmbeddedRegistry(
      at("HEAD", () => new Response(null, { status: 403 }), "manifests"),
    );
    await write(registry.tag(), imageOf([known()]), clientOf(registry));
    expect(registry.count("PUT", "manifests")).toBe(1);
  });

  it.each(["content-type", "content-length", "docker-content-digest"])(
    "acceptance 50: explains that the answer for a tag lacks %s",
    async (header) => {
      const headers = new Headers({
        "content-type": "application/vnd.oci.image.manifest.v1+json",
        "content-length": "10",
        "docker-content-digest": digestOf(new Uint8Array()),
      });
      headers.delete(header);
      await using registry = new EmbeddedRegistry(
        at("HEAD", () => new Response(null, { headers }), "manifests"),
      );
      const error = await rejection(write(registry.tag(), imageOf([known()]), clientOf(registry)));
      expect(error).toMatchObject({ code: "ERR_VARVE_PROTOCOL" });
      expect(error.message.toLowerCase()).toContain(`the answer lacks ${header}`);
    },
  );

  it("acceptance 50: fails on another answer for the tag", async () => {
    await using registry = new EmbeddedRegistry(
      at("HEAD", () => new Response(null, { status: 410 }), "manifests"),
    );
    expect(await rejection(write(registry.tag(), imageOf([known()]), clientOf(registry)))).toMatchObject({
      status: 410,
    });
  });

  it("acceptance 53: leaves foreign layers out, unless it is told to send them", async () => {
    class Foreign extends KnownLayer {
      override async mediaType(): Promise<string> {
        return dockerForeignLayer;
      }
    }
    const foreign = new Foreign(randomBytes(100));
    await using registry = new EmbeddedRegistry();
    const url = `https://registry.example/v2/repo/blobs/${await foreign.digest()}`;
    const status = async (): Promise<number> => (await registry.registry.fetch(new Request(url))).status;
    await put(registry.tag(), imageOf([]), clientOf(registry)).catch(() => undefined);
    await write(registry.tag(), imageOf([known(), foreign]), clientOf(registry)).catch(() => undefined);
    expect(await status()).toBe(404);
    await write(registry.tag(), imageOf([known(), foreign]), {
      ...clientOf(registry),
      nondistributable: true,
    });
    expect(await status()).toBe(200);
  });

  it("runs no more uploads at a time than it is told", async () => {
    for (const [jobs, most] of [
      [undefined, 4],
      [2, 2],
    ] as const) {
      let running = 0;
      let seen = 0;
      const gate = at("PATCH", async (_, next) => {
        seen = Math.max(seen, ++running);
        await new Promise((resolve) => setTimeout(resolve, 5));
        running -= 1;
        return next();
      });
      await using registry = new EmbeddedRegistry(gate);
      await write(registry.tag(), imageOf(Array.from({ length: 8 }, known)), { ...clientOf(registry), jobs });
      expect(seen).toBe(most);
    }
  });

  it.each([0, -1, 2.5])("is refused with %d jobs", async (jobs) => {
    const registry = new EmbeddedRegistry();
    expect(
      await rejection(write(registry.tag(), imageOf([]), { ...clientOf(registry), jobs })),
    ).toMatchObject({
      code: "ERR_VARVE_REMOTE_OPTION",
    });
  });

  it("gives the other layers up when one fails, and tells of that one", async () => {
    const silent: Gate = async (request, next) => {
      if (request.method === "POST" && ++posts === 2)
        return errors(403, { code: "DENIED", message: "no more" });
      return next();
    };
    let posts = 0;
    await using registry = new EmbeddedRegistry(silent);
    const endless = endlessLayer();
    const error = await rejection(
      write(registry.tag(), imageOf([endless, known(), known()]), clientOf(registry)),
    );
    expect(error).toMatchObject({ status: 403 });
    expect(await rejection(endless.digest())).toMatchObject({ code: "ERR_VARVE_ABORTED" });
    expect(registry.count("DELETE", "uploads")).toBeGreaterThan(0);
    expect(registry.count("PUT", "manifests")).toBe(0);
  });

  it("ends at once when it is aborted, and forgets what it has opened", async () => {
    await using registry = new EmbeddedRegistry();
    const controller = new AbortController();
    const reason = new Error("enough");
    const onProgress = ({ phase }: UploadProgress): void => {
      if (phase === "uploading") controller.abort(reason);
    };
    const options = { ...clientOf(registry), signal: controller.signal, onProgress };
    const error = await rejection(write(registry.tag(), imageOf([endlessLayer(), endlessLayer()]), options));
    expect(error).toMatchObject({
      code: "ERR_VARVE_ABORTED",
      cause: reason,
      message: "writing registry.example/repo:latest was aborted (enough)",
    });
    expect(registry.count("DELETE", "uploads")).toBe(registry.count("POST"));
  });
});

describe("a blob that is known", () => {
  it("acceptance 45: is sent again in a new session after a 500, and is told of from the beginning", async () => {
    let patches = 0;
    await using registry = new EmbeddedRegistry(
      at("PATCH", async (request, next) => {
        if (++patches > 1) return next();
        await request.arrayBuffer();
        return new Response(null, { status: 500 });
      }),
    );
    const events: UploadProgress[] = [];
    const onProgress = (event: UploadProgress): unknown => events.push(event);
    await newPusher(clientOf(registry)).upload(registry.repository(), new KnownLayer(), { onProgress });
    expect(registry.count("POST")).toBe(2);
    expect(events.map(({ phase, sent, attempt }) => `${attempt} ${phase} ${sent}`)).toEqual(
      [
        "1 checking 0",
        "1 opening 0",
        "1 uploading 100000",
        "1 committing 100000",
        "2 checking 0",
        "2 opening 0",
        "2 uploading 100000",
        "2 committing 100000",
        "2 done 100000",
      ].filter((line) => line !== "1 committing 100000"),
    );
  });

  it("acceptance 46: that is always refused fails at once, and the listener is told nothing more", async () => {
    await using registry = new EmbeddedRegistry(
      at("PATCH", () => errors(403, { code: "DENIED", message: "no" })),
    );
    const events: UploadProgress[] = [];
    const options = { ...clientOf(registry), onProgress: (event: UploadProgress) => events.push(event) };
    const error = await rejection(newPusher(options).upload(registry.repository(), new KnownLayer()));
    expect(error).toMatchObject({ status: 403 });
    expect(registry.count("PATCH")).toBe(1);
    const told = events.length;
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(events.length).toBe(told);
    expect(events.at(-1)?.phase).not.toBe("done");
  });

  it("is tried three times in all", async () => {
    await using registry = new EmbeddedRegistry(
      at("PATCH", () => {
        throw fetchFailed("ECONNRESET");
      }),
    );
    const error = await rejection(
      newPusher(clientOf(registry)).upload(registry.repository(), new KnownLayer()),
    );
    expect(error).toMatchObject({ causeCode: "ECONNRESET" });
    expect([registry.count("POST"), registry.count("DELETE")]).toEqual([3, 3]);
  });

  it("is sent in chunks when it is refused as too large", async () => {
    await using registry = new EmbeddedRegistry(
      at("PATCH", (request, next) =>
        request.headers.has("content-range")
          ? next()
          : errors(413, { code: "SIZE_INVALID", message: "too large" }),
      ),
    );
    const layerToSend = new KnownLayer(randomBytes(250_000));
    await newPusher({ ...clientOf(registry), chunkSize: 100_000 }).upload(registry.repository(), layerToSend);
    expect(registry.count("PATCH")).toBe(4);
    const asked = newPusher({ ...clientOf(registry), upload: "streaming" });
    const other = asked.upload(registry.repository(), known());
    expect(await rejection(other)).toMatchObject({ status: 413 });
  });

  it("is sent whole in the PUT, with its length, where that is asked for", async () => {
    await using registry = new EmbeddedRegistry();
    const layerToSend = new KnownLayer();
    const events: string[] = [];
    const options = {
      ...clientOf(registry),
      upload: "monolithic",
      onProgress: ({ phase, sent }: UploadProgress) => events.push(`${phase} ${sent}`),
    } as const;
    await newPusher(options).upload(registry.repository(), layerToSend);
    expect(registry.log.map((line) => line.split(" ")[0])).toEqual(["GET", "HEAD", "POST", "PUT"]);
    expect(registry.made.at(-1)?.headers.get("content-length")).toBe("100000");
    expect(events.at(-1)).toBe("done 100000");
    await newPusher(options).upload(registry.repository(), stream());
    expect(registry.count("PATCH")).toBe(1);
  });

  it("is sent with its length", async () => {
    await using registry = new EmbeddedRegistry();
    await newPusher(clientOf(registry)).upload(registry.repository(), new KnownLayer());
    expect(registry.made.find(({ method }) => method === "PATCH")?.headers.get("content-length")).toBe(
      "100000",
    );
  });

  it("is not committed when it is not as long as it said", async () => {
    class Longer extends KnownLayer {
      override async size(): Promise<number> {
        return 99_999;
      }
    }
    await using registry = new EmbeddedRegistry();
    const error = await rejection(newPusher(clientOf(registry)).upload(registry.repository(), new Longer()));
    expect(error).toMatchObject({ code: "ERR_VARVE_LAYER_READ" });
    expect(error.message).toContain("is said to have 99999 bytes, and has more");
  });
});

describe("a stream", () => {
  it("has its upload opened again after what passes, before its first byte is read", async () => {
    let posts = 0;
    await using registry = new EmbeddedRegistry(
      at("POST", (_, next) => (++posts < 3 ? new Response(null, { status: 503 }) : next())),
    );
    await newPusher(clientOf(registry)).upload(registry.repository(), stream());
    expect(registry.count("POST")).toBe(3);
  });

  it("is committed again after what passes, but not sent again", async () => {
    let puts = 0;
    await using registry = new EmbeddedRegistry(
      at("PUT", (_, next) => (++puts < 3 ? new Response(null, { status: 502 }) : next())),
    );
    await newPusher(clientOf(registry)).upload(registry.repository(), stream());
    expect([registry.count("PATCH"), registry.count("PUT")]).toEqual([1, 3]);
  });

  it("acceptance 47: is not sent again after a 503 when a byte of it was taken, and the error is that", async () => {
    await using registry = new EmbeddedRegistry(
      at("PATCH", async ({ body }) => {
        await body?.getReader().read();
        return new Response(null, { status: 503 });
      }),
    );
    const layerToSend = endlessLayer();
    const error = await rejection(newPusher(clientOf(registry)).upload(registry.repository(), layerToSend));
    expect(error).toMatchObject({ name: "RegistryError", status: 503 });
    expect((await rejection(layerToSend.digest())).cause).toBe(error);
    expect(registry.count("PATCH")).toBe(1);
    expect(registry.log.at(-1)).toBe("DELETE repo/blobs/uploads/...");
  });

  it("is begun again in another upload when it was refused before its first byte was taken", async () => {
    const statuses = [503, 429];
    await using registry = new EmbeddedRegistry(
      at("PATCH", (_, next) => {
        const status = statuses.shift();
        return status === undefined ? next() : new Response(null, { status });
      }),
    );
    const bytes = randomBytes(300_000);
    const layerToSend = newLayer([bytes], { compression: "none" });
    const events: UploadProgress[] = [];
    const pusher = newPusher({ ...clientOf(registry), onProgress: (event) => events.push(event) });
    const { digest } = await pusher.upload(registry.repository(), layerToSend);
    expect(String(digest)).toBe(digestOf(bytes));
    expect(registry.log.slice(1).map((line) => line.split(" ")[0])).toEqual([
      ...["POST", "PATCH", "DELETE", "POST", "PATCH", "DELETE"],
      ...["POST", "PATCH", "PUT"],
    ]);
    expect(events.at(-1)).toMatchObject({ phase: "done", attempt: 3, sent: 300_000 });
  });

  it("is ended with the last refusal when it is refused whenever it is begun", async () => {
    await using registry = new EmbeddedRegistry(at("PATCH", () => new Response(null, { status: 503 })));
    const layerToSend = endlessLayer();
    const error = await rejection(newPusher(clientOf(registry)).upload(registry.repository(), layerToSend));
    expect(error).toMatchObject({ name: "RegistryError", status: 503 });
    expect((await rejection(layerToSend.digest())).cause).toBe(error);
    expect([registry.count("PATCH"), registry.count("DELETE")]).toEqual([3, 3]);
  });

  it("is ended when no other upload can be opened for it after it was refused", async () => {
    let posts = 0;
    await using registry = new EmbeddedRegistry((request, next) => {
      if (request.method === "PATCH") return new Response(null, { status: 503 });
      return request.method === "POST" && ++posts > 1 ? new Response(null, { status: 403 }) : next();
    });
    const layerToSend = endlessLayer();
    const error = await rejection(newPusher(clientOf(registry)).upload(registry.repository(), layerToSend));
    expect(error).toMatchObject({ code: "ERR_VARVE_DENIED", method: "POST" });
    expect((await rejection(layerToSend.digest())).cause).toBe(error);
  });

  it("is written once in two images of one pusher, and then known by its digest", async () => {
    await using registry = new EmbeddedRegistry();
    const pusher = newPusher(clientOf(registry));
    const bytes = randomBytes(1000);
    const shared = stream(bytes);
    await Promise.all(["a", "b"].map((name) => pusher.push(registry.tag(`repo:${name}`), imageOf([shared]))));
    await pusher.upload(registry.repository(), new KnownLayer(bytes));
    expect(registry.count("PATCH")).toBe(2);
    await check(registry, registry.tag("repo:b"));
  });
});

describe("mounting", () => {
  async function source(registry: EmbeddedRegistry, name = "from/here:1"): Promise<Image> {
    await write(registry.tag(name), imageOf([known(), known()]), clientOf(registry));
    registry.made.length = 0;
    return image(registry.tag(name), clientOf(registry));
  }

  it("acceptance 42: spares sending what another repository of the registry has", async () => {
    await using registry = new EmbeddedRegistry();
    const pulled = await source(registry);
    const events: string[] = [];
    await write(registry.tag("to/there:1"), pulled, {
      ...clientOf(registry),
      onProgress: ({ phase }) => events.push(phase),
    });
    const posts = registry.made.filter(({ method }) => method === "POST");
    expect(posts.map(({ url }) => url.search).toSorted()).toEqual(
      (await Promise.all([...(await pulled.layers()).map((each) => each.digest()), pulled.configName()]))
        .map((digest) => `?mount=${encodeURIComponent(String(digest))}&from=from%2Fhere`)
        .toSorted(),
    );
    expect(registry.count("PATCH")).toBe(0);
    expect(events.filter((phase) => phase === "mounted")).toHaveLength(3);
    await check(registry, registry.tag("to/there:1"));
  });

  it("acceptance 42: goes on with the session that the registry opens instead", async () => {
    await using registry: EmbeddedRegistry = new EmbeddedRegistry((request, next) => {
      const url = new URL(request.url);
      if (!url.searchParams.has("mount")) return next();
      url.search = "";
      return registry.registry.fetch(new Request(url, { method: "POST" }));
    });
    await write(registry.tag("to/there:1"), await source(registry), clientOf(registry));
    expect([registry.count("POST"), registry.count("PATCH")]).toEqual([3, 3]);
  });

  it.each([
    ["401", () => new Response(null, { status: 401 })],
    ["405", () => new Response(null, { status: 405 })],
    ["500", () => new Response(null, { status: 500 })],
    [
      "a broken connection",
      () => {
        throw fetchFailed("ECONNRESET");
      },
    ],
  ] satisfies [string, Gate][])(
    "acceptance 42: is left be after %s, with one POST without mount",
    async (_, deal) => {
      await using registry = new EmbeddedRegistry(at("POST", deal, "mount="));
      await write(registry.tag("to/there:1"), await source(registry), clientOf(registry));
      expect([registry.count("POST"), registry.count("PATCH")]).toEqual([6, 3]);
      await check(registry, registry.tag("to/there:1"));
    },
  );

  it("is not tried from the same repository, nor from another registry", async () => {
    await using registry = new EmbeddedRegistry();
    const pulled = await source(registry, "repo:1");
    const shelf = new EmbeddedRegistry(undefined, "other.example");
    await write(shelf.tag("repo:1"), pulled, clientOf(shelf));
    expect(shelf.made.every(({ url }) => url.search === "" || url.searchParams.has("digest"))).toBe(true);
    const fresh = new EmbeddedRegistry(at("HEAD", () => new Response(null, { status: 404 })));
    await write(fresh.tag("repo:2"), pulled, clientOf(fresh));
    expect(fresh.made.some(({ url }) => url.searchParams.has("mount"))).toBe(false);
  });

  it("finds the source however a layer is wrapped", async () => {
    await using registry = new EmbeddedRegistry();
    const pulled = await source(registry);
    const [first] = await pulled.layers();
    await newPusher(clientOf(registry)).upload(
      registry.repository("to/there"),
      compressedToLayer(compressedToLayer(first!)),
    );
    expect(registry.made.at(-1)?.url.searchParams.get("from")).toBe("from/here");
  });

  it("acceptance 43: asks for the scope to push first, and for one to pull for each source on the registry", async () => {
    await using registry = new TokenRegistry();
    const options = clientOf(registry);
    const layers: Layer[] = [];
    for (const name of ["a", "b", "b", "repo"]) {
      const { digest } = await newPusher(options).upload(registry.repository(name), known());
      layers.push(await layer(registry.repository(name).digest(digest), options));
    }
    const sizes = await Promise.all(layers.map((each) => each.size()));
    expect(sizes).toEqual([1000, 1000, 1000, 1000]);
    registry.asked.length = 0;
    await write(registry.tag("repo:1"), imageOf(layers), options);
    expect(registry.asked.map(({ url }) => url.searchParams.getAll("scope"))).toEqual([
      ["repository:repo:push,pull"],
      ["repository:repo:push,pull", "repository:a:pull", "repository:b:pull"],
    ]);
  });
});

describe("writing several", () => {
  it("acceptance 51: tags of one image sends its blobs once, and its manifest for each", async () => {
    await using registry = new EmbeddedRegistry();
    const whole = imageOf([known(), known()]);
    const written = await multiWrite(
      new Map(["a", "b"].map((name) => [registry.tag(`repo:${name}`) as Reference, whole as Taggable])),
      clientOf(registry),
    );
    expect(registry.count("PATCH")).toBe(3);
    expect(registry.log.filter((line) => line.startsWith("PUT repo/manifests")).toSorted()).toEqual([
      "PUT repo/manifests/a",
      "PUT repo/manifests/b",
    ]);
    expect(written[0]).toEqual(written[1]);
  });

  it("images sends what they share once in each repository", async () => {
    await using registry = new EmbeddedRegistry();
    const shared = known();
    const names = ["one:a", "one:b", "two:a"];
    await multiWrite(
      new Map(names.map((name) => [registry.tag(name) as Reference, imageOf([shared, known()]) as Taggable])),
      clientOf(registry),
    );
    const sharedPuts = registry.made.filter(({ url }) =>
      url.search.includes(encodeURIComponent(digestOf((shared as KnownLayer).bytes))),
    );
    expect(sharedPuts).toHaveLength(2);
  });

  it("fails with the first failure", async () => {
    await using registry = new EmbeddedRegistry(
      at("HEAD", () => new Response(null, { status: 410 }), "manifests/b"),
    );
    const images = new Map(
      ["a", "b"].map((name) => [registry.tag(`repo:${name}`) as Reference, imageOf([known()]) as Taggable]),
    );
    expect(await rejection(multiWrite(images, clientOf(registry)))).toMatchObject({ status: 410 });
  });
});

describe("writing an index", () => {
  it("acceptance 52: writes each level after its children, however deep they are", async () => {
    await using registry = new EmbeddedRegistry();
    const deepest = new IndexOf(imageOf([known()]), imageOf([known()]));
    const middle = new IndexOf(deepest, imageOf([known()]));
    const top = new IndexOf(middle, random.image(100, 1, { seed: 1 }));
    await writeIndex(registry.tag(), top, clientOf(registry));
    const order = registry.log
      .filter((line) => line.startsWith("PUT repo/manifests/"))
      .map((line) => line.slice(19));
    const place = async (child: Image | ImageIndex): Promise<number> =>
      order.indexOf(String(await child.digest()));
    expect(order).toHaveLength(7);
    expect(await place(deepest)).toBeLessThan(await place(middle));
    expect(await place(middle)).toBeLessThan(order.indexOf("latest"));
    const pulled = await index(registry.tag(), clientOf(registry));
    const below = await pulled.imageIndex(await middle.digest());
    const last = await below.imageIndex(await deepest.digest());
    for (const { digest } of (await last.indexManifest()).manifests ?? []) {
      await checkImage(await last.image(digest));
    }
  });

  it("acceptance 34: holds images with streams", async () => {
    await using registry = new EmbeddedRegistry();
    await writeIndex(
      registry.tag(),
      new IndexOf(imageOf([stream()]), imageOf([known()])),
      clientOf(registry),
    );
    const pulled = await index(registry.tag(), clientOf(registry));
    for (const { digest } of (await pulled.indexManifest()).manifests ?? []) {
      await checkImage(await pulled.image(digest));
    }
  });

  it("writes a child once that is there twice", async () => {
    await using registry = new EmbeddedRegistry();
    const child = imageOf([known()]);
    await writeIndex(registry.tag(), new IndexOf(child, child), clientOf(registry));
    expect(registry.count("PUT", "manifests/sha256")).toBe(1);
  });

  it("that was pulled copies it with all that belongs to it", async () => {
    await using from = new EmbeddedRegistry();
    await writeIndex(from.tag(), random.index(500, 2, 2, { seed: 1 }), clientOf(from));
    await using to = new EmbeddedRegistry(undefined, "other.example");
    const { digest } = await push(to.tag(), await get(from.tag(), clientOf(from)), clientOf(to));
    expect(digest).toEqual((await get(from.tag(), clientOf(from))).digest);
    const pulled = await index(to.tag(), clientOf(to));
    for (const child of (await pulled.indexManifest()).manifests ?? []) {
      await checkImage(await pulled.image(child.digest));
    }
  });
});

describe("writing a manifest only", () => {
  it("puts it blindly", async () => {
    await using registry = new EmbeddedRegistry();
    await write(registry.tag("repo:a"), imageOf([known()]), clientOf(registry));
    registry.made.length = 0;
    const read = await get(registry.tag("repo:a"), clientOf(registry));
    registry.made.length = 0;
    expect(await tag(registry.tag("repo:b"), read, clientOf(registry))).toMatchObject({
      digest: read.digest,
    });
    expect(registry.log).toEqual(["GET ", "PUT repo/manifests/b"]);
    await check(registry, registry.tag("repo:b"));
  });

  it("of bytes of an unknown type is sent as what it says, or as Docker's", async () => {
    const types: (string | null)[] = [];
    await using registry = new EmbeddedRegistry(
      at("PUT", (request) => {
        types.push(request.headers.get("content-type"));
        return new Response(null, { status: 202 });
      }),
    );
    const rawManifest = async (): Promise<Uint8Array> => new TextEncoder().encode("{}");
    await put(registry.tag(), { rawManifest }, clientOf(registry));
    await put(registry.tag(), { rawManifest, mediaType: "text/a" }, clientOf(registry));
    await put(registry.tag(), { rawManifest, mediaType: async () => "text/b" }, clientOf(registry));
    expect(types).toEqual(["application/vnd.docker.distribution.manifest.v2+json", "text/a", "text/b"]);
  });

  it("is refused under a digest that is not its own, and where the registry stored something else", async () => {
    await using registry = new EmbeddedRegistry(
      at(
        "PUT",
        () =>
          new Response(null, {
            status: 201,
            headers: { "docker-content-digest": digestOf(new Uint8Array(1)) },
          }),
      ),
    );
    const taggable = { rawManifest: async () => new TextEncoder().encode("{}") };
    const wrong = registry.repository().digest(digestOf(new Uint8Array()));
    expect(await rejection(put(wrong, taggable, clientOf(registry)))).toMatchObject({
      code: "ERR_VARVE_REMOTE_OPTION",
    });
    expect(registry.count("PUT")).toBe(0);
    expect(await rejection(put(registry.tag(), taggable, clientOf(registry)))).toMatchObject({
      code: "ERR_VARVE_PROTOCOL",
    });
  });

  it("is tried again after what passes", async () => {
    let puts = 0;
    await using registry = new EmbeddedRegistry(
      at("PUT", () => new Response(null, { status: ++puts < 3 ? 503 : 201 })),
    );
    await put(registry.tag(), { rawManifest: async () => new Uint8Array(2) }, clientOf(registry));
    expect(puts).toBe(3);
  });
});

describe("a pusher that is used again", () => {
  it("finds the registry once, and remembers what it has written", async () => {
    await using registry = new EmbeddedRegistry();
    const reuse = newPusher(clientOf(registry));
    const whole = imageOf([known()]);
    await write(registry.tag("repo:a"), whole, { reuse });
    await write(registry.tag("repo:b"), whole, { reuse });
    expect([registry.count("GET"), registry.count("PATCH"), registry.count("PUT", "manifests")]).toEqual([
      1, 2, 2,
    ]);
    expect(registry.log.slice(-2)).toEqual(["HEAD repo/manifests/b", "PUT repo/manifests/b"]);
  });

  it("acceptance 64: does not remember that its beginning was aborted", async () => {
    await using registry: EmbeddedRegistry = new EmbeddedRegistry((request, next) =>
      pinged++ === 0 ? new Promise<Response>(() => request) : next(),
    );
    let pinged = 0;
    const pusher: Pusher = newPusher(clientOf(registry));
    const controller = new AbortController();
    const first = rejection(pusher.upload(registry.repository(), known(), { signal: controller.signal }));
    await vi.waitFor(() => expect(pinged).toBe(1));
    controller.abort(new Error("enough"));
    expect(await first).toMatchObject({ code: "ERR_VARVE_ABORTED" });
    await pusher.upload(registry.repository(), known());
  });

  it("acceptance 64: does not remember a failure, nor let one caller's abortion fail another", async () => {
    let fail = true;
    let letGo: () => void = () => undefined;
    await using registry: EmbeddedRegistry = new EmbeddedRegistry(
      at("POST", async (_, next) => {
        if (fail) return errors(403, { code: "DENIED" });
        await new Promise<void>((resolve) => {
          letGo = resolve;
        });
        return next();
      }),
    );
    const pusher = newPusher(clientOf(registry));
    const shared = known();
    await rejection(pusher.upload(registry.repository(), shared));
    fail = false;
    const controller = new AbortController();
    const aborted = rejection(pusher.upload(registry.repository(), shared, { signal: controller.signal }));
    const other = pusher.upload(registry.repository(), shared);
    await vi.waitFor(() => expect(registry.count("POST")).toBe(2));
    controller.abort();
    expect(await aborted).toMatchObject({ code: "ERR_VARVE_ABORTED" });
    letGo();
    await other;
    expect(registry.count("PATCH")).toBe(1);
  });
});
