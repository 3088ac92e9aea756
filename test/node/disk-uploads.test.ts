import { cp, readdir, readFile, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { openDiskStorage } from "../../src/node/index.js";
import { newRegistry, type Registry, type RegistryOptions } from "../../src/registry/index.js";
import { useScratch } from "../fixtures/scratch.js";
import {
  digestOf,
  expectBody,
  expectError,
  noise,
  openUpload,
  pushBlob,
  send,
  streamOf,
} from "../registry/exchange.js";

const blob = noise(700_000);
const [first, second] = [blob.subarray(0, 300_001), blob.subarray(300_001)];

describe("uploads under way in a store on disk", () => {
  const scratch = useScratch();
  let root: string;

  beforeEach(() => {
    root = scratch.file("store");
  });

  type Opened = Registry & { readonly end: () => Promise<void> };

  async function opened(options: RegistryOptions = {}): Promise<Opened> {
    const storage = await openDiskStorage(root);
    const registry = newRegistry({ ...options, storage });
    return { ...registry, end: () => registry.close().then(() => storage.close()) };
  }

  /** What a registry finds that is started when the one before it was killed at this moment. */
  async function crash(): Promise<void> {
    const copy = scratch.file(`copy-${(await readdir(scratch.path)).length}`);
    await cp(root, copy, { recursive: true, preserveTimestamps: true });
    await rm(join(copy, "uploads.lock"), { force: true });
    root = copy;
  }

  /** Begins an upload, of which the body breaks off after some bytes; gives its path. */
  async function half({ fetch }: Registry, query = ""): Promise<string> {
    const answer = await send(fetch, "POST", `/v2/a/b/blobs/uploads/${query}`);
    const path = answer.headers.get("Location") as string;
    const body = streamOf([first], new Error("reset"));
    expect((await send(fetch, "PATCH", path, { body })).status).toBe(400);
    return path;
  }

  const finish = (
    { fetch }: Registry,
    path: string,
    body: Uint8Array,
    digest = digestOf(blob),
  ): Promise<Response> =>
    send(fetch, "PUT", `${path}?digest=${digest}`, {
      headers: { "Content-Range": `${blob.length - body.length}-${blob.length - 1}` },
      body,
    });

  const uploads = (): Promise<string[]> => readdir(join(root, "uploads"));

  it.each([
    ["was killed", crash],
    ["was closed", async (registry: Opened) => registry.end()],
  ])("are gone on with after the registry %s, where their bytes end", async (_, stop) => {
    const before = await opened();
    const path = await half(before);
    await stop(before);

    const registry = await opened();
    const status = await send(registry.fetch, "GET", path);
    expect([status.status, status.headers.get("Range")]).toEqual([204, `0-${first.length - 1}`]);
    expect(status.headers.get("Location")).toBe(path);
    const middle = second.subarray(0, 100_000);
    const range = `${first.length}-${first.length + middle.length - 1}`;
    const patched = await send(registry.fetch, "PATCH", path, {
      headers: { "Content-Range": range },
      body: middle,
    });
    expect(patched.status).toBe(202);
    expect((await finish(registry, path, second.subarray(100_000))).status).toBe(201);
    await expectBody(await send(registry.fetch, "GET", `/v2/a/b/blobs/${digestOf(blob)}`), blob);
    expect(await uploads()).toEqual([]);
  });

  it("survive several ends, and remember the algorithm of their digest", async () => {
    const path = await half(await opened(), "?digest-algorithm=sha512");
    for (let time = 0; time < 3; time++) {
      await crash();
      expect((await send((await opened()).fetch, "GET", path)).status).toBe(204);
    }
    await crash();
    expect((await finish(await opened(), path, second, digestOf(blob, "sha512"))).status).toBe(201);
  });

  it("are taken for what is on disk, not for what was acknowledged", async () => {
    const path = await half(await opened());
    await crash();
    const file = join(root, "uploads", path.split("/").at(-1) as string);
    await truncate(file, 200_000);
    const registry = await opened();
    expect((await send(registry.fetch, "GET", path)).headers.get("Range")).toBe("0-199999");
    await expectError(await finish(registry, path, second), 416, "BLOB_UPLOAD_INVALID");
    expect((await finish(registry, path, blob.subarray(200_000))).status).toBe(201);
  });

  it("never become a blob with another digest than their bytes on disk have", async () => {
    const path = await half(await opened());
    await crash();
    const file = join(root, "uploads", path.split("/").at(-1) as string);
    const rotten = await readFile(file);
    rotten[1000] = (rotten[1000] as number) ^ 1;
    await writeFile(file, rotten);
    const registry = await opened();
    await expectError(await finish(registry, path, second), 400, "DIGEST_INVALID");
    expect((await send(registry.fetch, "HEAD", `/v2/a/b/blobs/${digestOf(blob)}`)).status).toBe(404);
    expect(await uploads()).toEqual([]);
  });

  it("are not known in another repository, nor by another id", async () => {
    const path = await half(await opened());
    await crash();
    const { fetch } = await opened();
    const others = [path.replace("/a/b/", "/a/c/"), path.replace(/.$/, (last) => (last === "0" ? "1" : "0"))];
    for (const other of others) {
      for (const method of ["GET", "PATCH", "DELETE"]) {
        await expectError(await send(fetch, method, other), 404, "BLOB_UPLOAD_UNKNOWN");
      }
    }
    expect((await send(fetch, "DELETE", path)).status).toBe(204);
    expect(await uploads()).toEqual([]);
  });

  it("are found by all who ask for them at once", async () => {
    const path = await half(await opened());
    await crash();
    const { fetch } = await opened();
    const answers = await Promise.all(Array.from({ length: 5 }, () => send(fetch, "GET", path)));
    expect(answers.map(({ status }) => status)).toEqual([204, 204, 204, 204, 204]);
  });

  it("are gone when they lay untouched for their lifetime, the time without a registry included", async () => {
    const path = await half(await opened());
    await crash();
    const anHourAgo = new Date(Date.now() - 60 * 60 * 1000);
    await utimes(join(root, "uploads", path.split("/").at(-1) as string), anHourAgo, anHourAgo);
    const { fetch } = await opened();
    await expectError(await send(fetch, "GET", path), 404, "BLOB_UPLOAD_UNKNOWN");
    await pushBlob(fetch, "a", "x");
    expect(await uploads()).toEqual([]);
  });

  it("are older than a day where their lifetime is longer", async () => {
    const path = await half(await opened());
    await crash();
    const twoDaysAgo = new Date(Date.now() - 48 * 60 * 60 * 1000);
    for (const name of await uploads()) await utimes(join(root, "uploads", name), twoDaysAgo, twoDaysAgo);
    const registry = await opened({ uploadLifetime: 72 * 60 * 60 * 1000 });
    expect((await finish(registry, path, second)).status).toBe(201);
  });

  it("count as open ones", async () => {
    const path = await half(await opened());
    await crash();
    const { fetch } = await opened({ uploadCount: 1 });
    await expectError(await send(fetch, "POST", "/v2/a/blobs/uploads/"), 429, "TOOMANYREQUESTS");
    await send(fetch, "DELETE", path);
    expect((await send(fetch, "POST", "/v2/a/blobs/uploads/")).status).toBe(202);
  });

  it.each(["", "{", "null", "[]", '{"repository":1,"algorithm":"sha256"}', "x".repeat(100)])(
    "go when a crash has left %j as the record of one",
    async (text) => {
      const path = await half(await opened());
      await crash();
      const record = `${path.split("/").at(-1)}.session`;
      await writeFile(join(root, "uploads", record), text);
      const { fetch } = await opened();
      await expectError(await send(fetch, "GET", path), 404, "BLOB_UPLOAD_UNKNOWN");
      expect(await uploads()).toEqual([]);
    },
  );

  it("leave nothing behind when a crash came between the blob and the end of its record", async () => {
    const path = await half(await opened());
    await crash();
    await rm(join(root, "uploads", path.split("/").at(-1) as string));
    const { fetch } = await opened();
    await expectError(await send(fetch, "GET", path), 404, "BLOB_UPLOAD_UNKNOWN");
    expect(await uploads()).toEqual([]);
  });

  it("belong to one process at a time: another one leaves them alone, until the first has ended", async () => {
    const owner = await opened();
    const path = await half(owner);
    const other = await opened();
    await expectError(await send(other.fetch, "GET", path), 404, "BLOB_UPLOAD_UNKNOWN");
    const others = await openUpload(other.fetch, "a");
    expect((await uploads()).filter((name) => name.endsWith(".session"))).toHaveLength(1);
    await owner.end();
    expect((await send(other.fetch, "GET", path)).headers.get("Range")).toBe(`0-${first.length - 1}`);
    expect((await send(other.fetch, "GET", others)).status).toBe(204);
    await other.end();
    expect((await finish(await opened(), path, second)).status).toBe(201);
    expect(await uploads()).toEqual([]);
  });

  it("are not written to by a process that stood still while another one took them over", async () => {
    const onError = vi.fn();
    const stopped = await opened({ onError });
    const path = await half(stopped);
    await rm(join(root, "uploads.lock"));
    const registry = await opened();
    expect((await send(registry.fetch, "GET", path)).status).toBe(204);
    await expectError(await finish(stopped, path, second), 500, "UNKNOWN");
    expect(String(onError.mock.calls[0]?.[0])).toContain("another process");
    expect((await stat(join(root, "uploads", path.split("/").at(-1) as string))).size).toBe(first.length);
    expect((await finish(registry, path, second)).status).toBe(201);
  });
});
