import { afterEach, describe, expect, it, vi } from "vitest";
import {
  LayerReadError,
  NetworkError,
  OperationAbortedError,
  ProtocolError,
  RegistryError,
  UnsafeLocationError,
  type UploadProgress,
  type WriteOptions,
  writeLayer,
} from "../../../src/remote/index.js";
import { AbortedError, newLayer, StreamFailedError } from "../../../src/stream/index.js";
import {
  ConsumedError,
  type Descriptor,
  dockerLayer,
  type Layer,
  NotComputedError,
} from "../../../src/v1/index.js";
import {
  type Call,
  errors,
  FakeRegistry,
  fetchFailed,
  type Replies,
  redirectless,
  silence,
} from "../fixture/fake-registry.js";
import {
  digestOf,
  endlessLayer,
  KnownLayer,
  OpenLayer,
  randomBytes,
  type SourceLog,
  source,
} from "../fixture/layers.js";
import { rejection } from "../fixture/thrown.js";

const UPLOADS = "/v2/repo/blobs/uploads/";

/** Each thing is tried once: what is tried again is shown elsewhere. */
function write(registry: FakeRegistry, layer: Layer, options: WriteOptions = {}): Promise<Descriptor> {
  const retryBackoff = { attempts: 1 };
  return writeLayer(registry.repository, layer, { fetch: registry.fetch, retryBackoff, ...options });
}

/** Takes one piece of the body, as a registry does that answers before the end. */
async function taste(call: Call): Promise<void> {
  const reader = (call.init.body as ReadableStream<Uint8Array>).getReader();
  await reader.read();
  reader.releaseLock();
}

/** Takes so many bytes of the body, and does not ask for more, as a runtime does that knows the length. */
async function takeOnly(call: Call, length: number): Promise<void> {
  const reader = (call.init.body as ReadableStream<Uint8Array> | undefined)?.getReader();
  for (let taken = 0; reader !== undefined && taken < length; ) {
    taken += (await reader.read()).value?.byteLength ?? length;
  }
  reader?.releaseLock();
}

function small(): Layer {
  return newLayer(new TextEncoder().encode("a small layer"));
}

afterEach(() => {
  vi.useRealTimers();
});

