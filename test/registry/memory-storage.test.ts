import { describe, expect, it } from "vitest";
import { newMemoryStorage, newRegistry } from "../../src/registry/index.js";
import { newHash } from "../../src/v1/index.js";
import {
  bytesOf,
  digestOf,
  expectBody,
  expectError,
  noise,
  openUpload,
  pushBlob,
  pushManifest,
  send,
  streamOf,
} from "./exchange.js";

describe("MemoryStorage", () => {
  const MIB = 1024 * 1024;

  it("refuses what exceeds its limit with 507, drops the upload, and serves on", async () => {
    const storage = newMemoryStorage({ limit: MIB });
    const { fetch } = newRegistry({ storage });
    const kept = await pushBlob(fetch, "a", noise(300_000));
    const before = storage.used;

    const path = await openUpload(fetch, "a");
    const tooMuch = streamOf(Array.from({ length: 20 }, (_, i) => noise(60_000, i + 1)));
    await expectError(await send(fetch, "PATCH", path, { body: tooMuch }), 507, "DENIED");
    await expectError(await send(fetch, "GET", path), 404, "BLOB_UPLOAD_UNKNOWN");
    expect(storage.used).toBe(before);

    const large = noise(MIB);
    const whole = await send(fetch, "POST", `/v2/a/blobs/uploads/?digest=${digestOf(large)}`, {
      body: large,
    });
    expect(await whole.clone().text()).toContain(String(MIB));
    await expectError(whole, 507, "DENIED");
    expect(storage.used).toBe(before);

    await expectBody(await send(fetch, "GET", `/v2/a/blobs/${kept}`), noise(300_000));
    await pushBlob(fetch, "a", noise(300_000, 2));
  });

  it.each([Number.NaN, -1, 1.5, Number.POSITIVE_INFINITY])(
    "refuses the limit %s, which would be none",
    (limit) => {
      expect(() => newMemoryStorage({ limit })).toThrow(
        expect.objectContaining({ code: "ERR_VARVE_STORAGE_LIMIT" }),
      );
    },
  );

  it("makes room when something is deleted", async () => {
    const storage = newMemoryStorage({ limit: MIB });
    const { fetch } = newRegistry({ storage });
    const digest = await pushBlob(fetch, "a", noise(900_000));
    const next = noise(900_000, 2);
    const refused = await send(fetch, "POST", `/v2/a/blobs/uploads/?digest=${digestOf(next)}`, {
      body: next,
    });
    expect(refused.status).toBe(507);
    await send(fetch, "DELETE", `/v2/a/blobs/${digest}`);
    await pushBlob(fetch, "a", next);
  });

  it("counts manifests, tags, names and repositories, and forgets them when they go", async () => {
    const storage = newMemoryStorage({ limit: MIB });
    const { fetch } = newRegistry({ storage });
    await pushManifest(fetch, "a", "keep", "{}");
    const before = storage.used;
    const pushed = await pushManifest(fetch, "a", "one", `{"x":"${"y".repeat(1000)}"}`);
    await pushManifest(fetch, "a", "two", `{"x":"${"y".repeat(1000)}"}`);
    const blob = await pushBlob(fetch, "a", noise(5000));
    expect(storage.used).toBeGreaterThan(before + 6000);
    await send(fetch, "DELETE", pushed.headers.get("Location") as string);
    await send(fetch, "DELETE", `/v2/a/blobs/${blob}`);
    expect(storage.used).toBe(before);
  });

  it("refuses endless manifests, tags and repositories", async () => {
    const push = async (at: (i: number) => readonly [string, string, string]): Promise<Response> => {
      const { fetch } = newRegistry({ storage: newMemoryStorage({ limit: 100_000 }) });
      let response = new Response();
      for (let i = 0; i < 300 && response.ok; i++) response = await pushManifest(fetch, ...at(i));
      return response;
    };
    await expectError(await push((i) => ["a", `t${i}`, "{}"]), 507, "DENIED");
    await expectError(await push((i) => [`r${i}`, "t", "{}"]), 507, "DENIED");
    await expectError(await push((i) => ["a", "t", `{"i":${i}}`]), 507, "DENIED");
  });

  it("counts the media types of manifests, which are as long as their clients like", async () => {
    const storage = newMemoryStorage({ limit: 100_000 });
    const { fetch } = newRegistry({ storage });
    const push = (tag: string, text: string, type: string): Promise<Response> =>
      pushManifest(fetch, "a", tag, text, type);
    await push("t", "{}", "application/x");
    const before = storage.used;
    const long = await push("t", "{}", `application/x; a=${"b".repeat(10_000)}`);
    expect(storage.used - before).toBe(10_004);
    await push("t", "{}", "application/x");
    expect(storage.used).toBe(before);
    await send(fetch, "DELETE", long.headers.get("Location") as string);
    expect(storage.used).toBeLessThan(before);
    let response = long;
    for (let i = 0; i < 20 && response.ok; i++) {
      response = await push("t", `{"i":${i}}`, `application/x; a=${"b".repeat(10_000)}`);
    }
    await expectError(response, 507, "DENIED");
  });

  it("counts equal bytes once, however many push them", async () => {
    const storage = newMemoryStorage({ limit: MIB });
    const { fetch } = newRegistry({ storage });
    for (const repository of ["a", "b", "c", "a"]) await pushBlob(fetch, repository, noise(400_000));
    expect(storage.used).toBeLessThan(410_000);
  });

  it("frees an unfinished upload that is cancelled", async () => {
    const storage = newMemoryStorage({ limit: MIB });
    const { fetch } = newRegistry({ storage });
    const path = await openUpload(fetch, "a");
    await send(fetch, "PATCH", path, { body: noise(500_000) });
    expect(storage.used).toBeGreaterThanOrEqual(500_000);
    await send(fetch, "DELETE", path);
    expect(storage.used).toBe(0);
  });

  it("lets a reader that began finish, though the blob is deleted meanwhile", async () => {
    const { fetch } = newRegistry({ storage: newMemoryStorage({ limit: 4 * MIB }) });
    const blob = noise(MIB);
    const digest = await pushBlob(fetch, "a", blob);
    const response = await send(fetch, "GET", `/v2/a/blobs/${digest}`);
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    const first = await reader.read();
    await send(fetch, "DELETE", `/v2/a/blobs/${digest}`);
    let length = first.value?.length ?? 0;
    for (let next = await reader.read(); !next.done; next = await reader.read()) length += next.value.length;
    expect(length).toBe(MIB);
  });

  it("keeps what it holds apart from what it hands out", async () => {
    const storage = newMemoryStorage({ limit: MIB });
    const { fetch } = newRegistry({ storage });
    await pushManifest(fetch, "a", "t", "{}");
    const response = await send(fetch, "GET", "/v2/a/manifests/t");
    (await bytesOf(response)).fill(0);
    const stored = await storage.manifests.get("a", newHash(digestOf("{}")));
    expect(new TextDecoder().decode(stored?.bytes)).toBe("{}");
  });
});
