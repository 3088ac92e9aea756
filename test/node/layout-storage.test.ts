import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join, relative, resolve } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { hashOf, readAll } from "../../src/bytes/index.js";
import * as empty from "../../src/empty/index.js";
import { layout as layouts } from "../../src/node/index.js";
import * as random from "../../src/random/index.js";
import { newLayer } from "../../src/static/index.js";
import { type Hash, ociLayer } from "../../src/v1/index.js";
import * as validate from "../../src/validate/index.js";
import { ociImage, streaming, tarOf } from "../fixtures/oci-image.js";
import { useScratch } from "../fixtures/scratch.js";

const appender = resolve(import.meta.dirname, "fixture/append.mjs");

const scratch = useScratch();
let root: string;
beforeEach(() => {
  root = scratch.file("deep/layout");
});

const create = (): Promise<layouts.Layout> => layouts.write(root, empty.index);

async function files(): Promise<string[]> {
  const entries = await readdir(scratch.path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(root, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

const pathOf = (blob: Hash): string => join(root, "blobs", blob.algorithm, blob.hex);

describe("a layout in a directory", () => {
  it("has files named by digests, and nothing else when it is at rest", async () => {
    const layout = await create();
    expect(await readdir(root)).toEqual(["blobs", "index.json", "oci-layout"]);
    const image = ociImage([streaming(await tarOf({ a: "a" }))]);
    await layout.appendImage(image);
    const blobs = [await image.digest(), await image.configName(), await (await image.layers())[0]!.digest()];
    expect(await files()).toEqual(
      [...blobs.map((blob) => `blobs/sha256/${blob.hex}`), "index.json", "oci-layout"].sort(),
    );
    for (const blob of blobs) expect(await hashOf(await readFile(pathOf(blob)))).toEqual(blob);
    expect(await (await layouts.imageIndexFromPath(root)).digest()).toEqual(
      await hashOf(await readFile(join(root, "index.json"))),
    );
  });

  it("is not where there is none, and then nothing is made", async () => {
    await expect(layouts.fromPath(root)).rejects.toThrow(layouts.LayoutNotFoundError);
    await expect(layouts.imageIndexFromPath(root)).rejects.toThrow(root);
    expect(await readdir(scratch.path)).toEqual([]);
  });

  describe("refuses", () => {
    it("blobs that are links, directories or FIFOs, and replaces those that it can (acceptance 73)", async () => {
      const layout = await create();
      const secret = scratch.file("secret");
      await writeFile(secret, "secret");
      const layer = newLayer(new TextEncoder().encode("secret"), ociLayer);
      const digest = await layer.digest();
      await mkdir(join(root, "blobs/sha256"), { recursive: true });

      await symlink(secret, pathOf(digest));
      await expect(layout.blob(digest)).rejects.toThrow("not a plain file");
      await layout.writeLayer(layer);
      expect((await stat(pathOf(digest))).isFile()).toBe(true);
      expect(await readAll(await layout.blob(digest))).toEqual(new TextEncoder().encode("secret"));
      expect(await readFile(secret, "utf8")).toBe("secret");

      await rm(pathOf(digest));
      execFileSync("mkfifo", [pathOf(digest)]);
      await expect(layout.blob(digest)).rejects.toThrow(layouts.LayoutError);
      await layout.writeLayer(layer);
      expect(await readAll(await layout.blob(digest))).toHaveLength(6);

      await rm(pathOf(digest));
      await mkdir(pathOf(digest));
      await expect(layout.blob(digest)).rejects.toThrow(layouts.LayoutError);
      await expect(layout.writeLayer(layer)).rejects.toThrow(layouts.LayoutDiskError);
      expect(await readdir(root)).toEqual(["blobs", "index.json", "oci-layout"]);
    });

    it("directories of blobs that are links, to read from and to write to", async () => {
      const layout = await create();
      const outside = scratch.file("outside");
      await mkdir(outside);
      const image = random.image(10, 1, { seed: 1 });
      for (const directory of ["blobs/sha256", "blobs"]) {
        await rm(join(root, directory), { recursive: true, force: true });
        await symlink(outside, join(root, directory));
        await expect(layout.appendImage(image)).rejects.toThrow("not a directory");
        await expect(layout.bytes(await image.digest())).rejects.toThrow("not a directory");
        await expect(layout.garbageCollect({ remove: true, olderThan: 0 })).rejects.toThrow(
          "not a directory",
        );
        await expect(layout.removeBlob(await image.digest())).rejects.toThrow("not a directory");
      }
      expect(await readdir(outside)).toEqual([]);
    });

    it("an index.json that is a link, and replaces it without following it", async () => {
      await create();
      const outside = scratch.file("outside.json");
      await writeFile(outside, '{"schemaVersion":2,"manifests":[]}');
      await rm(join(root, "index.json"));
      await symlink(outside, join(root, "index.json"));
      await expect(layouts.fromPath(root)).rejects.toThrow("not a plain file");
      await expect(create()).rejects.toThrow("not a plain file");
      expect(await readFile(outside, "utf8")).toBe('{"schemaVersion":2,"manifests":[]}');
    });
  });

  it("says what the system refuses, and where", async () => {
    await mkdir(scratch.path, { recursive: true });
    await writeFile(scratch.file("deep"), "a file in the way");
    const refused = expect(create()).rejects;
    await refused.toThrow(layouts.LayoutDiskError);
    await expect(create()).rejects.toThrow(root);
    await expect(layouts.fromPath(root)).rejects.toMatchObject({
      code: "ERR_VARVE_LAYOUT_DISK",
      cause: { code: "ENOTDIR" },
    });
  });

  it("can be read where nothing can be written", async () => {
    const layout = await create();
    await layout.appendImage(random.image(10, 1, { seed: 1 }));
    await chmod(root, 0o555);
    await validate.index(await (await layouts.fromPath(root)).imageIndex());
    await chmod(root, 0o755);
  });

  it("is rid of what killed writers left, and of nothing else", async () => {
    const layout = await create();
    const old = new Date(Date.now() - 3 * 60 * 60 * 1000);
    for (const name of [".varve-old", ".varve-young", ".other", "file"]) {
      await writeFile(join(root, name), "x");
      if (name !== ".varve-young") await utimes(join(root, name), old, old);
    }
    await mkdir(join(root, ".varve-lock-x/y"), { recursive: true });
    await utimes(join(root, ".varve-lock-x"), old, old);
    await mkdir(join(root, "blobs/sha256/not-a-digest"), { recursive: true });
    await layout.garbageCollect({ remove: true });
    expect(await readdir(root)).toEqual([
      ".other",
      ".varve-young",
      "blobs",
      "file",
      "index.json",
      "oci-layout",
    ]);
    await layout.garbageCollect({ remove: true, olderThan: 0 });
    expect(await readdir(root)).toEqual([".other", "blobs", "file", "index.json", "oci-layout"]);
    expect(await readdir(join(root, "blobs/sha256"))).toEqual(["not-a-digest"]);
  });
});

describe("processes that append at once", () => {
  const seedsIn = async (): Promise<number[]> => {
    const { manifests } = JSON.parse(await readFile(join(root, "index.json"), "utf8"));
    return manifests.map(({ annotations }: { annotations: { seed: string } }) => Number(annotations.seed));
  };
  const ascending = (a: number, b: number): number => a - b;

  it("lose nothing", async () => {
    await create();
    const children = [1000, 2000].map((seed) =>
      spawn(process.execPath, [appender, root, String(seed), "25"], {
        stdio: ["ignore", "ignore", "inherit"],
      }),
    );
    const codes = await Promise.all(children.map(async (child) => (await once(child, "exit"))[0]));
    expect(codes).toEqual([0, 0]);
    const seeds = [1000, 2000].flatMap((seed) => Array.from({ length: 25 }, (_, i) => seed + i));
    expect((await seedsIn()).sort(ascending)).toEqual(seeds);
    await validate.index(await layouts.imageIndexFromPath(root), { fast: true });
    expect(await readdir(root)).toEqual(["blobs", "index.json", "oci-layout"]);
  });

  it("lose nothing when some are killed in the middle, and block nobody", async () => {
    const layout = await create();
    const said: number[] = [];
    const survivor = spawn(process.execPath, [appender, root, "1000", "15"], {
      stdio: ["ignore", "ignore", "inherit"],
    });
    const survived = once(survivor, "exit");
    for (let round = 2; round < 5; round++) {
      const victim = spawn(process.execPath, [appender, root, String(1000 * round), "1000"], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      const ended = once(victim, "exit");
      let lines = "";
      for await (const chunk of victim.stdout) {
        lines += chunk;
        // Killed somewhere in the third image: each time at another moment.
        if (lines.split("\n").length > 2) setTimeout(() => victim.kill("SIGKILL"), 3 * round);
        JSON.parse(await readFile(join(root, "index.json"), "utf8"));
      }
      await ended;
      said.push(...lines.split("\n").slice(0, -1).map(Number));
    }
    expect((await survived)[0]).toBe(0);
    await layout.appendImage(random.image(10, 1, { seed: 1 }), { annotations: { seed: "1" } });
    const listed = await seedsIn();
    const expected = [1, ...Array.from({ length: 15 }, (_, i) => 1000 + i), ...said];
    expect(listed).toEqual(expect.arrayContaining(expected));
    // What was listed as its writer was killed may not have been said any more.
    expect(listed.length - expected.length).toBeLessThanOrEqual(3);
    expect(new Set(listed).size).toBe(listed.length);
    await validate.index(await layout.imageIndex());

    await layout.garbageCollect({ remove: true, olderThan: 0 });
    expect(await readdir(root)).toEqual(["blobs", "index.json", "oci-layout"]);
    expect(await layout.garbageCollect()).toEqual([]);
    await validate.index(await layout.imageIndex());
  });
});
