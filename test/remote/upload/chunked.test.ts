import { describe, expect, it, vi } from "vitest";
import {
  RegistryError,
  UploadLostError,
  type UploadProgress,
  type WriteOptions,
  writeLayer,
} from "../../../src/remote/index.js";
import { newLayer } from "../../../src/stream/index.js";
import type { Descriptor, Layer } from "../../../src/v1/index.js";
import { clientOf, EmbeddedRegistry, type Gate } from "../fixture/embedded-registry.js";
import { errors, fetchFailed } from "../fixture/fake-registry.js";
import { digestOf, endlessLayer, KnownLayer, randomBytes } from "../fixture/layers.js";
import { rejection } from "../fixture/thrown.js";

const CHUNK = 100_000;
const content = randomBytes(450_001);

function stream(bytes: Uint8Array = content): Layer {
  return newLayer([bytes.subarray(0, 123_456), bytes.subarray(123_456)], { compression: "none" });
}

function write(registry: EmbeddedRegistry, layer: Layer, options: WriteOptions = {}): Promise<Descriptor> {
  return writeLayer(registry.repository(), layer, {
    ...clientOf(registry),
    upload: "chunked",
    chunkSize: CHUNK,
    ...options,
  });
}

async function stored(registry: EmbeddedRegistry, digest: unknown): Promise<string> {
  const url = `https://registry.example/v2/repo/blobs/${digest}`;
  return digestOf(new Uint8Array(await (await registry.registry.fetch(new Request(url))).arrayBuffer()));
}

/** Deals with PATCHes by number, from 1. */
function atPatch(
  deal: (patch: number, request: Request, next: () => Promise<Response>) => ReturnType<Gate>,
): Gate {
  let patches = 0;
  return (request, next) => (request.method === "PATCH" ? deal(++patches, request, next) : next());
}

const reset = (): never => {
  throw fetchFailed("ECONNRESET");
};

/** The registry takes only some bytes of the body, and then the connection breaks. */
async function cut(registry: EmbeddedRegistry, request: Request, bytes: number): Promise<never> {
  const part = new Uint8Array(await request.arrayBuffer()).slice(0, bytes);
  const url = new URL(request.url);
  const status = await registry.registry.fetch(new Request(url, { method: "GET" }));
  const held = Number(status.headers.get("range")?.split("-")[1] ?? 0);
  const from = held === 0 ? 0 : held + 1;
  const headers = { "content-range": `${from}-${from + bytes - 1}` };
  await registry.registry.fetch(new Request(url, { method: "PATCH", headers, body: part }));
  return reset();
}