describe("writing a streaming layer", () => {
  it("acceptance 35: takes exactly POST, PATCH and PUT, without HEAD, mount or Content-Length, and PUT carries the digest", async () => {
    let stored: Uint8Array = new Uint8Array();
    const registry = new FakeRegistry({
      PATCH: async (call) => {
        stored = await call.body();
        return redirectless(202, `${UPLOADS}1?state=second`);
      },
    });
    const layer = newLayer(source(300_000));
    const written = await write(registry, layer);

    const digest = digestOf(stored);
    expect(registry.log).toEqual([
      "GET /v2/",
      `POST ${UPLOADS}`,
      `PATCH ${UPLOADS}1?state=first`,
      `PUT ${UPLOADS}1?state=second&digest=${encodeURIComponent(digest)}`,
    ]);
    const [, post, patch, put] = registry.calls;
    expect(patch?.headers.get("content-type")).toBe("application/octet-stream");
    for (const name of ["content-length", "content-range"]) {
      expect(patch?.headers.has(name)).toBe(false);
    }
    expect([post?.init.body, put?.init.body]).toEqual([undefined, undefined]);
    expect(written).toEqual({
      mediaType: dockerLayer,
      size: stored.byteLength,
      digest: await layer.digest(),
    });
    expect(String(written.digest)).toBe(digest);
  });

  it("acceptance 35: is known for one by what digest() rejects with, whatever its class", async () => {
    class Late extends KnownLayer {
      override digest(): ReturnType<KnownLayer["digest"]> {
        return this.opened === 0 ? Promise.reject(new NotComputedError("digest")) : super.digest();
      }
    }
    const registry = new FakeRegistry();
    const layer = new Late();
    expect(String((await write(registry, layer)).digest)).toBe(digestOf(layer.bytes));
    expect(registry.methods).toEqual(["GET", "POST", "PATCH", "PUT"]);
  });

  it.each([201, 202, 204])("goes on after a PATCH that is answered with %i", async (status) => {
    const registry = new FakeRegistry({
      PATCH: async (call) => {
        await call.body();
        return redirectless(status, `${UPLOADS}1`);
      },
    });
    await write(registry, small());
    expect(registry.methods.at(-1)).toBe("PUT");
  });

  it.each([
    ["absolute", "https://storage.example/u/9", "https://storage.example/u/9?digest="],
    ["path-only", "/u/9", "https://registry.example/u/9?digest="],
    ["relative", "9", "https://registry.example/v2/repo/blobs/uploads/9?digest="],
    ["with a query", "/u/9?_state=a%2Fb+c==", "https://registry.example/u/9?_state=a%2Fb+c==&digest="],
    ["with a digest", "/u/9?digest=old&x=1", "https://registry.example/u/9?x=1&digest="],
  ])(
    "acceptance 39: goes to a Location that is %s, with its query intact and the digest added",
    async (_, location, expected) => {
      const registry = new FakeRegistry({
        POST: () => redirectless(202, location),
        PATCH: async (call) => {
          await call.body();
          return redirectless(202, location);
        },
      });
      await write(registry, small());
      const [, , patch, put] = registry.calls;
      expect(patch?.url).toBe(new URL(location, `https://registry.example${UPLOADS}`).href);
      expect(put?.url.startsWith(expected)).toBe(true);
    },
  );

  it("resolves a relative Location against the URL that answered after redirects", async () => {
    let moved = false;
    const registry = new FakeRegistry({
      POST: () => {
        moved = !moved;
        return moved
          ? redirectless(307, "https://eu.registry.example/v2/repo/blobs/uploads/")
          : redirectless(202, "7");
      },
    });
    await write(registry, small());
    expect(registry.calls[3]?.url).toBe("https://eu.registry.example/v2/repo/blobs/uploads/7");
  });

  it.each(["https://127.0.0.1/u", "https://10.0.0.1/u", "https://[fe80::1]/u", "http://storage.example/u"])(
    "acceptance 40: is not sent to %s",
    async (location) => {
      const log: SourceLog = { pulled: 0, closed: 0 };
      const registry = new FakeRegistry({ POST: () => redirectless(202, location) });
      expect(await rejection(write(registry, endlessLayer(log)))).toBeInstanceOf(UnsafeLocationError);
      expect(registry.methods).toEqual(["GET", "POST"]);
      expect(log).toEqual({ pulled: 0, closed: 0 });
    },
  );

  it("acceptance 40: is not committed at an internal host that the PATCH names", async () => {
    const registry = new FakeRegistry({
      PATCH: async (call) => {
        await call.body();
        return redirectless(202, "https://169.254.169.254/u");
      },
    });
    expect(await rejection(write(registry, small()))).toBeInstanceOf(UnsafeLocationError);
    expect(registry.log.slice(3)).toEqual([`DELETE ${UPLOADS}1?state=first`]);
  });

  it("acceptance 41: fails clearly when POST or PATCH name no Location", async () => {
    const post = new FakeRegistry({ POST: () => new Response(null, { status: 202 }) });
    const first = await rejection(write(post, small()));
    expect(first).toBeInstanceOf(ProtocolError);
    expect(first.message).toContain(
      "POST https://registry.example/v2/repo/blobs/uploads/: missing Location header",
    );

    const patch = new FakeRegistry({
      PATCH: async (call) => {
        await call.body();
        return new Response(null, { status: 202 });
      },
    });
    const second = await rejection(write(patch, small()));
    expect(second.message).toContain(
      "PATCH https://registry.example/v2/repo/blobs/uploads/1?state=REDACTED: missing Location header",
    );
    expect(patch.methods.at(-1)).toBe("DELETE");
  });

  it("acceptance 44: reports a POST that is answered with 400 and NAME_INVALID, does not repeat it, and leaves the layer fresh", async () => {
    const registry = new FakeRegistry({
      POST: () => errors(400, { code: "NAME_INVALID", message: "invalid repository name" }),
    });
    const layer = small();
    const error = await rejection(write(registry, layer));
    expect(error).toBeInstanceOf(RegistryError);
    expect(error.message).toBe(
      "POST https://registry.example/v2/repo/blobs/uploads/: NAME_INVALID: invalid repository name",
    );
    expect(error.retryable).toBe(false);
    expect(registry.methods).toEqual(["GET", "POST"]);
    expect(await rejection(layer.digest())).toBeInstanceOf(NotComputedError);
    await write(new FakeRegistry(), layer);
  });

  it.each([200, 201, 204])(
    "takes no other status than 202 for an opened upload, not even %i",
    async (status) => {
      const registry = new FakeRegistry({ POST: () => redirectless(status, UPLOADS) });
      expect(await rejection(write(registry, small()))).toMatchObject({ name: "RegistryError", status });
    },
  );

  it("acceptance 47: surfaces a 503 on PATCH as that, ends the layer and cancels the session", async () => {
    const log: SourceLog = { pulled: 0, closed: 0 };
    const registry = new FakeRegistry({
      PATCH: async (call) => {
        await taste(call);
        return errors(503, { code: "UNAVAILABLE", message: "try later" });
      },
    });
    const layer = endlessLayer(log);
    const error = await rejection(write(registry, layer));
    expect(error).toBeInstanceOf(RegistryError);
    expect(error).toMatchObject({ status: 503, method: "PATCH", retryable: true });
    for (const value of [layer.digest(), layer.diffID(), layer.size()]) {
      const failure = await rejection(value);
      expect(failure).toBeInstanceOf(AbortedError);
      expect(failure.cause).toBe(error);
    }
    await layer.sourceClosed;
    expect(log.closed).toBe(1);
    expect(registry.log.slice(2)).toEqual([
      `PATCH ${UPLOADS}1?state=first`,
      `DELETE ${UPLOADS}1?state=first`,
    ]);
  });

  it.each([
    ["refuses the DELETE", { DELETE: () => new Response(null, { status: 405 }) }],
    ["fails on the DELETE", { DELETE: () => Promise.reject(fetchFailed("ECONNREFUSED")) }],
    ["redirects the DELETE to nowhere", { DELETE: () => redirectless(307, "https://10.0.0.1/") }],
  ] satisfies [string, Replies][])(
    "acceptance 47: keeps the first error when the registry %s",
    async (_, replies) => {
      const registry = new FakeRegistry({ PATCH: () => errors(503), ...replies });
      expect(await rejection(write(registry, endlessLayer()))).toMatchObject({ status: 503 });
      expect(registry.methods.at(-1)).toBe("DELETE");
    },
  );

  it("acceptance 47: waits two seconds at most for a DELETE, and aborts it then", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const settled = vi.fn();
    let error!: Promise<Error>;
    const registry = await new Promise<FakeRegistry>((resolve) => {
      const asked: FakeRegistry = new FakeRegistry({
        PATCH: () => errors(503),
        DELETE: () => {
          resolve(asked);
          return silence();
        },
      });
      error = rejection(write(asked, endlessLayer())).finally(settled);
    });
    await vi.advanceTimersByTimeAsync(1999);
    expect(settled).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(await error).toMatchObject({ status: 503 });
    expect(registry.calls.at(-1)?.init.signal?.aborted).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("does not wait for ever for a layer that cannot be ended", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const stuck = new OpenLayer(
      async () => new ReadableStream({ cancel: () => new Promise(() => undefined) }, { highWaterMark: 0 }),
    );
    let error!: Promise<Error>;
    await new Promise<void>((resolve) => {
      const registry = new FakeRegistry({
        PATCH: () => errors(503),
        DELETE: () => {
          resolve();
          return new Response(null, { status: 204 });
        },
      });
      error = rejection(write(registry, stuck));
    });
    await vi.advanceTimersByTimeAsync(2000);
    expect(await error).toMatchObject({ status: 503 });
  });

  it("surfaces a broken connection during PATCH as that, ends the layer and cancels the session", async () => {
    const registry = new FakeRegistry({
      PATCH: async (call) => {
        await taste(call);
        throw fetchFailed("ECONNRESET");
      },
    });
    const layer = endlessLayer();
    const error = await rejection(write(registry, layer));
    expect(error).toBeInstanceOf(NetworkError);
    expect(error).toMatchObject({ causeCode: "ECONNRESET", retryable: true });
    expect((await rejection(layer.digest())).cause).toBe(error);
    expect(registry.methods.at(-1)).toBe("DELETE");
  });

  it("surfaces a failing source as that, and not as a failing request", async () => {
    const failure = new Error("disk on fire");
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield randomBytes(200_000);
      throw failure;
    }
    const registry = new FakeRegistry({
      PATCH: async (call) => {
        await call.body().catch(() => {
          throw fetchFailed("UND_ERR_SOCKET");
        });
        return redirectless(202, UPLOADS);
      },
    });
    const layer = newLayer(failing(), { compression: "none" });
    const error = await rejection(write(registry, layer));
    expect(error).toBeInstanceOf(LayerReadError);
    expect(error.cause).toBe(failure);
    expect(error.message).toContain("disk on fire");
    const value = await rejection(layer.digest());
    expect(value).toBeInstanceOf(StreamFailedError);
    expect(value.cause).toBe(failure);
    expect(registry.methods.slice(2)).toEqual(["PATCH", "DELETE"]);
  });

  it("does not wait for a request whose runtime overlooks that its body has failed", async () => {
    const failure = new Error("disk on fire");
    const registry = new FakeRegistry({
      PATCH: (call) => {
        call.body().catch(() => undefined);
        return silence();
      },
    });
    const layer = new OpenLayer(
      async () => new ReadableStream({ pull: () => Promise.reject(failure) }, { highWaterMark: 0 }),
    );
    expect((await rejection(write(registry, layer))).cause).toBe(failure);
    expect(registry.calls[3]?.init.signal?.aborted).toBe(true);
  });

  it("of a known size is complete with its last byte, though nobody asked whether there is more", async () => {
    const layer = new KnownLayer();
    for (const upload of ["streaming", "monolithic"] as const) {
      const registry = new FakeRegistry({
        PATCH: async (call) => {
          await takeOnly(call, layer.bytes.length);
          return redirectless(202, UPLOADS);
        },
        PUT: async (call) => {
          await takeOnly(call, layer.bytes.length);
          return new Response(null, { status: 201 });
        },
      });
      expect(await write(registry, layer, { upload })).toMatchObject({ size: layer.bytes.length });
      expect(registry.methods).not.toContain("DELETE");
    }
  });

  it("of a known size whose last byte is accepted still fails if only its end tells that it is wrong", async () => {
    const wrong = new TypeError("another digest");
    const layer = new OpenLayer(async () => {
      let given = false;
      return new ReadableStream(
        {
          pull(controller) {
            if (given) controller.error(wrong);
            else controller.enqueue(new Uint8Array(100_000));
            given = true;
          },
        },
        { highWaterMark: 0 },
      );
    });
    const registry = new FakeRegistry({
      PATCH: async (call) => {
        await takeOnly(call, 100_000);
        return redirectless(202, UPLOADS);
      },
    });
    const error = await rejection(write(registry, layer, { upload: "streaming" }));
    expect(error).toBeInstanceOf(LayerReadError);
    expect(error.cause).toBe(wrong);
    expect(registry.methods.slice(-2)).toEqual(["PATCH", "DELETE"]);
  });

  it("is not taken for complete when a registry accepts it before its end", async () => {
    const registry = new FakeRegistry({
      PATCH: async (call) => {
        await taste(call);
        return redirectless(202, UPLOADS);
      },
    });
    const layer = endlessLayer();
    const error = await rejection(write(registry, layer));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toMatch(/answered with status 202 when only \d+ bytes of the layer had been sent/);
    expect(await rejection(layer.digest())).toBeInstanceOf(AbortedError);
    expect(registry.methods.slice(2)).toEqual(["PATCH", "DELETE"]);
  });

  it("is not sent twice when the PATCH is redirected", async () => {
    const registry = new FakeRegistry({ PATCH: () => redirectless(307, "https://storage.example/u") });
    const error = await rejection(write(registry, endlessLayer()));
    expect(error.message).toContain("redirected the upload to storage.example");
    expect(registry.methods.filter((method) => method === "PATCH")).toHaveLength(1);
  });

  it("rejects with what the layer says when it cannot be opened, and cancels the session", async () => {
    const registry = new FakeRegistry();
    const layer = newLayer(new Uint8Array(10), { compressionLevel: 42 });
    expect(await rejection(write(registry, layer))).toMatchObject({ code: "ERR_VARVE_COMPRESSION_LEVEL" });
    expect(registry.methods).toEqual(["GET", "POST", "DELETE"]);
  });

  it("makes no request for a layer that has failed before", async () => {
    const layer = small();
    await (layer as ReturnType<typeof newLayer>).close("not wanted");
    const registry = new FakeRegistry();
    expect(await rejection(write(registry, layer))).toBeInstanceOf(AbortedError);
    expect(registry.calls).toEqual([]);
  });
});

