import { describe, expect, it } from "vitest";
import { newRegistry, RegistryOptionsError } from "../../src/registry/index.js";
import { digestOf, expectBody, expectError, noise, openUpload, pushManifest, send } from "./exchange.js";

const INDEX = "application/vnd.oci.image.index.v1+json";
const IMAGE = "application/vnd.oci.image.manifest.v1+json";

describe("acceptance 76: warnings", () => {
  it("are in every answer, refusals too", async () => {
    const { fetch } = newRegistry({ warnings: ['it is "old"', "a \\ b"] });
    for (const path of ["/v2/", "/v2/a/manifests/absent", "/nowhere"]) {
      const header = (await send(fetch, "GET", path)).headers.get("Warning");
      expect(header).toBe('299 - "it is \\"old\\"", 299 - "a \\\\ b"');
    }
    expect((await send(newRegistry().fetch, "GET", "/v2/")).headers.get("Warning")).toBeNull();
  });

  it.each(["", "two\nlines", "caf\u00e9", "bell\u0007"])("cannot be %j", (text) => {
    expect(() => newRegistry({ warnings: [text] })).toThrow(RegistryOptionsError);
  });

  it("are 4096 bytes together at most", () => {
    expect(() => newRegistry({ warnings: ["w".repeat(4096 - 8)] })).not.toThrow();
    expect(() => newRegistry({ warnings: ["w".repeat(4096 - 7)] })).toThrow(RegistryOptionsError);
    expect(() => newRegistry({ warnings: ["w".repeat(2500), "w".repeat(2500)] })).toThrow(
      RegistryOptionsError,
    );
  });
});

describe("sparse indexes", () => {
  const index = JSON.stringify({
    schemaVersion: 2,
    manifests: [{ mediaType: IMAGE, digest: digestOf("absent"), size: 6 }],
  });

  it("are refused unless an option allows them", async () => {
    await expectError(
      await pushManifest(newRegistry().fetch, "a", "t", index, INDEX),
      404,
      "MANIFEST_UNKNOWN",
    );
    const { fetch } = newRegistry({ sparseIndexes: true });
    expect((await pushManifest(fetch, "a", "t", index, INDEX)).status).toBe(201);
    expect(await (await send(fetch, "GET", "/v2/a/manifests/t")).text()).toBe(index);
  });

  it("must be indexes all the same", async () => {
    const { fetch } = newRegistry({ sparseIndexes: true });
    await expectError(
      await pushManifest(fetch, "a", "t", '{"manifests":[{}]}', INDEX),
      400,
      "MANIFEST_INVALID",
    );
  });
});

