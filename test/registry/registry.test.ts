import { describe, expect, it, vi } from "vitest";
import { newMemoryStorage, newRegistry, type Storage } from "../../src/registry/index.js";
import { digestOf, expectError, openUpload, pushManifest, send, streamOf } from "./exchange.js";

const INDEX = "application/vnd.oci.image.index.v1+json";

describe("newRegistry", () => {
  it("needs no options, and its fetch no object", async () => {
    const { fetch } = newRegistry();
    expect((await send(fetch, "GET", "/v2/")).status).toBe(200);
    const pushed = await pushManifest(fetch, "a", "t", "{}");
    expect(pushed.status).toBe(201);
  });

  it("keeps nothing from one registry to the next, unless they share a store", async () => {
    const storage = newMemoryStorage({ limit: 1e6 });
    await pushManifest(newRegistry({ storage }).fetch, "a", "t", "{}");
    expect((await send(newRegistry({ storage }).fetch, "GET", "/v2/a/manifests/t")).status).toBe(200);
    expect((await send(newRegistry().fetch, "GET", "/v2/a/manifests/t")).status).toBe(404);
  });

  it("answers 500 without a word of the cause when its store fails, and rejects nothing though its owner's ear fails, too", async () => {
    const { blobs, manifests } = newMemoryStorage({ limit: 1e6 });
    const storage: Storage = {
      blobs,
      manifests: Object.assign(Object.create(manifests) as typeof manifests, {
        repositories: async () => {
          throw new Error("secret path /home/me");
        },
      }),
    };
    const onError = vi.fn(() => {
      throw new Error("the ear fails");
    });
    const response = await send(newRegistry({ storage, onError }).fetch, "GET", "/v2/_catalog");
    expect(await response.clone().text()).not.toContain("secret");
    await expectError(response, 500, "UNKNOWN");
    expect(onError).toHaveBeenCalledOnce();
  });

  it("does not tell its owner of refusals", async () => {
    const onError = vi.fn();
    const { fetch } = newRegistry({ onError });
    await send(fetch, "GET", "/v2/a/manifests/absent");
    await send(fetch, "PATCH", "/v2/a/blobs/uploads/absent", { body: "x" });
    expect(onError).not.toHaveBeenCalled();
  });

  it("forbids browsers to guess types", async () => {
    const { fetch } = newRegistry();
    await pushManifest(fetch, "a", "t", "<script>", "application/x");
    for (const path of ["/v2/", "/v2/a/manifests/t", "/v2/a/manifests/absent"]) {
      expect((await send(fetch, "GET", path)).headers.get("X-Content-Type-Options")).toBe("nosniff");
    }
  });

  it("has error bodies of the protocol's form, with facts for programs", async () => {
    const { fetch } = newRegistry();
    const digest = digestOf("x");
    const response = await send(fetch, "GET", `/v2/a/blobs/${digest}`);
    expect(response.headers.get("Content-Length")).toBe(String((await response.clone().text()).length));
    expect(await response.json()).toEqual({
      errors: [
        {
          code: "BLOB_UNKNOWN",
          message: expect.stringContaining(digest),
          detail: { repository: "a", digest },
        },
      ],
    });
  });
});