describe("committing", () => {
  it.each([200, 202, 204])("accepts 201 alone, and not %i", async (status) => {
    const registry = new FakeRegistry({ PUT: () => new Response(null, { status }) });
    expect(await rejection(write(registry, small()))).toMatchObject({
      name: "RegistryError",
      status,
      method: "PUT",
    });
    expect(registry.methods.at(-1)).toBe("DELETE");
  });

  it("shows the digest but not the upload's secrets when the registry refuses it", async () => {
    const registry = new FakeRegistry({
      PUT: () => errors(400, { code: "DIGEST_INVALID", message: "mismatch" }),
    });
    const { message } = await rejection(write(registry, small()));
    expect(message).toMatch(
      /uploads\/1\?state=REDACTED&digest=sha256%3A[0-9a-f]{64}: DIGEST_INVALID: mismatch$/,
    );
  });

  it("accepts a registry that confirms the digest, and not one that confirms another", async () => {
    const layer = new KnownLayer();
    const confirming = (digest: string): FakeRegistry =>
      new FakeRegistry({
        PUT: () => new Response(null, { status: 201, headers: { "docker-content-digest": digest } }),
      });
    await write(confirming(digestOf(layer.bytes)), layer);
    const other = digestOf(new Uint8Array());
    const error = await rejection(write(confirming(other), layer));
    expect(error).toBeInstanceOf(ProtocolError);
    expect(error.message).toContain(`committed ${other} where ${digestOf(layer.bytes)} was sent`);
  });

  it("acceptance 49: takes a session that is unknown at PUT for committed if the blob is there", async () => {
    const registry = new FakeRegistry({
      PUT: () => errors(404, { code: "BLOB_UPLOAD_UNKNOWN", message: "unknown" }),
      HEAD: () => new Response(null, { status: 200 }),
    });
    const layer = small();
    const written = await write(registry, layer);
    expect(written.digest).toEqual(await layer.digest());
    expect(registry.log.slice(-1)).toEqual([`HEAD /v2/repo/blobs/${written.digest}`]);
    expect(registry.methods).toEqual(["GET", "POST", "PATCH", "PUT", "HEAD"]);
  });

  it.each([
    ["is not there", () => new Response(null, { status: 404 })],
    ["cannot be asked for", () => new Response(null, { status: 500 })],
    ["cannot be asked for at all", () => Promise.reject(fetchFailed("ECONNRESET"))],
  ])("acceptance 49: fails with the PUT's own error if the blob %s", async (_, HEAD) => {
    const registry = new FakeRegistry({ PUT: () => errors(404, { code: "BLOB_UPLOAD_UNKNOWN" }), HEAD });
    expect(await rejection(write(registry, small()))).toMatchObject({
      method: "PUT",
      code: "ERR_VARVE_NOT_FOUND",
    });
    expect(registry.methods).toEqual(["GET", "POST", "PATCH", "PUT", "HEAD", "DELETE"]);
  });

  it("acceptance 49: asks again whether the blob is there after what passes", async () => {
    const heads = [503, 499, 200];
    const registry = new FakeRegistry({
      PUT: () => errors(404, { code: "BLOB_UPLOAD_UNKNOWN" }),
      HEAD: () => new Response(null, { status: heads.shift() ?? 404 }),
    });
    await write(registry, small(), { retryBackoff: { attempts: 3, delay: 0 } });
    expect(registry.methods).toEqual(["GET", "POST", "PATCH", "PUT", "HEAD", "HEAD", "HEAD"]);
  });

  it("asks whether the blob is there when the session is gone without a word, and keeps what came first", async () => {
    const gone = (...heads: number[]): FakeRegistry => {
      let puts = 0;
      return new FakeRegistry({
        PUT: () => (++puts === 1 ? errors(503) : new Response(null, { status: 404 })),
        HEAD: () => new Response(null, { status: heads.shift() ?? 404 }),
      });
    };
    const retryBackoff = { attempts: 3, delay: 0 };
    expect((await write(gone(200), small(), { retryBackoff })).size).toBeGreaterThan(0);
    const error = await rejection(write(gone(), small(), { retryBackoff }));
    expect(error).toMatchObject({ status: 404, cause: { status: 503 } });
  });

  it("does not ask for the blob after other refusals", async () => {
    const registry = new FakeRegistry({ PUT: () => errors(404, { code: "NAME_UNKNOWN" }) });
    expect(await rejection(write(registry, small()))).toMatchObject({ status: 404 });
    expect(registry.methods).not.toContain("HEAD");
  });

  it("leaves the layer's values true when only the commit failed", async () => {
    const layer = small();
    await rejection(write(new FakeRegistry({ PUT: () => errors(503) }), layer));
    expect(await layer.size()).toBeGreaterThan(0);
  });
});

