import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm, stat, truncate, utimes, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { DiskStorageError, openDiskStorage } from "../../src/node/index.js";
import { newRegistry, type Registry } from "../../src/registry/index.js";
import { newHash } from "../../src/v1/index.js";
import { useScratch } from "../fixtures/scratch.js";
import {
  digestOf,
  expectBody,
  expectError,
  noise,
  openUpload,
  pushBlob,
  pushManifest,
  send,
  streamOf,
} from "../registry/exchange.js";

const IMAGE = "application/vnd.oci.image.manifest.v1+json";

describe("openDiskStorage", () => {
  const scratch = useScratch();
  let root: string;

  beforeEach(() => {
    root = scratch.file("store");
  });

  const opened = async (directory = root): Promise<Registry> =>
    newRegistry({ storage: await openDiskStorage(directory) });

  async function files(): Promise<string[]> {
    const entries = await readdir(scratch.path, { recursive: true, withFileTypes: true });
    return entries
      .filter((entry) => entry.isFile())
      .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
      .sort();
  }

  const hex = (text: string): string => createHash("sha256").update(text).digest("hex");

  describe("files", () => {
    it("are named by digests and by the store's own words, whatever is pushed", async () => {
      const { fetch } = await opened();
      const blob = noise(1000);
      await pushBlob(fetch, "some/repo", blob);
      const manifest = JSON.stringify({ subject: { digest: digestOf("subject") } });
      await pushManifest(fetch, "some/repo", "Latest", manifest);
      const repository = `repositories/${hex("some/repo")}`;
      expect(await files()).toEqual(
        [
          "varve-registry.json",
          "uploads.lock",
          `blobs/sha256/${digestOf(blob).slice(7)}`,
          `${repository}/name`,
          `${repository}/blobs/sha256/${digestOf(blob).slice(7)}`,
          `${repository}/manifests/sha256/${digestOf(manifest).slice(7)}`,
          `${repository}/about/sha256/${digestOf(manifest).slice(7)}`,
          `${repository}/tags/${hex("Latest")}`,
          `${repository}/referrers/sha256/${hex("subject")}/sha256-${digestOf(manifest).slice(7)}`,
        ].sort(),
      );
      expect(await readFile(join(root, "blobs/sha256", digestOf(blob).slice(7)))).toEqual(Buffer.from(blob));
      expect(
        await readFile(join(root, repository, "manifests/sha256", digestOf(manifest).slice(7)), "utf8"),
      ).toBe(manifest);
    });

    it("stay within the directory and are named so, whatever paths a client invents", async () => {
      const { fetch } = await opened();
      const hostile = [
        "../../evil",
        "..%2f..%2fevil",
        "%2e%2e/evil",
        "a/../../evil",
        "/etc/evil",
        "a%00evil",
        "..%5cevil",
        "C:evil",
        "CON",
        "evil.",
        `${"e".repeat(300)}vil`,
      ];
      for (const name of hostile) {
        const targets = [
          `/v2/${name}/manifests/t`,
          `/v2/a/manifests/${name}`,
          `/v2/a/manifests/sha256:${name}`,
          `/v2/a/blobs/uploads/${name}?digest=${digestOf("x")}`,
          `/v2/a/blobs/uploads/?digest=sha256:${name}`,
          `/v2/a/blobs/uploads/?mount=sha256:${name}&from=${name}`,
          `/v2/a/blobs/sha256:${name}`,
          `/v2/a/referrers/${name}`,
        ];
        for (const target of targets) {
          for (const method of ["POST", "PUT", "PATCH", "GET", "DELETE"]) {
            const sent = method === "GET" ? {} : { headers: { "Content-Type": "text/x" }, body: "x" };
            expect((await send(fetch, method, target, sent)).status).toBeLessThan(500);
          }
        }
      }
      const digest = "sha(256/[0-9a-f]{64}|512/[0-9a-f]{128})";
      const named = new RegExp(
        `^(varve-registry\\.json|uploads\\.lock|uploads/[0-9a-f-]{36}(\\.session)?|blobs/${digest}|repositories/[0-9a-f]{64}/(name|tags/[0-9a-f]{64}|(blobs|manifests|about)/${digest}))$`,
      );
      const all = await files();
      expect(all.length).toBeGreaterThan(1);
      for (const file of all) expect(file).toMatch(named);
    });

    it("of uploads go when these end, however they end", async () => {
      const { fetch } = await opened();
      const before = [...(await files()), "uploads.lock"].sort();
      const broken = (): ReadableStream<Uint8Array> => streamOf([noise(100)], new Error("reset"));
      await send(fetch, "POST", `/v2/a/blobs/uploads/?digest=${digestOf("x")}`, { body: broken() });
      await send(fetch, "POST", `/v2/a/blobs/uploads/?digest=${digestOf("x")}`, { body: "y" });
      await send(fetch, "DELETE", await openUpload(fetch, "a"));
      await send(fetch, "PUT", `${await openUpload(fetch, "a")}?digest=${digestOf("x")}`, { body: "y" });
      expect(await files()).toEqual(before);
      await send(fetch, "PUT", `${await openUpload(fetch, "a")}?digest=${digestOf("x")}`, { body: "x" });
      expect((await files()).filter((file) => file.startsWith("uploads/"))).toEqual([]);
    });

    it("of a blob are one for all repositories, and go with the last that holds it", async () => {
      const { fetch } = await opened();
      const digest = await pushBlob(fetch, "a", "x");
      await pushBlob(fetch, "b", "x");
      const content = `blobs/sha256/${digest.slice(7)}`;
      await send(fetch, "DELETE", `/v2/a/blobs/${digest}`);
      expect(await files()).toContain(content);
      await send(fetch, "DELETE", `/v2/b/blobs/${digest}`);
      expect(await files()).not.toContain(content);
    });
  });

  describe("a restart", () => {
    it("finds everything that was pushed", async () => {
      const first = await opened();
      const blob = noise(200_000);
      const digest = await pushBlob(first.fetch, "a/b", blob);
      await send(first.fetch, "POST", `/v2/c/blobs/uploads/?mount=${digest}&from=a/b`);
      const manifest = JSON.stringify({ artifactType: "x/y", subject: { digest: digestOf("subject") } });
      await pushManifest(first.fetch, "a/b", "one", manifest);
      await pushManifest(first.fetch, "a/b", "two", "{}", "application/x; q=ü");
      await first.close();

      const { fetch } = await opened();
      for (const repository of ["a/b", "c"]) {
        await expectBody(await send(fetch, "GET", `/v2/${repository}/blobs/${digest}`), blob);
      }
      const one = await send(fetch, "GET", "/v2/a/b/manifests/one");
      expect([one.headers.get("Content-Type"), await one.text()]).toEqual([IMAGE, manifest]);
      const two = await send(fetch, "GET", `/v2/a/b/manifests/${digestOf("{}")}`);
      expect([two.headers.get("Content-Type"), await two.text()]).toEqual(["application/x; q=ü", "{}"]);
      expect(await (await send(fetch, "GET", "/v2/a/b/tags/list")).json()).toMatchObject({
        tags: ["one", "two"],
      });
      expect(await (await send(fetch, "GET", "/v2/_catalog")).json()).toEqual({ repositories: ["a/b", "c"] });
      const referrers = await send(fetch, "GET", `/v2/a/b/referrers/${digestOf("subject")}`);
      expect(await referrers.json()).toMatchObject({ manifests: [{ digest: digestOf(manifest) }] });
    });

    it("removes unfinished files that nobody can go on with when they are a day old, and leaves younger ones alone", async () => {
      await opened();
      const uploads = join(root, "uploads");
      for (const name of ["old", "young"]) await writeFile(join(uploads, name), "");
      const longAgo = new Date(Date.now() - 25 * 60 * 60 * 1000);
      await utimes(join(uploads, "old"), longAgo, longAgo);
      await openDiskStorage(root);
      expect(await readdir(uploads)).toEqual(["young"]);
    });

    it("after a crash at any step of a push finds the blob whole or not at all", async () => {
      const { fetch } = await opened();
      const digest = await pushBlob(fetch, "a", "content");
      const content = join(root, "blobs/sha256", digest.slice(7));
      const mark = join(root, "repositories", hex("a"), "blobs/sha256", digest.slice(7));

      await rm(content);
      const markAlone = await opened();
      expect((await send(markAlone.fetch, "HEAD", `/v2/a/blobs/${digest}`)).status).toBe(404);
      const mounted = await send(markAlone.fetch, "POST", `/v2/b/blobs/uploads/?mount=${digest}&from=a`);
      expect(mounted.status).toBe(202);
      await expectError(await send(markAlone.fetch, "DELETE", `/v2/a/blobs/${digest}`), 404, "BLOB_UNKNOWN");

      await pushBlob(markAlone.fetch, "a", "content");
      await rm(mark);
      const bytesAlone = await opened();
      expect((await send(bytesAlone.fetch, "HEAD", `/v2/a/blobs/${digest}`)).status).toBe(404);
      await pushBlob(bytesAlone.fetch, "a", "content");
      await expectBody(await send(bytesAlone.fetch, "GET", `/v2/a/blobs/${digest}`), Buffer.from("content"));
    });
  });

  describe("a directory", () => {
    it("is made when it is not there, with what leads to it", async () => {
      root = join(scratch.path, "deep", "er", "store");
      await openDiskStorage(root);
      expect(JSON.parse(await readFile(join(root, "varve-registry.json"), "utf8"))).toEqual({ layout: 1 });
    });

    it("that is empty is taken", async () => {
      await mkdir(root);
      await openDiskStorage(root);
    });

    it("that holds something else is refused and left alone", async () => {
      await mkdir(root);
      await writeFile(join(root, "thesis.txt"), "years of work");
      const failure = await openDiskStorage(root).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(DiskStorageError);
      expect(failure).toMatchObject({
        code: "ERR_VARVE_DISK_STORAGE",
        message: expect.stringContaining("not empty"),
      });
      expect(await files()).toEqual(["thesis.txt"]);
    });

    it.each(['{"layout":2}', "{}", "null", "", "not json"])(
      "whose registry says %j of itself is refused",
      async (marker) => {
        await mkdir(root);
        await writeFile(join(root, "varve-registry.json"), marker);
        await expect(openDiskStorage(root)).rejects.toThrow("layout that this version does not know");
      },
    );

    it("that is a file is refused, with the system's reason", async () => {
      await writeFile(root, "");
      const failure = await openDiskStorage(root).catch((error: unknown) => error);
      expect(failure).toBeInstanceOf(DiskStorageError);
      expect(failure).toMatchObject({ message: expect.stringContaining("EEXIST"), cause: expect.any(Error) });
    });
  });

  it("reads a range from any place of a long blob", async () => {
    const { fetch } = await opened();
    const blob = noise(1_000_000);
    const digest = await pushBlob(fetch, "a", blob);
    for (const [first, last] of [
      [0, 0],
      [262_143, 262_144],
      [262_144, 999_999],
      [500_000, 900_000],
      [999_999, 999_999],
    ] as const) {
      const response = await send(fetch, "GET", `/v2/a/blobs/${digest}`, {
        headers: { Range: `bytes=${first}-${last}` },
      });
      await expectBody(response, blob.slice(first, last + 1));
    }
  });

  it("closes a blob's file when its reader leaves, and lets a reader finish that began before a deletion", async () => {
    const storage = await openDiskStorage(root);
    const { fetch } = newRegistry({ storage });
    const blob = noise(1_000_000);
    const digest = await pushBlob(fetch, "a", blob);
    const open = async (): Promise<number> => (await readdir("/proc/self/fd").catch(() => [])).length;
    const before = await open();
    const readers = await Promise.all(
      [1, 2, 3].map(async () => {
        const stream = await storage.blobs.open("a", newHash(digest));
        const reader = (stream as ReadableStream<Uint8Array>).getReader();
        await reader.read();
        return reader;
      }),
    );
    const [patient, ...others] = readers as [ReadableStreamDefaultReader<Uint8Array>];
    await Promise.all((others as (typeof patient)[]).map((reader) => reader.cancel()));
    await send(fetch, "DELETE", `/v2/a/blobs/${digest}`);
    let rest = 0;
    for (let next = await patient.read(); !next.done; next = await patient.read()) rest += next.value.length;
    expect(rest).toBe(1_000_000 - 262_144);
    expect(await open()).toBe(before);
  });

  it("fails the body, rather than ending it, when a blob's file is shorter than it was", async () => {
    const { fetch } = await opened();
    const digest = await pushBlob(fetch, "a", noise(1_000_000));
    const response = await send(fetch, "GET", `/v2/a/blobs/${digest}`);
    await truncate(join(root, "blobs/sha256", digest.slice(7)), 300_000);
    await expect(response.arrayBuffer()).rejects.toThrow("ends at byte 300000");
  });

  it("heals a damaged blob when it is pushed again", async () => {
    const { fetch } = await opened();
    const digest = await pushBlob(fetch, "a", "content");
    await writeFile(join(root, "blobs/sha256", digest.slice(7)), "rotten");
    await pushBlob(fetch, "a", "content");
    await expectBody(await send(fetch, "GET", `/v2/a/blobs/${digest}`), Buffer.from("content"));
  });

  it("answers 500 and tells its owner when the directory is gone", async () => {
    const failures: unknown[] = [];
    const registry = newRegistry({
      storage: await openDiskStorage(root),
      onError: (error) => failures.push(error),
    });
    await rm(root, { recursive: true });
    await expectError(await send(registry.fetch, "POST", "/v2/a/blobs/uploads/"), 500, "UNKNOWN");
    expect(failures).toEqual([expect.objectContaining({ code: "ENOENT" })]);
    await expect(stat(root)).rejects.toThrow();
  });
});