describe("the shortest chunk", () => {
  const blob = noise(250);

  async function chunk(
    fetch: (request: Request) => Promise<Response>,
    path: string,
    first: number,
    end: number,
    method = "PATCH",
  ): Promise<Response> {
    return send(fetch, method, path, {
      headers: { "Content-Range": `${first}-${end - 1}` },
      body: blob.slice(first, end),
    });
  }

  it("is announced when an upload begins", async () => {
    const { fetch } = newRegistry({ chunkMinLength: 100 });
    expect((await send(fetch, "POST", "/v2/a/blobs/uploads/")).headers.get("OCI-Chunk-Min-Length")).toBe(
      "100",
    );
    const free = await send(newRegistry().fetch, "POST", "/v2/a/blobs/uploads/");
    expect(free.headers.get("OCI-Chunk-Min-Length")).toBeNull();
  });

  it("does not hold for the last, whether PATCH or PUT brings it", async () => {
    const { fetch } = newRegistry({ chunkMinLength: 100 });
    for (const method of ["PATCH", "PUT"]) {
      const path = await openUpload(fetch, "a");
      expect((await chunk(fetch, path, 0, 100)).status).toBe(202);
      expect((await chunk(fetch, path, 100, 200)).status).toBe(202);
      const done = `${path}?digest=${digestOf(blob)}`;
      if (method === "PATCH") expect((await chunk(fetch, path, 200, 250)).status).toBe(202);
      const finished =
        method === "PATCH" ? await send(fetch, "PUT", done) : await chunk(fetch, done, 200, 250, "PUT");
      expect(finished.status).toBe(201);
      await expectBody(await send(fetch, "GET", `/v2/a/blobs/${digestOf(blob)}`), blob);
    }
  });

  it("lets none follow one that was shorter: 400 SIZE_INVALID", async () => {
    const { fetch } = newRegistry({ chunkMinLength: 100 });
    const path = await openUpload(fetch, "a");
    expect((await chunk(fetch, path, 0, 99)).status).toBe(202);
    await expectError(await chunk(fetch, path, 99, 250), 400, "SIZE_INVALID");
    await expectError(
      await chunk(fetch, `${path}?digest=${digestOf(blob)}`, 99, 250, "PUT"),
      400,
      "SIZE_INVALID",
    );
    const put = await send(fetch, "PUT", `${path}?digest=${digestOf(blob.slice(0, 99))}`);
    expect(put.status).toBe(201);
  });

  it("counts a chunk that broke off together with its rest", async () => {
    const { fetch } = newRegistry({ chunkMinLength: 100 });
    const path = await openUpload(fetch, "a");
    const broken = await send(fetch, "PATCH", path, {
      headers: { "Content-Range": "0-109" },
      body: blob.slice(0, 60),
    });
    await expectError(broken, 400, "SIZE_INVALID");
    expect((await send(fetch, "GET", path)).headers.get("Range")).toBe("0-59");
    expect((await chunk(fetch, path, 60, 110)).status).toBe(202);
    expect((await chunk(fetch, path, 110, 250)).status).toBe(202);
  });

  it("does not hold for a blob that is streamed", async () => {
    const { fetch } = newRegistry({ chunkMinLength: 1000 });
    const path = await openUpload(fetch, "a");
    expect((await send(fetch, "PATCH", path, { body: blob })).status).toBe(202);
    expect((await send(fetch, "PUT", `${path}?digest=${digestOf(blob)}`)).status).toBe(201);
  });

  it.each([-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])("cannot be %s", (chunkMinLength) => {
    expect(() => newRegistry({ chunkMinLength })).toThrow(RegistryOptionsError);
  });
});

describe("tag parameters", () => {
  it("tag a manifest that is pushed by its digest, of any algorithm", async () => {
    const { fetch } = newRegistry();
    for (const algorithm of ["sha256", "sha512"]) {
      const digest = digestOf("{}", algorithm);
      const pushed = await pushManifest(fetch, "a", `${digest}?tag=b&tag=a&tag=b`, "{}");
      expect(pushed.status).toBe(201);
      expect(pushed.headers.get("OCI-Tag")).toBe("b, a");
      for (const tag of ["a", "b"]) {
        const read = await send(fetch, "HEAD", `/v2/a/manifests/${tag}`);
        expect(read.headers.get("Docker-Content-Digest")).toBe(digest);
      }
    }
  });

  it("mean nothing beside a tag", async () => {
    const { fetch } = newRegistry();
    const pushed = await pushManifest(fetch, "a", "t?tag=u", "{}");
    expect(pushed.headers.get("OCI-Tag")).toBeNull();
    expect(await (await send(fetch, "GET", "/v2/a/tags/list")).json()).toEqual({ name: "a", tags: ["t"] });
  });

  it("are tags, and 32 at most, or nothing is stored", async () => {
    const { fetch } = newRegistry();
    const many = Array.from({ length: 33 }, (_, index) => `tag=t${index}`).join("&");
    for (const query of ["tag=.a", "tag=", "tag=ok&tag=a%20b", many]) {
      await expectError(
        await pushManifest(fetch, "a", `${digestOf("{}")}?${query}`, "{}"),
        400,
        "TAG_INVALID",
      );
    }
    expect((await send(fetch, "GET", `/v2/a/manifests/${digestOf("{}")}`)).status).toBe(404);
  });
});