describe("writing a layer that knows its digest", () => {
  it("acceptance 36: asks for it first, and sends it if it is not there", async () => {
    const layer = new KnownLayer();
    const registry = new FakeRegistry();
    expect(await write(registry, layer)).toEqual({
      mediaType: dockerLayer,
      size: layer.bytes.byteLength,
      digest: await layer.digest(),
    });
    expect(registry.methods).toEqual(["GET", "HEAD", "POST", "PATCH", "PUT"]);
    expect(registry.log[1]).toBe(`HEAD /v2/repo/blobs/${digestOf(layer.bytes)}`);
  });

  it("acceptance 36: stops at a HEAD that finds it", async () => {
    const layer = new KnownLayer();
    const registry = new FakeRegistry({ HEAD: () => new Response(null, { status: 200 }) });
    expect(String((await write(registry, layer)).digest)).toBe(digestOf(layer.bytes));
    expect(registry.methods).toEqual(["GET", "HEAD"]);
    expect(layer.opened).toBe(0);
  });

  it("acceptance 36: fails on any other answer to HEAD, and hints that HEAD tells no more", async () => {
    const registry = new FakeRegistry({ HEAD: () => new Response(null, { status: 500 }) });
    const error = await rejection(write(registry, new KnownLayer()));
    expect(error).toMatchObject({ method: "HEAD", status: 500 });
    expect(error.message).toContain("use GET for details");
    expect(registry.methods).toEqual(["GET", "HEAD"]);
  });

  it("finds a streaming layer that was written before, and cannot send it again", async () => {
    const layer = small();
    await write(new FakeRegistry(), layer);
    const having = new FakeRegistry({ HEAD: () => new Response(null, { status: 200 }) });
    await write(having, layer);
    expect(having.methods).toEqual(["GET", "HEAD"]);
    const lacking = new FakeRegistry();
    expect(await rejection(write(lacking, layer))).toBeInstanceOf(ConsumedError);
    expect(lacking.methods).toEqual(["GET", "HEAD", "POST", "DELETE"]);
  });
});