describe("the manifest limit", () => {
  it("is 4 MiB unless an option says otherwise", async () => {
    const { fetch } = newRegistry();
    const body = (length: number): Uint8Array => new Uint8Array(length).fill(32);
    const push = (length: number): Promise<Response> =>
      send(fetch, "PUT", "/v2/a/manifests/t", {
        headers: { "Content-Type": "application/x" },
        body: body(length),
      });
    expect((await push(4 * 1024 * 1024)).status).toBe(201);
    await expectError(await push(4 * 1024 * 1024 + 1), 413, "SIZE_INVALID");
  });

  it("is held against the bytes that come, and stops reading there", async () => {
    const { fetch } = newRegistry({ manifestLimit: 1000 });
    let given = 0;
    const endless = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          given += 100;
          controller.enqueue(new Uint8Array(100).fill(32));
        },
      },
      { highWaterMark: 0 },
    );
    const response = await send(fetch, "PUT", "/v2/a/manifests/t", {
      headers: { "Content-Type": "application/x" },
      body: endless,
    });
    await expectError(response, 413, "SIZE_INVALID");
    expect(given).toBe(1100);
  });

  it("is held against the Content-Length before anything is read", async () => {
    const { fetch } = newRegistry({ manifestLimit: 1000 });
    const pull = vi.fn();
    const response = await send(fetch, "PUT", "/v2/a/manifests/t", {
      headers: { "Content-Type": "application/x", "Content-Length": "1001" },
      body: new ReadableStream({ pull }, { highWaterMark: 0 }),
    });
    await expectError(response, 413, "SIZE_INVALID");
    expect(pull).not.toHaveBeenCalled();
  });

  it("takes a manifest in pieces, and refuses one that breaks off", async () => {
    const { fetch } = newRegistry();
    const pieces = ['{"schemaVersion":2,', '"layers":[]}'].map((text) => new TextEncoder().encode(text));
    const push = (failure?: Error): Promise<Response> =>
      send(fetch, "PUT", "/v2/a/manifests/t", {
        headers: { "Content-Type": "application/vnd.oci.image.manifest.v1+json" },
        body: streamOf(pieces, failure),
      });
    await expectError(await push(new Error("reset")), 400, "MANIFEST_INVALID");
    expect((await send(fetch, "GET", "/v2/a/manifests/t")).status).toBe(404);
    expect((await push()).status).toBe(201);
  });

  it("is no reason to choke on a deeply nested manifest", async () => {
    const { fetch } = newRegistry();
    const depth = 500_000;
    const nested = `{"manifests":${"[".repeat(depth)}${"]".repeat(depth)}}`;
    const response = await pushManifest(fetch, "a", "t", nested, INDEX);
    await expectError(response, 400, "MANIFEST_INVALID");
  });
});

describe("bodies", () => {
  it("are pulled one chunk at a time, as fast as the store takes them, and a session tells of what is stored", async () => {
    const storage = newMemoryStorage({ limit: 1e6 });
    let letGo: () => void = () => {};
    let stored = 0;
    const slow: Storage = {
      manifests: storage.manifests,
      blobs: Object.assign(Object.create(storage.blobs) as typeof storage.blobs, {
        beginUpload: async () => ({
          append: async (chunks: AsyncIterable<Uint8Array>) => {
            for await (const chunk of chunks) {
              await new Promise<void>((resolve) => {
                letGo = resolve;
              });
              stored += chunk.length;
            }
          },
          discard: async () => {},
        }),
      }),
    };
    const { fetch } = newRegistry({ storage: slow });
    const path = await openUpload(fetch, "a");
    let given = 0;
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          if (given === 10) controller.close();
          else {
            given += 1;
            controller.enqueue(new Uint8Array(10));
          }
        },
      },
      { highWaterMark: 0 },
    );
    const patch = send(fetch, "PATCH", path, { body });
    for (let i = 1; i <= 10; i++) {
      await vi.waitFor(() => expect(given).toBe(i));
      for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
      expect({ given, stored }).toEqual({ given: i, stored: 10 * (i - 1) });
      const { headers } = await send(fetch, "GET", path);
      expect(headers.get("Range")).toBe(`0-${Math.max(stored - 1, 0)}`);
      letGo();
    }
    expect((await patch).status).toBe(202);
  });

  it("are given up when the store fails", async () => {
    const storage = newMemoryStorage({ limit: 10_000 });
    const { fetch } = newRegistry({ storage });
    const path = await openUpload(fetch, "a");
    const cancel = vi.fn();
    const endless = new ReadableStream<Uint8Array>(
      { pull: (controller) => controller.enqueue(new Uint8Array(1000)), cancel },
      { highWaterMark: 0 },
    );
    await expectError(await send(fetch, "PATCH", path, { body: endless }), 507, "DENIED");
    expect(cancel).toHaveBeenCalledOnce();
  });
});
