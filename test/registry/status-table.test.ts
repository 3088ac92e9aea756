import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { newRegistry, type Registry } from "../../src/registry/index.js";
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
} from "./exchange.js";
import { type OpenStore, stores } from "./stores.js";

const ABSENT = digestOf("never pushed");
const INDEX = "application/vnd.oci.image.index.v1+json";
const IMAGE = "application/vnd.oci.image.manifest.v1+json";

describe.each(stores)("acceptance 76: the registry over a $kind store", ({ open }) => {
  let store: OpenStore;
  let registry: Registry;
  const blob = noise(1000);

  beforeEach(async () => {
    store = await open();
    registry = newRegistry({ storage: store.storage });
  });
  afterEach(async () => {
    await registry.close();
    await store.remove();
  });

  const ask = (method: string, path: string, sent = {}): Promise<Response> =>
    send(registry.fetch, method, path, sent);

  describe("GET /v2/", () => {
    it.each(["/v2/", "/v2"])("answers 200 at %s and names the protocol", async (path) => {
      const response = await ask("GET", path);
      expect(response.status).toBe(200);
      expect(response.headers.get("Docker-Distribution-API-Version")).toBe("registry/2.0");
      expect(await response.json()).toEqual({});
    });

    it("answers HEAD without a body", async () => {
      const response = await ask("HEAD", "/v2/");
      expect(response.status).toBe(200);
      expect(response.body).toBeNull();
    });

    it.each(["/", "/v1/_ping", "/v2/a", "/v2/a/unknown/x", "/v2/../etc/passwd"])(
      "answers 404 at %s",
      async (path) => {
        await expectError(await ask("GET", path), 404, "UNSUPPORTED");
      },
    );
  });

  describe("HEAD and GET blobs/<digest>", () => {
    it("answers 200 with length, type and digest, to HEAD without the body", async () => {
      const digest = await pushBlob(registry.fetch, "a", blob);
      for (const method of ["GET", "HEAD"]) {
        const response = await ask(method, `/v2/a/blobs/${digest}`);
        expect(response.status).toBe(200);
        expect(Object.fromEntries(response.headers)).toMatchObject({
          "accept-ranges": "bytes",
          "content-length": "1000",
          "content-type": "application/octet-stream",
          "docker-content-digest": digest,
        });
        if (method === "HEAD") expect(response.body).toBeNull();
        else await expectBody(response, blob);
      }
    });

    it.each([
      ["bytes=0-0", 0, 0],
      ["bytes=10-19", 10, 19],
      ["bytes=990-", 990, 999],
      ["bytes=-5", 995, 999],
      ["bytes=500-5000", 500, 999],
    ])("answers 206 for %s", async (range, first, last) => {
      const digest = await pushBlob(registry.fetch, "a", blob);
      const response = await ask("GET", `/v2/a/blobs/${digest}`, { headers: { Range: range } });
      expect(response.status).toBe(206);
      expect(response.headers.get("Content-Range")).toBe(`bytes ${first}-${last}/1000`);
      expect(response.headers.get("Content-Length")).toBe(String(last - first + 1));
      expect(response.headers.get("Docker-Content-Digest")).toBe(digest);
      await expectBody(response, blob.slice(first, last + 1));
    });

    it.each(["bytes=1000-", "bytes=7-3", "bytes=x-y", "bytes=-0"])("answers 416 for %s", async (range) => {
      const digest = await pushBlob(registry.fetch, "a", blob);
      const response = await ask("GET", `/v2/a/blobs/${digest}`, { headers: { Range: range } });
      expect(response.headers.get("Content-Range")).toBe("bytes */1000");
      await expectError(response, 416, "SIZE_INVALID");
    });

    it("ignores a Range on HEAD, and units and lists that it need not know", async () => {
      const digest = await pushBlob(registry.fetch, "a", blob);
      const path = `/v2/a/blobs/${digest}`;
      expect((await ask("HEAD", path, { headers: { Range: "bytes=0-1" } })).status).toBe(200);
      for (const range of ["lines=1-2", "bytes=0-1,5-6"]) {
        const response = await ask("GET", path, { headers: { Range: range } });
        expect(response.status).toBe(200);
        expect((await bytesOf(response)).length).toBe(1000);
      }
    });

    it("answers 404 BLOB_UNKNOWN for an absent blob", async () => {
      await expectError(await ask("GET", `/v2/a/blobs/${ABSENT}`), 404, "BLOB_UNKNOWN");
      const head = await ask("HEAD", `/v2/a/blobs/${ABSENT}`);
      expect(head.status).toBe(404);
      expect(head.body).toBeNull();
    });

    it.each([
      "sha256:abc",
      "latest",
      `md5:${"0".repeat(32)}`,
      `sha256:${"A".repeat(64)}`,
      "sha256:..%2f..%2fetc",
    ])("answers 400 DIGEST_INVALID for %s", async (reference) => {
      await expectError(await ask("GET", `/v2/a/blobs/${reference}`), 400, "DIGEST_INVALID");
    });

    it("shows a blob only in the repository that it was pushed to", async () => {
      const digest = await pushBlob(registry.fetch, "a", blob);
      expect((await ask("HEAD", `/v2/a/blobs/${digest}`)).status).toBe(200);
      expect((await ask("HEAD", `/v2/b/blobs/${digest}`)).status).toBe(404);
      await expectError(await ask("GET", `/v2/b/blobs/${digest}`), 404, "BLOB_UNKNOWN");
    });

    it("keeps an empty blob", async () => {
      const digest = await pushBlob(registry.fetch, "a", "");
      const response = await ask("GET", `/v2/a/blobs/${digest}`);
      expect(response.headers.get("Content-Length")).toBe("0");
      expect((await bytesOf(response)).length).toBe(0);
    });
  });

  describe("DELETE blobs/<digest>", () => {
    it("answers 202, then the blob is gone", async () => {
      const digest = await pushBlob(registry.fetch, "a", blob);
      expect((await ask("DELETE", `/v2/a/blobs/${digest}`)).status).toBe(202);
      expect((await ask("HEAD", `/v2/a/blobs/${digest}`)).status).toBe(404);
      await expectError(await ask("DELETE", `/v2/a/blobs/${digest}`), 404, "BLOB_UNKNOWN");
    });

    it("leaves the blob to other repositories, and goes with the last", async () => {
      const digest = await pushBlob(registry.fetch, "a", blob);
      await pushBlob(registry.fetch, "b", blob);
      await ask("POST", `/v2/c/blobs/uploads/?mount=${digest}&from=a`);
      await ask("DELETE", `/v2/a/blobs/${digest}`);
      for (const holder of ["b", "c"]) {
        await expectBody(await ask("GET", `/v2/${holder}/blobs/${digest}`), blob);
        await ask("DELETE", `/v2/${holder}/blobs/${digest}`);
        expect((await ask("HEAD", `/v2/${holder}/blobs/${digest}`)).status).toBe(404);
      }
      await pushBlob(registry.fetch, "a", blob);
      expect((await ask("HEAD", `/v2/a/blobs/${digest}`)).status).toBe(200);
      expect((await ask("HEAD", `/v2/b/blobs/${digest}`)).status).toBe(404);
    });

    it("answers 400 for a bad digest", async () => {
      await expectError(await ask("DELETE", "/v2/a/blobs/x"), 400, "DIGEST_INVALID");
    });
  });

  describe("POST blobs/uploads/", () => {
    it("opens a session: 202, a relative Location, Range 0-0", async () => {
      for (const path of ["/v2/a/b/blobs/uploads/", "/v2/a/b/blobs/uploads"]) {
        const response = await ask("POST", path);
        expect(response.status).toBe(202);
        expect(response.headers.get("Location")).toMatch(/^\/v2\/a\/b\/blobs\/uploads\/[\da-f-]{36}$/);
        expect(response.headers.get("Range")).toBe("0-0");
        expect(response.headers.get("Location")).toContain(response.headers.get("Docker-Upload-UUID"));
        expect(response.headers.get("Content-Length")).toBe("0");
      }
    });

    it("takes a whole blob with ?digest=: 201 with its Location", async () => {
      const digest = digestOf(blob);
      const response = await ask("POST", `/v2/a/blobs/uploads/?digest=${digest}`, { body: blob });
      expect(response.status).toBe(201);
      expect(response.headers.get("Location")).toBe(`/v2/a/blobs/${digest}`);
      expect(response.headers.get("Docker-Content-Digest")).toBe(digest);
      await expectBody(await ask("GET", `/v2/a/blobs/${digest}`), blob);
    });

    it("refuses a whole blob of another digest: 400 DIGEST_INVALID, and keeps nothing", async () => {
      await expectError(
        await ask("POST", `/v2/a/blobs/uploads/?digest=${ABSENT}`, { body: blob }),
        400,
        "DIGEST_INVALID",
      );
      expect((await ask("HEAD", `/v2/a/blobs/${ABSENT}`)).status).toBe(404);
      expect((await ask("HEAD", `/v2/a/blobs/${digestOf(blob)}`)).status).toBe(404);
    });

    it("refuses a malformed digest: 400 DIGEST_INVALID", async () => {
      await expectError(
        await ask("POST", "/v2/a/blobs/uploads/?digest=x", { body: blob }),
        400,
        "DIGEST_INVALID",
      );
    });

    it("mounts a blob of another repository: 201", async () => {
      const digest = await pushBlob(registry.fetch, "from/here", blob);
      const response = await ask("POST", `/v2/to/there/blobs/uploads/?mount=${digest}&from=from/here`);
      expect(response.status).toBe(201);
      expect(response.headers.get("Location")).toBe(`/v2/to/there/blobs/${digest}`);
      expect(response.headers.get("Docker-Content-Digest")).toBe(digest);
      await expectBody(await ask("GET", `/v2/to/there/blobs/${digest}`), blob);
    });

    it("mounts a blob of any repository when none is named: 201", async () => {
      const digest = await pushBlob(registry.fetch, "some/where", blob);
      const response = await ask("POST", `/v2/to/there/blobs/uploads/?mount=${digest}`);
      expect(response.status).toBe(201);
      expect(response.headers.get("Location")).toBe(`/v2/to/there/blobs/${digest}`);
      await ask("DELETE", `/v2/some/where/blobs/${digest}`);
      await expectBody(await ask("GET", `/v2/to/there/blobs/${digest}`), blob);
      await ask("DELETE", `/v2/to/there/blobs/${digest}`);
      expect((await ask("POST", `/v2/some/where/blobs/uploads/?mount=${digest}`)).status).toBe(202);
    });

    it.each([
      ["the source does not hold", `mount=${ABSENT}&from=a`],
      ["no repository holds, though none is named", `mount=${ABSENT}`],
      ["is empty of a name", `mount=${digestOf(noise(1000))}&from=`],
      ["another repository holds", `mount=${digestOf(noise(1000))}&from=empty`],
      ["a bad digest names", "mount=x&from=a"],
      ["a bad name holds", `mount=${digestOf(noise(1000))}&from=..%2Fa`],
    ])("opens a session instead of mounting what %s", async (_, query) => {
      await pushBlob(registry.fetch, "a", blob);
      const response = await ask("POST", `/v2/b/blobs/uploads/?${query}`);
      expect(response.status).toBe(202);
      const location = response.headers.get("Location");
      const done = await ask("PUT", `${location}?digest=${digestOf("x")}`, { body: "x" });
      expect(done.status).toBe(201);
    });
  });

  describe("PATCH uploads/<id>", () => {
    it("takes a stream once: 202 with Location and Range, the second time 400 BLOB_UPLOAD_INVALID", async () => {
      const path = await openUpload(registry.fetch, "a");
      const response = await ask("PATCH", path, { body: blob });
      expect(response.status).toBe(202);
      expect(response.headers.get("Location")).toBe(path);
      expect(response.headers.get("Range")).toBe("0-999");
      await expectError(await ask("PATCH", path, { body: blob }), 400, "BLOB_UPLOAD_INVALID");
      expect((await ask("GET", path)).headers.get("Range")).toBe("0-999");
    });

    it("takes an empty stream once, too", async () => {
      const path = await openUpload(registry.fetch, "a");
      expect((await ask("PATCH", path)).status).toBe(202);
      await expectError(await ask("PATCH", path, { body: blob }), 400, "BLOB_UPLOAD_INVALID");
    });

    it("takes chunks that begin where the session ends, and answers 416 with Range and Location to others", async () => {
      const path = await openUpload(registry.fetch, "a");
      const chunk = (first: number, last: number): Promise<Response> =>
        ask("PATCH", path, {
          headers: { "Content-Range": `${first}-${last}` },
          body: blob.slice(first, last + 1),
        });
      expect((await chunk(0, 399)).headers.get("Range")).toBe("0-399");
      for (const [first, last] of [
        [0, 399],
        [399, 499],
        [401, 499],
        [500, 599],
      ] as const) {
        const response = await chunk(first, last);
        expect(response.headers.get("Range")).toBe("0-399");
        expect(response.headers.get("Location")).toBe(path);
        await expectError(response, 416, "BLOB_UPLOAD_INVALID");
      }
      expect((await chunk(400, 999)).headers.get("Range")).toBe("0-999");
      const digest = digestOf(blob);
      expect((await ask("PUT", `${path}?digest=${digest}`)).status).toBe(201);
      await expectBody(await ask("GET", `/v2/a/blobs/${digest}`), blob);
    });

    it("answers 416 to a first chunk that does not begin at 0", async () => {
      const path = await openUpload(registry.fetch, "a");
      const response = await ask("PATCH", path, { headers: { "Content-Range": "5-9" }, body: "12345" });
      expect(response.headers.get("Range")).toBe("0-0");
      await expectError(response, 416, "BLOB_UPLOAD_INVALID");
    });

    it.each(["bytes 0-4/5", "0", "4-0", "0-4, 5-9", "a-b"])(
      "answers 400 to the Content-Range %j",
      async (header) => {
        const path = await openUpload(registry.fetch, "a");
        const response = await ask("PATCH", path, { headers: { "Content-Range": header }, body: "12345" });
        await expectError(response, 400, "BLOB_UPLOAD_INVALID");
      },
    );

    it("answers 400 SIZE_INVALID when Content-Range and Content-Length differ, and takes nothing", async () => {
      const path = await openUpload(registry.fetch, "a");
      const response = await ask("PATCH", path, {
        headers: { "Content-Range": "0-5", "Content-Length": "5" },
        body: "12345",
      });
      await expectError(response, 400, "SIZE_INVALID");
      expect((await ask("PATCH", path, { headers: { "Content-Range": "0-4" }, body: "12345" })).status).toBe(
        202,
      );
    });

    it("goes on by chunks after a stream", async () => {
      const path = await openUpload(registry.fetch, "a");
      await ask("PATCH", path, { body: "stream" });
      const response = await ask("PATCH", path, { headers: { "Content-Range": "6-9" }, body: "+end" });
      expect(response.status).toBe(202);
      expect((await ask("PUT", `${path}?digest=${digestOf("stream+end")}`)).status).toBe(201);
    });

    it("answers 404 BLOB_UPLOAD_UNKNOWN for an unknown session, and for one of another repository", async () => {
      const path = await openUpload(registry.fetch, "a");
      await expectError(
        await ask("PATCH", "/v2/a/blobs/uploads/x", { body: "x" }),
        404,
        "BLOB_UPLOAD_UNKNOWN",
      );
      const elsewhere = path.replace("/v2/a/", "/v2/b/");
      await expectError(await ask("PATCH", elsewhere, { body: "x" }), 404, "BLOB_UPLOAD_UNKNOWN");
    });
  });

  describe("PUT uploads/<id>?digest=", () => {
    it("takes the whole blob, or the last part of it, or nothing more", async () => {
      const digest = digestOf(blob);
      for (const split of [0, 600, 1000]) {
        const path = await openUpload(registry.fetch, `split${split}`);
        if (split > 0) await ask("PATCH", path, { body: blob.slice(0, split) });
        const response = await ask("PUT", `${path}?digest=${digest}`, { body: blob.slice(split) });
        expect(response.status).toBe(201);
        expect(response.headers.get("Location")).toBe(`/v2/split${split}/blobs/${digest}`);
        expect(response.headers.get("Docker-Content-Digest")).toBe(digest);
        await expectBody(await ask("GET", response.headers.get("Location") as string), blob);
      }
    });

    it("takes a last chunk with Content-Range in its place, and answers 416 out of it", async () => {
      const path = await openUpload(registry.fetch, "a");
      await ask("PATCH", path, { headers: { "Content-Range": "0-599" }, body: blob.slice(0, 600) });
      const put = (first: number): Promise<Response> =>
        ask("PUT", `${path}?digest=${digestOf(blob)}`, {
          headers: { "Content-Range": `${first}-999` },
          body: blob.slice(first),
        });
      await expectError(await put(599), 416, "BLOB_UPLOAD_INVALID");
      expect((await put(600)).status).toBe(201);
    });

    it("answers 400 DIGEST_INVALID for another digest, drops the upload and keeps nothing", async () => {
      const path = await openUpload(registry.fetch, "a");
      await ask("PATCH", path, { body: blob });
      await expectError(await ask("PUT", `${path}?digest=${ABSENT}`), 400, "DIGEST_INVALID");
      await expectError(await ask("GET", path), 404, "BLOB_UPLOAD_UNKNOWN");
      for (const digest of [ABSENT, digestOf(blob)]) {
        expect((await ask("HEAD", `/v2/a/blobs/${digest}`)).status).toBe(404);
      }
    });

    it.each(["", "?digest=", "?digest=x", `?digest=md5:${"0".repeat(32)}`])(
      "answers 400 DIGEST_INVALID for the query %j, and leaves the session as it was",
      async (query) => {
        const path = await openUpload(registry.fetch, "a");
        await ask("PATCH", path, { body: blob });
        await expectError(await ask("PUT", path + query), 400, "DIGEST_INVALID");
        expect((await ask("PUT", `${path}?digest=${digestOf(blob)}`)).status).toBe(201);
      },
    );

    it("answers 404 BLOB_UPLOAD_UNKNOWN for an unknown session and for one that is finished", async () => {
      const digest = digestOf("x");
      await expectError(
        await ask("PUT", `/v2/a/blobs/uploads/x?digest=${digest}`),
        404,
        "BLOB_UPLOAD_UNKNOWN",
      );
      const path = await openUpload(registry.fetch, "a");
      await ask("PUT", `${path}?digest=${digest}`, { body: "x" });
      await expectError(await ask("PUT", `${path}?digest=${digest}`), 404, "BLOB_UPLOAD_UNKNOWN");
    });
  });

  describe("+ GET and DELETE uploads/<id>", () => {
    it("tells how far a session has come: 204 with Location and Range", async () => {
      const path = await openUpload(registry.fetch, "a");
      for (const [sent, range] of [
        ["", "0-0"],
        ["hello", "0-4"],
        ["world", "0-9"],
      ] as const) {
        const first = range === "0-9" ? 5 : 0;
        if (sent !== "") {
          await ask("PATCH", path, { headers: { "Content-Range": `${first}-${first + 4}` }, body: sent });
        }
        const response = await ask("GET", path);
        expect(response.status).toBe(204);
        expect(response.headers.get("Location")).toBe(path);
        expect(response.headers.get("Range")).toBe(range);
        expect(response.body).toBeNull();
      }
    });

    it("gives a session up: 204, then it is unknown", async () => {
      const path = await openUpload(registry.fetch, "a");
      await ask("PATCH", path, { body: blob });
      expect((await ask("DELETE", path)).status).toBe(204);
      for (const method of ["GET", "DELETE", "PATCH"]) {
        await expectError(await ask(method, path), 404, "BLOB_UPLOAD_UNKNOWN");
      }
    });
  });

  describe("manifests/<reference>", () => {
    const manifest = { schemaVersion: 2, mediaType: IMAGE, config: {}, layers: [] };
    const text = JSON.stringify(manifest);
    const digest = digestOf(text);

    it("stores by tag and by digest, and gives the same bytes and type under both", async () => {
      const pushed = await pushManifest(registry.fetch, "a", "latest", text);
      expect(pushed.status).toBe(201);
      expect(pushed.headers.get("Location")).toBe(`/v2/a/manifests/${digest}`);
      expect(pushed.headers.get("Docker-Content-Digest")).toBe(digest);
      expect(pushed.headers.get("OCI-Subject")).toBeNull();
      for (const reference of ["latest", digest]) {
        const response = await ask("GET", `/v2/a/manifests/${reference}`);
        expect(response.status).toBe(200);
        expect(response.headers.get("Content-Type")).toBe(IMAGE);
        expect(response.headers.get("Docker-Content-Digest")).toBe(digest);
        expect(await response.text()).toBe(text);
        const head = await ask("HEAD", `/v2/a/manifests/${reference}`);
        expect(head.status).toBe(200);
        expect(head.headers.get("Content-Length")).toBe(String(text.length));
        expect(head.headers.get("Content-Type")).toBe(IMAGE);
        expect(head.headers.get("Docker-Content-Digest")).toBe(digest);
        expect(head.body).toBeNull();
      }
    });

    it("keeps the Content-Type word for word, whatever it is, and does not read what it does not know", async () => {
      const type = "application/vnd.example+JSON; Charset=x";
      await pushManifest(registry.fetch, "a", "any", "not json", type);
      const response = await ask("GET", "/v2/a/manifests/any");
      expect(response.headers.get("Content-Type")).toBe(type);
      expect(await response.text()).toBe("not json");
    });

    it("takes the type that the manifest gives itself when there is no Content-Type", async () => {
      const body = new TextEncoder().encode(text);
      expect((await ask("PUT", "/v2/a/manifests/t", { body })).status).toBe(201);
      expect((await ask("GET", "/v2/a/manifests/t")).headers.get("Content-Type")).toBe(IMAGE);
      await expectError(
        await ask("PUT", "/v2/a/manifests/t", { body: new TextEncoder().encode("{}") }),
        400,
        "MANIFEST_INVALID",
      );
    });

    it("verifies the digest that it is pushed under, sha256 and sha512", async () => {
      for (const algorithm of ["sha256", "sha512"]) {
        const reference = digestOf(text, algorithm);
        const pushed = await pushManifest(registry.fetch, "a", reference, text);
        expect(pushed.status).toBe(201);
        expect(pushed.headers.get("Docker-Content-Digest")).toBe(reference);
        const got = await ask("GET", pushed.headers.get("Location") as string);
        expect(await got.text()).toBe(text);
        await expectError(
          await pushManifest(registry.fetch, "a", digestOf("other", algorithm), text),
          400,
          "DIGEST_INVALID",
        );
      }
      await expectError(await pushManifest(registry.fetch, "a", "sha256:x", text), 400, "DIGEST_INVALID");
    });

    it("is per repository", async () => {
      await pushManifest(registry.fetch, "a", "latest", text);
      for (const reference of ["latest", digest]) {
        await expectError(await ask("GET", `/v2/b/manifests/${reference}`), 404, "MANIFEST_UNKNOWN");
      }
    });

    it("moves a tag to what is pushed under it last", async () => {
      await pushManifest(registry.fetch, "a", "latest", text);
      const second = `${text} `;
      await pushManifest(registry.fetch, "a", "latest", second);
      expect(await (await ask("GET", "/v2/a/manifests/latest")).text()).toBe(second);
      expect(await (await ask("GET", `/v2/a/manifests/${digest}`)).text()).toBe(text);
    });

    it("keeps tags apart that differ in case alone", async () => {
      await pushManifest(registry.fetch, "a", "Tag", text);
      await pushManifest(registry.fetch, "a", "tag", `${text} `);
      expect(await (await ask("GET", "/v2/a/manifests/Tag")).text()).toBe(text);
      expect(await (await ask("GET", "/v2/a/manifests/tag")).text()).toBe(`${text} `);
    });

    it.each(["GET", "HEAD", "DELETE"])(
      "answers 404 MANIFEST_UNKNOWN to %s of what is absent or no tag",
      async (method) => {
        for (const reference of ["absent", ABSENT, ".not-a-tag", "a".repeat(129)]) {
          const response = await ask(method, `/v2/a/manifests/${reference}`);
          if (method === "HEAD") expect(response.status).toBe(404);
          else await expectError(response, 404, "MANIFEST_UNKNOWN");
        }
      },
    );

    it.each(["GET", "DELETE"])("answers 400 DIGEST_INVALID to %s of a bad digest", async (method) => {
      await expectError(await ask(method, "/v2/a/manifests/sha256:x"), 400, "DIGEST_INVALID");
    });

    it.each([".tag", "-tag", "a".repeat(129), "a%2Fb", "%00"])(
      "answers 400 TAG_INVALID to PUT of %j",
      async (tag) => {
        await expectError(await pushManifest(registry.fetch, "a", tag, text), 400, "TAG_INVALID");
      },
    );

    it.each([
      "not json",
      "[]",
      "null",
      '"text"',
      "\ufeff{}",
      '{"subject":{"digest":"x"}}',
      '{"subject":"x"}',
    ])("answers 400 MANIFEST_INVALID to the image %j", async (body) => {
      await expectError(await pushManifest(registry.fetch, "a", "t", body), 400, "MANIFEST_INVALID");
      await expectError(await ask("GET", "/v2/a/manifests/t"), 404, "MANIFEST_UNKNOWN");
    });

    it("answers 400 MANIFEST_INVALID to an empty body of any type", async () => {
      await expectError(
        await pushManifest(registry.fetch, "a", "t", "", "text/plain"),
        400,
        "MANIFEST_INVALID",
      );
    });

    it("does not check an image's blobs", async () => {
      const absent = { mediaType: "x/y", digest: ABSENT, size: 1 };
      const image = { schemaVersion: 2, config: absent, layers: [absent] };
      expect((await pushManifest(registry.fetch, "a", "t", image)).status).toBe(201);
    });

    it("answers 404 MANIFEST_UNKNOWN to an index whose child is absent, and takes it once the child is there", async () => {
      for (const type of [INDEX, "application/vnd.docker.distribution.manifest.list.v2+json"]) {
        const child = `${text}${type}`;
        const index = {
          schemaVersion: 2,
          manifests: [{ mediaType: IMAGE, digest: digestOf(child), size: child.length }],
        };
        const opaque = "application/x";
        await expectError(await pushManifest(registry.fetch, "a", "i", index, type), 404, "MANIFEST_UNKNOWN");
        await pushManifest(registry.fetch, "b", digestOf(child), child, opaque);
        await expectError(await pushManifest(registry.fetch, "a", "i", index, type), 404, "MANIFEST_UNKNOWN");
        await pushManifest(registry.fetch, "a", digestOf(child), child, opaque);
        expect((await pushManifest(registry.fetch, "a", "i", index, type)).status).toBe(201);
      }
    });

    it("asks only for those children of an index that are manifests", async () => {
      const index = {
        schemaVersion: 2,
        manifests: [{ mediaType: "application/x", digest: ABSENT, size: 1 }],
      };
      expect((await pushManifest(registry.fetch, "a", "i", index, INDEX)).status).toBe(201);
    });

    it.each([
      { manifests: {} },
      { manifests: [null] },
      { manifests: [{ mediaType: IMAGE }] },
      { manifests: ["x"] },
    ])("answers 400 MANIFEST_INVALID to the index %j", async (index) => {
      await expectError(await pushManifest(registry.fetch, "a", "i", index, INDEX), 400, "MANIFEST_INVALID");
    });

    it("answers 202 to DELETE of a tag, which leaves the manifest", async () => {
      await pushManifest(registry.fetch, "a", "latest", text);
      expect((await ask("DELETE", "/v2/a/manifests/latest")).status).toBe(202);
      await expectError(await ask("GET", "/v2/a/manifests/latest"), 404, "MANIFEST_UNKNOWN");
      expect((await ask("GET", `/v2/a/manifests/${digest}`)).status).toBe(200);
    });

    it("answers 202 to DELETE of a digest, and its tags go with it", async () => {
      await pushManifest(registry.fetch, "a", "one", text);
      await pushManifest(registry.fetch, "a", "two", text);
      await pushManifest(registry.fetch, "a", "other", `${text} `);
      expect((await ask("DELETE", `/v2/a/manifests/${digest}`)).status).toBe(202);
      for (const reference of ["one", "two", digest]) {
        await expectError(await ask("GET", `/v2/a/manifests/${reference}`), 404, "MANIFEST_UNKNOWN");
      }
      expect(await (await ask("GET", "/v2/a/tags/list")).json()).toEqual({ name: "a", tags: ["other"] });
    });
  });

  describe("tags/list and _catalog", () => {
    const tags = ["v10", "v2", "V2", "_x", "a.b", "latest"];
    const sorted = ["V2", "_x", "a.b", "latest", "v10", "v2"];

    beforeEach(async () => {
      for (const tag of tags) await pushManifest(registry.fetch, "some/repo", tag, `{"n":"${tag}"}`);
    });

    it("lists all tags in the order of their characters' codes", async () => {
      const response = await ask("GET", "/v2/some/repo/tags/list");
      expect(response.status).toBe(200);
      expect(response.headers.get("Content-Type")).toBe("application/json");
      expect(response.headers.get("Link")).toBeNull();
      expect(await response.json()).toEqual({ name: "some/repo", tags: sorted });
    });

    it.each([1, 2, 4, 5, 6, 7])("leads by Link through pages of %d to the end", async (n) => {
      const seen: string[] = [];
      let path: string | undefined = `/v2/some/repo/tags/list?n=${n}`;
      while (path !== undefined) {
        const response: Response = await ask("GET", path);
        const page = ((await response.json()) as { tags: string[] }).tags;
        expect(page.length).toBeLessThanOrEqual(n);
        seen.push(...page);
        path = /^<(\/v2\/[^>]+)>; rel="next"$/.exec(response.headers.get("Link") ?? "")?.[1];
      }
      expect(seen).toEqual(sorted);
    });

    it("begins after last, whether or not there is such a tag", async () => {
      const list = async (query: string): Promise<unknown> =>
        ((await (await ask("GET", `/v2/some/repo/tags/list?${query}`)).json()) as { tags: string[] }).tags;
      expect(await list("last=latest")).toEqual(["v10", "v2"]);
      expect(await list("last=m&n=1")).toEqual(["v10"]);
      expect(await list("last=zzz")).toEqual([]);
      expect(await list("n=0")).toEqual([]);
    });

    it.each(["-1", "x", "1.5", "", "99999999999999999999"])("answers 400 to n=%j", async (n) => {
      await expectError(await ask("GET", `/v2/some/repo/tags/list?n=${n}`), 400, "UNSUPPORTED");
    });

    it("answers 404 NAME_UNKNOWN for a repository that nothing was pushed to", async () => {
      await openUpload(registry.fetch, "other");
      await expectError(await ask("GET", "/v2/other/tags/list"), 404, "NAME_UNKNOWN");
    });

    it("lists no tags for a repository that has blobs alone", async () => {
      await pushBlob(registry.fetch, "blobs-only", blob);
      expect(await (await ask("GET", "/v2/blobs-only/tags/list")).json()).toEqual({
        name: "blobs-only",
        tags: [],
      });
    });

    it("lists repositories, whole and by pages", async () => {
      await pushBlob(registry.fetch, "b", blob);
      await pushBlob(registry.fetch, "a", blob);
      expect(await (await ask("GET", "/v2/_catalog")).json()).toEqual({
        repositories: ["a", "b", "some/repo"],
      });
      const page = await ask("GET", "/v2/_catalog?n=2");
      expect(await page.json()).toEqual({ repositories: ["a", "b"] });
      expect(page.headers.get("Link")).toBe('</v2/_catalog?n=2&last=b>; rel="next"');
      expect(await (await ask("GET", "/v2/_catalog?n=2&last=b")).json()).toEqual({
        repositories: ["some/repo"],
      });
    });
  });

  describe("referrers/<digest>", () => {
    const subject = { mediaType: IMAGE, digest: digestOf("subject"), size: 7 };
    const referrers = (query = ""): Promise<Response> =>
      ask("GET", `/v2/a/referrers/${subject.digest}${query}`);

    it("names the subject of what is pushed, and lists it from then on", async () => {
      const signature = { artifactType: "application/x.sig", subject, annotations: { by: "me" }, layers: [] };
      const notes = {
        config: { mediaType: "application/x.notes", digest: ABSENT, size: 1 },
        subject,
        layers: [],
      };
      const index = { artifactType: "application/x.set", subject, manifests: [] };
      for (const [name, manifest, type] of [
        ["signature", signature, IMAGE],
        ["notes", notes, IMAGE],
        ["index", index, INDEX],
      ] as const) {
        const pushed = await pushManifest(registry.fetch, "a", name, manifest, type);
        expect(pushed.headers.get("OCI-Subject")).toBe(subject.digest);
      }
      const describe = (manifest: object, mediaType: string, rest: object): object => {
        const text = JSON.stringify(manifest);
        return { mediaType, size: text.length, digest: digestOf(text), ...rest };
      };
      const response = await referrers();
      expect(response.status).toBe(200);
      expect(response.headers.get("Content-Type")).toBe(INDEX);
      const listed = (await response.json()) as { manifests: { digest: string }[] };
      expect(listed).toMatchObject({ schemaVersion: 2, mediaType: INDEX });
      const expected = [
        describe(signature, IMAGE, { artifactType: "application/x.sig", annotations: { by: "me" } }),
        describe(notes, IMAGE, { artifactType: "application/x.notes" }),
        describe(index, INDEX, { artifactType: "application/x.set" }),
      ];
      expect(listed.manifests).toHaveLength(3);
      expect(listed.manifests).toEqual(expect.arrayContaining(expected));
      const digests = listed.manifests.map(({ digest }) => digest);
      expect(digests).toEqual([...digests].sort());
    });

    it("filters by artifactType and says so", async () => {
      await pushManifest(registry.fetch, "a", "s", { artifactType: "application/x.sig", subject });
      await pushManifest(registry.fetch, "a", "n", { artifactType: "application/x.notes", subject });
      const response = await referrers("?artifactType=application/x.sig");
      expect(response.headers.get("OCI-Filters-Applied")).toBe("artifactType");
      const { manifests } = (await response.json()) as { manifests: { artifactType: string }[] };
      expect(manifests.map(({ artifactType }) => artifactType)).toEqual(["application/x.sig"]);
      expect((await referrers()).headers.get("OCI-Filters-Applied")).toBeNull();
    });

    it.each([
      ["a number", "1"],
      ["an object", '{"b":"c"}'],
      ["lists deeper than a stack", "[".repeat(100_000) + "]".repeat(100_000)],
    ])("refuses a referrer with %s among its annotations, and lists the others", async (_, value) => {
      await pushManifest(registry.fetch, "a", "s", { subject, annotations: null });
      const text = `{"subject":${JSON.stringify(subject)},"annotations":{"a":${value}}}`;
      await expectError(await pushManifest(registry.fetch, "a", "t", text), 400, "MANIFEST_INVALID");
      const response = await referrers();
      expect(response.status).toBe(200);
      expect(((await response.json()) as { manifests: object[] }).manifests).toHaveLength(1);
    });

    it("lists nothing for a digest without referrers, and none of another repository", async () => {
      await pushManifest(registry.fetch, "b", "s", { artifactType: "application/x.sig", subject });
      const response = await referrers();
      expect(response.status).toBe(200);
      expect(await response.json()).toEqual({ schemaVersion: 2, mediaType: INDEX, manifests: [] });
    });

    it("forgets a referrer that is deleted, and knows it again when it comes back", async () => {
      const manifest = { artifactType: "application/x.sig", subject };
      const pushed = await pushManifest(registry.fetch, "a", "s", manifest);
      await ask("DELETE", pushed.headers.get("Location") as string);
      expect(await (await referrers()).json()).toMatchObject({ manifests: [] });
      await pushManifest(registry.fetch, "a", "s", manifest);
      expect(((await (await referrers()).json()) as { manifests: [] }).manifests).toHaveLength(1);
    });

    it("answers 400 DIGEST_INVALID for what is no digest", async () => {
      await expectError(await ask("GET", "/v2/a/referrers/latest"), 400, "DIGEST_INVALID");
    });
  });

  describe("methods", () => {
    it.each([
      ["/v2/", "GET, HEAD"],
      ["/v2/_catalog", "GET, HEAD"],
      ["/v2/a/tags/list", "GET, HEAD"],
      [`/v2/a/referrers/${ABSENT}`, "GET, HEAD"],
      [`/v2/a/blobs/${ABSENT}`, "GET, HEAD, DELETE"],
      ["/v2/a/manifests/x", "GET, HEAD, PUT, DELETE"],
      ["/v2/a/blobs/uploads/", "POST"],
      ["/v2/a/blobs/uploads/x", "GET, HEAD, PATCH, PUT, DELETE"],
    ])("answers 405 with Allow to others at %s", async (path, allowed) => {
      const wrong = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PURGE"].filter(
        (method) => !allowed.split(", ").includes(method),
      );
      for (const method of wrong) {
        const response = await ask(method, path);
        expect(response.headers.get("Allow")).toBe(allowed);
        if (method === "HEAD") expect([response.status, response.body]).toEqual([405, null]);
        else await expectError(response, 405, "UNSUPPORTED");
      }
    });
  });

  describe("names", () => {
    it.each([
      "/v2/a%2Fb/tags/list",
      "/v2/A/tags/list",
      "/v2/a//b/tags/list",
      "/v2/-a/manifests/x",
      "/v2/%2e%2e%2fetc/manifests/passwd",
      "/v2/..%5c..%5cetc/blobs/uploads/",
      `/v2/${"x".repeat(256)}/tags/list`,
    ])("answers 400 NAME_INVALID at %s", async (path) => {
      const method = path.endsWith("uploads/") ? "POST" : "GET";
      await expectError(await ask(method, path), 400, "NAME_INVALID");
    });

    it("takes a name of 255 characters and of the protocol's own words", async () => {
      for (const name of ["x".repeat(255), "blobs/uploads", "tags/list", "con/nul", "a/b/c/d/e/f"]) {
        await pushManifest(registry.fetch, name, "t", "{}");
        expect(await (await ask("GET", `/v2/${name}/tags/list`)).json()).toEqual({ name, tags: ["t"] });
      }
    });
  });
});