describe("aborting", () => {
  it("makes no request and does not touch the layer when the signal is aborted already", async () => {
    const reason = new Error("enough");
    const registry = new FakeRegistry();
    const layer = new KnownLayer();
    const digest = vi.spyOn(layer, "digest");
    const error = await rejection(write(registry, layer, { signal: AbortSignal.abort(reason) }));
    expect(error).toBeInstanceOf(OperationAbortedError);
    expect(error).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: reason, retryable: false });
    expect(error.message).toBe("writing a layer to registry.example/repo was aborted (enough)");
    expect(registry.calls).toEqual([]);
    expect(digest).not.toHaveBeenCalled();
  });

  /** Aborts as soon as a request with the method is made, which is never answered. */
  async function abortAt(
    method: string,
    layer: Layer,
  ): Promise<{ registry: FakeRegistry; error: Error; reason: Error }> {
    const reason = new Error("enough");
    const controller = new AbortController();
    const registry = new FakeRegistry({
      [method]: async (call) => {
        await (call.init.body === undefined ? undefined : taste(call));
        setImmediate(() => controller.abort(reason));
        return silence();
      },
    });
    const error = await rejection(write(registry, layer, { signal: controller.signal }));
    expect(error).toBeInstanceOf(OperationAbortedError);
    expect(error.cause).toBe(reason);
    return { registry, error, reason };
  }

  it.each(["GET", "POST"])("during %s rejects at once and leaves a streaming layer fresh", async (method) => {
    const layer = small();
    const { registry } = await abortAt(method, layer);
    expect(registry.methods.at(-1)).toBe(method);
    await write(new FakeRegistry(), layer);
  });

  it("during HEAD rejects at once", async () => {
    const layer = new KnownLayer();
    const { registry } = await abortAt("HEAD", layer);
    expect(registry.methods).toEqual(["GET", "HEAD"]);
    expect(layer.opened).toBe(0);
  });

  it("during PATCH ends the layer, closes its source and cancels the session", async () => {
    const log: SourceLog = { pulled: 0, closed: 0 };
    const layer = endlessLayer(log);
    const { registry, reason } = await abortAt("PATCH", layer);
    const failure = await rejection(layer.digest());
    expect(failure).toBeInstanceOf(AbortedError);
    expect(failure.cause).toBe(reason);
    await layer.sourceClosed;
    expect(log.closed).toBe(1);
    expect(registry.log.slice(2)).toEqual([
      `PATCH ${UPLOADS}1?state=first`,
      `DELETE ${UPLOADS}1?state=first`,
    ]);
    expect(registry.calls.at(-1)?.init.signal?.aborted).toBe(true);
  });

  it("during PATCH does not wait for a source whose read never settles", async () => {
    const layer = newLayer({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<Uint8Array>>(() => undefined),
      }),
    });
    const controller = new AbortController();
    const registry = new FakeRegistry({
      PATCH: (call) => {
        call.body().catch(() => undefined);
        setImmediate(() => controller.abort("enough"));
        return silence();
      },
    });
    const error = await rejection(write(registry, layer, { signal: controller.signal }));
    expect(error).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
    expect(await rejection(layer.digest())).toBeInstanceOf(AbortedError);
    expect(registry.methods.at(-1)).toBe("DELETE");
  });

  it("during PUT cancels the session, and leaves the layer's values true", async () => {
    const layer = small();
    const { registry } = await abortAt("PUT", layer);
    expect(registry.log.at(-1)).toBe(`DELETE ${UPLOADS}1?state=second`);
    expect(await layer.size()).toBeGreaterThan(0);
  });

  it.each(["digest", "compressed"] as const)(
    "does not wait for a layer whose %s() never settles",
    async (method) => {
      const layer = new KnownLayer();
      const controller = new AbortController();
      vi.spyOn(layer, method).mockImplementation(() => {
        setImmediate(() => controller.abort());
        return new Promise<never>(() => undefined);
      });
      const registry = new FakeRegistry();
      const error = await rejection(write(registry, layer, { signal: controller.signal }));
      expect(error).toBeInstanceOf(OperationAbortedError);
      expect(registry.methods).toEqual(method === "digest" ? [] : ["GET", "HEAD", "POST", "DELETE"]);
    },
  );

  it("ends a stream that a layer opens too late", async () => {
    const controller = new AbortController();
    const cancelled = new Promise<unknown>((resolve) => {
      const layer = new OpenLayer(async () => {
        controller.abort("enough");
        return new ReadableStream({ cancel: resolve }, { highWaterMark: 0 });
      });
      write(new FakeRegistry(), layer, { signal: controller.signal }).catch(() => undefined);
    });
    expect(await cancelled).toBe("enough");
  });

  it("lets an error stand that came before", async () => {
    const controller = new AbortController();
    const registry = new FakeRegistry({
      PATCH: () => errors(503),
      DELETE: () => {
        controller.abort();
        return new Response(null, { status: 204 });
      },
    });
    const error = await rejection(write(registry, endlessLayer(), { signal: controller.signal }));
    expect(error).toMatchObject({ name: "RegistryError", status: 503 });
  });

  it("leaves nothing on the signal when all is done, or has failed", async () => {
    for (const replies of [{}, { PATCH: () => errors(503) }, { PUT: () => errors(500) }]) {
      const { signal } = new AbortController();
      const add = vi.spyOn(signal, "addEventListener");
      const remove = vi.spyOn(signal, "removeEventListener");
      await write(new FakeRegistry(replies), small(), { signal }).catch(() => undefined);
      await new Promise((resolve) => setImmediate(resolve));
      const listeners = (spy: typeof add | typeof remove): Set<unknown> =>
        new Set(spy.mock.calls.map(([, on]) => on));
      expect(add).toHaveBeenCalled();
      expect(listeners(remove)).toEqual(listeners(add));
    }
  });
});

