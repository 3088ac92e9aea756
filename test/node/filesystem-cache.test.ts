import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  appendFile,
  mkdir,
  readdir,
  readFile,
  rm,
  symlink,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { readAll } from "../../src/bytes/index.js";
import type { Cache } from "../../src/cache/index.js";
import { newFilesystemCache } from "../../src/node/index.js";
import * as random from "../../src/random/index.js";
import type { Hash } from "../../src/v1/index.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { useScratch } from "../fixtures/scratch.js";

const reader = resolve(import.meta.dirname, "fixture/fill-cache.mjs");

const scratch = useScratch();
let root: string;
let cache: Cache;
let errors: unknown[];
beforeEach(() => {
  root = scratch.file("deep/cache");
  errors = [];
  cache = newFilesystemCache(root, { onError: (error) => errors.push(error) });
});

const read = (stream: ReadableStream<Uint8Array>): Promise<Uint8Array> =>
  readAll(stream, { maxBytes: 1 << 30 });

async function files(): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)));
}

/** Keeps a layer, and says where. */
async function fill(seed = 1): Promise<{ digest: Hash; path: string; bytes: Uint8Array }> {
  const layer = random.layer(50_000, undefined, { seed });
  const bytes = await read(await (await cache.put(layer)).compressed());
  const digest = await layer.digest();
  return { digest, path: join(root, "sha256", digest.hex, String(bytes.length)), bytes };
}

describe("a cache in a directory", () => {
  it("has files that are named by hashes, and makes nothing before there is something to keep", async () => {
    expect(await readdir(scratch.path)).toEqual([]);
    const { digest, path, bytes } = await fill();
    expect(await files()).toEqual([`sha256/${digest.hex}/${bytes.length}`]);
    expectSameBytes(await readFile(path), bytes);
    await cache.delete(digest);
    expect(await files()).toEqual([]);
    expect(errors).toEqual([]);
  });

  it("lasts, and is shared", async () => {
    const { digest, bytes } = await fill();
    expectSameBytes(await read(await (await newFilesystemCache(root).get(digest)).compressed()), bytes);
  });

  it("never serves or keeps a file that was cut short, or is longer than it was", async () => {
    for (const change of [
      (path: string) => truncate(path, 1000),
      (path: string) => truncate(path, 0),
      (path: string) => appendFile(path, "x"),
    ]) {
      const { digest, path } = await fill();
      await change(path);
      await expect(cache.get(digest)).rejects.toMatchObject({ code: "ERR_VARVE_CACHE_NOT_FOUND" });
      expect(await files()).toEqual([]);
    }
    const { digest, path, bytes } = await fill();
    const layer = await cache.get(digest);
    await truncate(path, 10);
    await expect(layer.compressed()).rejects.toMatchObject({ code: "ERR_VARVE_CACHE_NOT_FOUND" });
    await fill();
    expectSameBytes(await read(await layer.compressed()), bytes);
    expect(errors).toEqual([]);
  });

  it("leaves nothing of what is read in part", async () => {
    const opened = await (await cache.put(random.layer(500_000, undefined, { seed: 1 }))).compressed();
    const stream = opened.getReader();
    await stream.read();
    expect((await files()).every((name) => name.startsWith(".varve-"))).toBe(true);
    await stream.cancel();
    for (let i = 0; i < 100 && (await files()).length > 0; i++)
      await new Promise((resolve) => setTimeout(resolve, 5));
    expect(await files()).toEqual([]);
  });

  it("follows no link, and serves nothing but files", async () => {
    const { digest, path, bytes } = await fill();
    await rm(path);
    await writeFile(scratch.file("outside"), bytes);
    await symlink(scratch.file("outside"), path);
    await expect(cache.get(digest)).rejects.toMatchObject({ code: "ERR_VARVE_CACHE_NOT_FOUND" });
    expect(await files()).toEqual([]);
    expect((await readFile(scratch.file("outside"))).length).toBe(bytes.length);
    await mkdir(path, { recursive: true });
    await expect(cache.get(digest)).rejects.toMatchObject({ code: "ERR_VARVE_CACHE_NOT_FOUND" });
    await fill();
    expectSameBytes(await read(await (await cache.get(digest)).compressed()), bytes);
  });

  it("leaves nothing to be served of a process that is killed, and removes what that left after a day", async () => {
    const victim = spawn(process.execPath, [reader, root], { stdio: ["ignore", "pipe", "inherit"] });
    const ended = once(victim, "exit");
    await once(victim.stdout, "data");
    victim.kill("SIGKILL");
    await ended;
    const left = (await files()).filter((name) => name.startsWith(".varve-"));
    expect(left).toHaveLength(1);
    expect((await files()).length).toBe(1);
    await fill();
    expect(await files()).toHaveLength(2);
    const yesterday = new Date(Date.now() - 25 * 60 * 60 * 1000);
    await utimes(join(root, left[0]!), yesterday, yesterday);
    cache = newFilesystemCache(root);
    await fill(2);
    expect((await files()).filter((name) => name.startsWith(".varve-"))).toEqual([]);
  });

  it("gives layers all the same where it can't keep them, and says why", async () => {
    await writeFile(scratch.file("deep"), "a file in the way");
    const { digest, bytes } = await fill();
    expect(bytes.length).toBeGreaterThan(50_000);
    expect(errors).toMatchObject([{ code: expect.stringMatching(/ENOTDIR|EEXIST/) }]);
    await expect(cache.get(digest)).rejects.toMatchObject({ code: "ERR_VARVE_CACHE_NOT_FOUND" });
  });
});