describe("a chunked upload", () => {
  it("acceptance 65: sends chunk after chunk, with an inclusive Content-Range, and then commits", async () => {
    await using registry = new EmbeddedRegistry();
    const { digest, size } = await write(registry, stream());
    expect(registry.log).toEqual([
      "GET ",
      "POST repo/blobs/uploads/",
      ...new Array(5).fill("PATCH repo/blobs/uploads/..."),
      "PUT repo/blobs/uploads/...",
    ]);
    const patches = registry.made.filter(({ method }) => method === "PATCH");
    expect(patches.map(({ headers }) => headers.get("content-range"))).toEqual([
      "0-99999",
      "100000-199999",
      "200000-299999",
      "300000-399999",
      "400000-450000",
    ]);
    expect(patches.map(({ bytes }) => bytes)).toEqual([CHUNK, CHUNK, CHUNK, CHUNK, 50_001]);
    expect(patches[0]?.headers.get("content-type")).toBe("application/octet-stream");
    expect([String(digest), size]).toEqual([digestOf(content), content.length]);
    expect(await stored(registry, digest)).toBe(digestOf(content));
  });

  it.each([
    [0, 0],
    [1, 1],
    [CHUNK, 1],
    [CHUNK + 1, 2],
  ])("of %i bytes takes %i PATCHes", async (length, patches) => {
    await using registry = new EmbeddedRegistry();
    const bytes = content.subarray(0, length);
    const { digest } = await write(registry, newLayer(bytes, { compression: "none" }));
    expect(registry.count("PATCH")).toBe(patches);
    expect(await stored(registry, digest)).toBe(digestOf(bytes));
  });

  it("acceptance 65: makes each chunk as long as the registry asks", async () => {
    await using registry = new EmbeddedRegistry(async (request, next) => {
      const response = await next();
      if (request.method === "POST") response.headers.set("oci-chunk-min-length", "200000");
      return response;
    });
    await write(registry, stream());
    expect(registry.made.filter(({ method }) => method === "PATCH").map(({ bytes }) => bytes)).toEqual([
      200_000, 200_000, 50_001,
    ]);
  });

  it.each([
    [{ "oci-chunk-min-length": "900000000000000" }, {}, ["900000000000000", "67108864"]],
    [{ "oci-chunk-min-length": "200001" }, { maxChunkSize: 200_000 }, ["200001", "200000"]],
    [{ "oci-chunk-min-length": "3000", "oci-chunk-max-length": "2000" }, {}, ["3000", "2000"]],
  ])("is given up when the registry asks for chunks by %j, with %j", async (headers, options, numbers) => {
    const registry = new EmbeddedRegistry(async (request, next) => {
      const response = await next();
      for (const [name, value] of request.method === "POST" ? Object.entries(headers) : []) {
        response.headers.set(name, value);
      }
      return response;
    });
    const error = await rejection(write(registry, stream(), options));
    expect(error).toMatchObject({ code: "ERR_VARVE_PROTOCOL" });
    for (const number of numbers) expect(error.message).toContain(number);
    expect(registry.count("PATCH")).toBe(0);
    expect(registry.count("DELETE")).toBe(1);
  });

  it("keeps to the longest chunk that a registry names, though the specification has no such header", async () => {
    await using registry = new EmbeddedRegistry(async (request, next) => {
      const response = await next();
      if (request.method === "POST") response.headers.set("oci-chunk-max-length", "90000");
      return response;
    });
    await write(registry, stream());
    expect(registry.made.find(({ method }) => method === "PATCH")?.bytes).toBe(90_000);
  });

  it("acceptance 48: asks the registry after a reset, and goes on from what it has", async () => {
    for (const taken of [0, 1, 60_000, CHUNK]) {
      const registry: EmbeddedRegistry = new EmbeddedRegistry(
        atPatch((patch, request, next) =>
          patch === 3 ? (taken === 0 ? reset() : cut(registry, request, taken)) : next(),
        ),
      );
      const { digest } = await write(registry, stream());
      expect(String(digest)).toBe(digestOf(content));
      expect(await stored(registry, digest)).toBe(digestOf(content));
      expect(registry.count("GET", "uploads")).toBe(1);
      const ranges = registry.made.map(({ headers }) => headers.get("content-range"));
      expect(ranges).toContain(`${200_000 + taken}-${Math.min(299_999 + taken, 450_000)}`);
    }
  });

  it.each([408, 429, 499, 500, 501, 502, 503, 504, 507, 520, 522, 524])("survives a %i", async (status) => {
    await using registry = new EmbeddedRegistry(
      atPatch((patch, _, next) => (patch === 2 ? new Response(null, { status }) : next())),
    );
    expect(String((await write(registry, stream())).digest)).toBe(digestOf(content));
    expect(registry.count("GET", "uploads")).toBe(1);
  });

  it.each([
    "ETIMEDOUT",
    "UND_ERR_CONNECT_TIMEOUT",
    "UND_ERR_HEADERS_TIMEOUT",
    "ECONNREFUSED",
    "EHOSTUNREACH",
  ])("survives %s, at a chunk and when the registry is asked", async (code) => {
    let asked = 0;
    const fail = (): never => {
      throw fetchFailed(code);
    };
    const gate = atPatch((patch, _, next) => (patch === 2 ? fail() : next()));
    await using registry = new EmbeddedRegistry((request, next) =>
      request.method === "GET" && request.url.includes("uploads") && ++asked < 3
        ? fail()
        : gate(request, next),
    );
    expect(String((await write(registry, stream())).digest)).toBe(digestOf(content));
    expect(asked).toBe(3);
  });

  it("survives a registry that blames itself with a code of its own, and gives up on a certificate", async () => {
    await using registry = new EmbeddedRegistry(
      atPatch((patch, _, next) => (patch === 2 ? errors(500, { code: "INTERNAL_ERROR" }) : next())),
    );
    expect(String((await write(registry, stream())).digest)).toBe(digestOf(content));
    const forged = new EmbeddedRegistry(
      atPatch(() => {
        throw fetchFailed("CERT_HAS_EXPIRED");
      }),
    );
    expect(await rejection(write(forged, stream()))).toMatchObject({ causeCode: "CERT_HAS_EXPIRED" });
    expect([forged.count("PATCH"), forged.count("GET", "uploads")]).toEqual([1, 0]);
  });

  it("survives a status that cannot be had at once", async () => {
    let asked = 0;
    const gate = atPatch((patch, _, next) => (patch === 2 ? reset() : next()));
    await using registry = new EmbeddedRegistry((request, next) => {
      const status = request.method === "GET" && request.url.includes("uploads");
      return status && ++asked < 3 ? new Response(null, { status: 503 }) : gate(request, next);
    });
    expect(String((await write(registry, stream())).digest)).toBe(digestOf(content));
    expect(asked).toBe(3);
  });

  it("gives a chunk three tries, and counts anew when the registry has come to have more", async () => {
    const often = new EmbeddedRegistry(
      atPatch((patch, _, next) => (patch % 3 === 0 ? next() : new Response(null, { status: 503 }))),
    );
    await write(often, stream());
    expect(often.count("PATCH")).toBe(15);
    const always = new EmbeddedRegistry(
      atPatch((patch, _, next) => (patch === 1 ? next() : new Response(null, { status: 503 }))),
    );
    const error = await rejection(write(always, stream()));
    expect(error).toMatchObject({ name: "RegistryError", status: 503, method: "PATCH" });
    expect(always.count("PATCH")).toBe(4);
    expect(always.log.at(-1)).toBe("DELETE repo/blobs/uploads/...");
  });

  it("waits before a try as long as the registry asks", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    try {
      let refused!: () => void;
      const once = new Promise<void>((resolve) => {
        refused = resolve;
      });
      const registry = new EmbeddedRegistry(
        atPatch((patch, _, next) => {
          if (patch !== 1) return next();
          refused();
          return new Response(null, { status: 429, headers: { "retry-after": "7" } });
        }),
      );
      const writing = write(registry, stream());
      await once;
      await vi.advanceTimersByTimeAsync(6999);
      expect(registry.count("PATCH")).toBe(1);
      await vi.advanceTimersByTimeAsync(1);
      await writing;
    } finally {
      vi.useRealTimers();
    }
  });

  it("acceptance 65: after 416 asks what the registry has, and goes on from there", async () => {
    await using registry: EmbeddedRegistry = new EmbeddedRegistry(
      atPatch(async (patch, request, next) => {
        if (patch !== 2) return next();
        await cut(registry, request, 30_000).catch(() => undefined);
        return errors(416, { code: "BLOB_UPLOAD_INVALID", message: "out of order" });
      }),
    );
    const { digest } = await write(registry, stream());
    expect(await stored(registry, digest)).toBe(digestOf(content));
    expect(registry.made.map(({ headers }) => headers.get("content-range"))).toContain("130000-229999");
  });

  it.each([413, 416])(
    "makes chunks smaller while they are at hand, when a registry answers those that are too large with %i",
    async (status) => {
      await using registry = new EmbeddedRegistry(
        atPatch(async (_, request, next) =>
          Number(request.headers.get("content-range")?.split("-")[1]) -
            Number(request.headers.get("content-range")?.split("-")[0]) >=
          70_000
            ? errors(status, { code: "SIZE_INVALID", message: "body exceeds the limit" })
            : next(),
        ),
      );
      const { digest } = await write(registry, stream(), { chunkSize: 300_000 });
      expect(await stored(registry, digest)).toBe(digestOf(content));
      const sizes = registry.made.filter(({ method }) => method === "PATCH").map(({ bytes }) => bytes);
      expect(sizes.slice(0, 4)).toEqual([300_000, 150_000, 75_000, 65_536]);
      expect(new Set(sizes.slice(3, -1))).toEqual(new Set([65_536]));
    },
  );

  it("does not make chunks smaller than the registry says they must be", async () => {
    await using registry = new EmbeddedRegistry(async (request, next) => {
      if (request.method === "PATCH") return new Response(null, { status: 413 });
      const response = await next();
      if (request.method === "POST") response.headers.set("oci-chunk-min-length", "200000");
      return response;
    });
    expect(await rejection(write(registry, stream()))).toMatchObject({ status: 413 });
    expect(registry.count("PATCH")).toBe(1);
  });

  it("acceptance 65: asks at the first Range that does not advance, and goes on if that was all that was wrong", async () => {
    await using registry = new EmbeddedRegistry(
      atPatch(async (patch, _, next) => {
        const response = await next();
        if (patch >= 2) response.headers.set("range", "0-99999");
        return response;
      }),
    );
    const { digest } = await write(registry, stream());
    expect(await stored(registry, digest)).toBe(digestOf(content));
    expect(registry.log.slice(2, 6)).toEqual([
      "PATCH repo/blobs/uploads/...",
      "PATCH repo/blobs/uploads/...",
      "GET repo/blobs/uploads/...",
      "PATCH repo/blobs/uploads/...",
    ]);
    expect(registry.count("PATCH")).toBe(5);
  });

  it("acceptance 65: sends again what a registry accepted and does not have, and says so if that goes on", async () => {
    const lying = (until: number): EmbeddedRegistry =>
      new EmbeddedRegistry(
        atPatch(async (patch, _, next) =>
          patch >= 2 && patch < until
            ? new Response(null, {
                status: 202,
                headers: { location: String(_.url), range: "0-99999" },
              })
            : next(),
        ),
      );
    const once = lying(3);
    const { digest } = await write(once, stream());
    expect(await stored(once, digest)).toBe(digestOf(content));
    expect(once.count("PATCH")).toBe(6);

    const error = await rejection(write(lying(100), stream()));
    expect(error).toMatchObject({ code: "ERR_VARVE_PROTOCOL" });
    expect(error.message).toContain(
      "accepted bytes 100000 to 199999, and then said that it has those to 99999",
    );
  });

  it("does not look at a Range that is known to be wrong", async () => {
    await using registry = new EmbeddedRegistry(
      atPatch(async (_, __, next) => {
        const response = await next();
        response.headers.set("range", "0-7");
        return response;
      }),
    );
    await write(registry, stream(), { quirks: { "registry.example": "zot" } });
    expect(registry.count("GET", "uploads")).toBe(0);
  });

  it("does not ask a registry that is known not to answer", async () => {
    await using registry = new EmbeddedRegistry(
      atPatch((patch, _, next) => (patch === 2 ? reset() : next())),
    );
    const quirks = { "registry.example": { canAsk: false } };
    expect(await rejection(write(registry, stream(), { quirks }))).toMatchObject({ causeCode: "ECONNRESET" });
    expect(registry.count("GET", "uploads")).toBe(0);
  });

  it("says with both offsets that bytes are gone which the registry had confirmed", async () => {
    const registry: EmbeddedRegistry = new EmbeddedRegistry(async (request, next) => {
      if (request.method === "GET" && request.url.includes("uploads")) {
        return new Response(null, { status: 204, headers: { range: "0-150000", location: request.url } });
      }
      return gate(request, next);
    });
    const gate = atPatch((patch, _, next) => (patch === 4 ? reset() : next()));
    const layer = stream();
    const error = await rejection(write(registry, layer));
    expect(error).toBeInstanceOf(UploadLostError);
    expect(error).toMatchObject({ acknowledged: 300_000, stored: 150_001, retryable: true });
    expect(error.message).toContain("had confirmed 300000 bytes of the upload and now has 150001");
    expect(error.cause).toMatchObject({ causeCode: "ECONNRESET" });
    expect(await rejection(layer.digest())).toMatchObject({ code: "ERR_VARVE_ABORTED" });
  });

  it.each([
    ["at a chunk", (request: Request) => request.method === "PATCH"],
    ["when it is asked", (request: Request) => request.method === "GET"],
  ])("says of a session that is gone %s how far it had come", async (_, at) => {
    const gate = atPatch((patch, request, next) => {
      if (patch < 3) return next();
      return at(request) ? errors(404, { code: "BLOB_UPLOAD_UNKNOWN" }) : reset();
    });
    const registry = new EmbeddedRegistry((request, next) =>
      request.method === "GET" && request.url.includes("uploads")
        ? errors(404, { code: "BLOB_UPLOAD_INVALID" })
        : gate(request, next),
    );
    const error = await rejection(write(registry, stream()));
    expect(error).toBeInstanceOf(UploadLostError);
    expect(error).toMatchObject({ acknowledged: 200_000, stored: undefined });
    expect(error.message).toContain("no longer knows the upload, of which it had confirmed 200000 bytes");
  });

  it("begins anew with a layer that can be read again when the session is gone", async () => {
    const layer = new KnownLayer(content);
    await using registry = new EmbeddedRegistry(
      atPatch((patch, _, next) => (patch === 3 ? errors(404, { code: "BLOB_UPLOAD_UNKNOWN" }) : next())),
    );
    await write(registry, layer);
    expect(layer.opened).toBe(2);
    expect(registry.count("POST")).toBe(2);
    expect(await stored(registry, digestOf(content))).toBe(digestOf(content));
  });

  it("is not fooled by a registry that has more than was sent", async () => {
    const registry: EmbeddedRegistry = new EmbeddedRegistry(async (request, next) => {
      if (request.method === "GET" && request.url.includes("uploads")) {
        return new Response(null, { status: 204, headers: { range: "0-900000", location: request.url } });
      }
      return gate(request, next);
    });
    const gate = atPatch((patch, _, next) => (patch === 2 ? reset() : next()));
    expect((await rejection(write(registry, stream()))).message).toContain("something else writes to it too");
  });

  it("fails with a refusal that does not pass, without asking", async () => {
    const registry = new EmbeddedRegistry(
      atPatch((patch, _, next) => (patch === 2 ? errors(403, { code: "DENIED" }) : next())),
    );
    const error = await rejection(write(registry, stream()));
    expect(error).toBeInstanceOf(RegistryError);
    expect(error).toMatchObject({ status: 403 });
    expect(registry.count("GET", "uploads")).toBe(0);
  });

  it("goes to the newest Location each time", async () => {
    let step = 0;
    const registry = new EmbeddedRegistry(async (request, next) => {
      const response = await next();
      const location = response.headers.get("location");
      if (location?.includes("uploads")) response.headers.set("location", `${location}?state=${++step}`);
      if (request.method === "PATCH" || request.method === "PUT") {
        expect(new URL(request.url).searchParams.get("state")).toBe(
          String(step - (request.method === "PATCH" ? 1 : 0)),
        );
      }
      return response;
    });
    await write(registry, stream());
  });

  it("ends the layer with the failure as the reason, and forgets the session", async () => {
    const registry = new EmbeddedRegistry(atPatch(() => errors(403, { code: "DENIED" })));
    const layer = endlessLayer();
    const error = await rejection(write(registry, layer));
    expect(error).toMatchObject({ status: 403 });
    expect((await rejection(layer.digest())).cause).toBe(error);
    expect(registry.log.at(-1)).toBe("DELETE repo/blobs/uploads/...");
  });

  it("rejects at once when it is aborted, be it while the source is waited for", async () => {
    const controller = new AbortController();
    const silent = newLayer(
      {
        async *[Symbol.asyncIterator]() {
          yield content.subarray(0, 150_000);
          setImmediate(() => controller.abort(new Error("enough")));
          await new Promise(() => undefined);
        },
      },
      { compression: "none" },
    );
    const registry = new EmbeddedRegistry();
    const error = await rejection(write(registry, silent, { signal: controller.signal, chunkSize: 300_000 }));
    expect(error).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: { message: "enough" } });
    expect(registry.log.at(-1)).toBe("DELETE repo/blobs/uploads/...");
  });

  it("tells of bytes when the registry has confirmed them, of each once", async () => {
    const registry: EmbeddedRegistry = new EmbeddedRegistry(
      atPatch((patch, request, next) => (patch === 3 ? cut(registry, request, 60_000) : next())),
    );
    const events: UploadProgress[] = [];
    await write(registry, stream(), { onProgress: (event) => events.push(event) });
    expect(events.filter(({ phase }) => phase === "uploading").map(({ sent }) => sent)).toEqual([
      100_000, 200_000, 260_000, 360_000, 450_001,
    ]);
    expect(events.at(-1)).toMatchObject({ phase: "done", sent: 450_001, total: 450_001, attempt: 1 });
  });

  it.each([0, -1, 1.5, Number.NaN])("is refused with chunks of %d bytes", async (chunkSize) => {
    const registry = new EmbeddedRegistry();
    expect(await rejection(write(registry, stream(), { chunkSize }))).toMatchObject({
      code: "ERR_VARVE_REMOTE_OPTION",
    });
    expect(registry.made).toEqual([]);
  });
});