describe("progress", () => {
  async function events(registry: FakeRegistry, layer: Layer): Promise<UploadProgress[]> {
    const seen: UploadProgress[] = [];
    await write(registry, layer, { onProgress: (event) => seen.push(event) }).catch(() => undefined);
    return seen;
  }

  it("of a known layer names its digest and its total from the beginning", async () => {
    const layer = new KnownLayer();
    const fixed = { scope: digestOf(layer.bytes), total: 100_000, attempt: 1 };
    expect(await events(new FakeRegistry(), layer)).toEqual([
      { ...fixed, phase: "checking", sent: 0 },
      { ...fixed, phase: "opening", sent: 0 },
      { ...fixed, phase: "uploading", sent: 100_000 },
      { ...fixed, phase: "committing", sent: 100_000 },
      { ...fixed, phase: "done", sent: 100_000 },
    ]);
  });

  it("of a stream grows piece by piece, and knows the total at its end", async () => {
    const layer = newLayer(source(300_000), { compression: "none" });
    const seen = await events(new FakeRegistry(), layer);
    const uploading = seen.filter(({ phase }) => phase === "uploading");
    expect(uploading.length).toBeGreaterThan(1);
    expect(uploading.every((event) => !("total" in event))).toBe(true);
    expect(uploading.map(({ sent }) => sent)).toEqual(
      uploading.map(({ sent }) => sent).sort((a, b) => a - b),
    );
    expect(seen.slice(-2)).toEqual(
      ["committing", "done"].map((phase) => ({
        scope: seen[0]?.scope,
        phase,
        sent: 300_000,
        total: 300_000,
        attempt: 1,
      })),
    );
  });

  it("gives each stream a name of its own", async () => {
    const [[first], [second]] = [
      await events(new FakeRegistry(), small()),
      await events(new FakeRegistry(), small()),
    ];
    expect(first?.scope).toMatch(/^stream-\d+$/);
    expect(second?.scope).not.toBe(first?.scope);
  });

  it("of a layer that is there already ends without an upload", async () => {
    const registry = new FakeRegistry({ HEAD: () => new Response(null, { status: 200 }) });
    expect((await events(registry, new KnownLayer())).map(({ phase }) => phase)).toEqual([
      "checking",
      "existing",
    ]);
  });

  it("ends without a word when the writing fails", async () => {
    const registry = new FakeRegistry({ PUT: () => errors(500) });
    expect((await events(registry, small())).at(-1)?.phase).toBe("committing");
  });

  it("fails the writing with what its listener throws, and cleans up", async () => {
    const bug = new Error("the progress bar is broken");
    const registry = new FakeRegistry();
    const layer = endlessLayer();
    const onProgress = ({ phase }: UploadProgress): void => {
      if (phase === "uploading") {
        throw bug;
      }
    };
    expect(await rejection(write(registry, layer, { onProgress }))).toBe(bug);
    expect(await rejection(layer.digest())).toBeInstanceOf(AbortedError);
    expect(registry.methods.at(-1)).toBe("DELETE");
  });
});

describe("what goes with every request", () => {
  it("is varve's name, and the caller's before it", async () => {
    const registry = new FakeRegistry({ PUT: () => errors(500) });
    await rejection(write(registry, new KnownLayer(), { userAgent: "builder/2.1" }));
    expect(registry.methods).toEqual(["GET", "HEAD", "POST", "PATCH", "PUT", "DELETE"]);
    for (const { headers } of registry.calls) {
      expect(headers.get("user-agent")).toMatch(/^builder\/2\.1 varve\/\d/);
    }
  });

  it("is the runtime's fetch where none is given", async () => {
    const registry = new FakeRegistry();
    vi.stubGlobal("fetch", registry.fetch);
    try {
      await writeLayer(registry.repository, new KnownLayer(randomBytes(10)));
    } finally {
      vi.unstubAllGlobals();
    }
    expect(registry.methods).toContain("PUT");
  });
});
