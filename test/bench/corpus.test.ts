import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { extract } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { corpora } from "../../bench/corpus.mjs";
import { filesBelow, sample } from "../../bench/files.mjs";
import { tar, writeWhole } from "../../bench/tar.mjs";

let directory: string;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "varve-bench-test-"));
});

afterEach(async () => {
  await rm(directory, { recursive: true });
});

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const all = [];
  for await (const piece of pieces) all.push(piece);
  return Buffer.concat(all);
}

const long = `${"deep/".repeat(40)}file`;
const entries = [
  { name: "a.txt", bytes: Buffer.from("first") },
  { name: "bin/tool", bytes: Buffer.alloc(200_000, 1), executable: true },
  { name: "empty", bytes: new Uint8Array(0) },
  { name: long, bytes: Buffer.from("long name") },
];

describe("tar", () => {
  it("is the same every time", async () => {
    expect((await collect(tar(entries))).equals(await collect(tar(entries)))).toBe(true);
  });

  it("holds the entries in the order given, without times and owners", async () => {
    const found: unknown[] = [];
    const reading = extract();
    reading.end(await collect(tar(entries)));
    for await (const entry of reading) {
      const { name, size, mode, uid, gid, mtime } = entry.header;
      found.push({ name, size, mode, uid, gid, mtime: mtime.getTime() });
      entry.resume();
    }
    const same = { uid: 0, gid: 0, mtime: 0 };
    expect(found).toEqual([
      { name: "a.txt", size: 5, mode: 0o644, ...same },
      { name: "bin/tool", size: 200_000, mode: 0o755, ...same },
      { name: "empty", size: 0, mode: 0o644, ...same },
      { name: long, size: 9, mode: 0o644, ...same },
    ]);
  });

  it("fails when its entries fail, instead of ending early", async () => {
    async function* failing() {
      yield { name: "a", bytes: Buffer.from("a") };
      throw new Error("unreadable file");
    }
    await expect(collect(tar(failing()))).rejects.toThrow("unreadable file");
  });
});

describe("writeWhole", () => {
  it("tells the size and the SHA-256 of what it wrote", async () => {
    const path = join(directory, "file");
    const written = await writeWhole(path, [Buffer.from("ab"), Buffer.from("c")]);
    expect(await readFile(path, "utf8")).toBe("abc");
    expect(written).toEqual({ size: 3, sha256: createHash("sha256").update("abc").digest("hex") });
  });

  it("leaves nothing behind when its source fails, and an older file as it was", async () => {
    const path = join(directory, "file");
    await writeFile(path, "older");
    function* failing() {
      yield Buffer.from("half");
      throw new Error("no more");
    }
    await expect(writeWhole(path, failing())).rejects.toThrow("no more");
    expect(await readdir(directory)).toEqual(["file"]);
    expect(await readFile(path, "utf8")).toBe("older");
  });
});

describe("filesBelow", () => {
  it("finds regular files only, in the order of their names in the tar", async () => {
    await mkdir(join(directory, "b"));
    await mkdir(join(directory, "skipped"));
    for (const name of ["b/2", "b/10", "b.txt", "a", "Z", "skipped/x"])
      await writeFile(join(directory, name), name);
    await symlink("a", join(directory, "link"));
    await symlink("b", join(directory, "linked"));
    const found = filesBelow(directory, "root", (name) => name !== "skipped");
    expect(found.map(({ name, size }) => [name, size])).toEqual([
      ["root/Z", 1],
      ["root/a", 1],
      ["root/b.txt", 5],
      ["root/b/10", 4],
      ["root/b/2", 3],
    ]);
  });
});

describe("sample", () => {
  const file = fc.record({
    name: fc.string({ minLength: 1, maxLength: 12 }),
    path: fc.constant(""),
    size: fc.integer({ min: 0, max: 1000 }),
    executable: fc.boolean(),
  });
  const files = fc.uniqueArray(file, { selector: ({ name }) => name, maxLength: 40 });

  it("stays within the budget and leaves out no file that would still fit", () => {
    fc.assert(
      fc.property(files, fc.integer({ min: 0, max: 5000 }), (all, budget) => {
        const taken = sample(all, budget);
        const used = taken.reduce((sum, { size }) => sum + size, 0);
        expect(used).toBeLessThanOrEqual(budget);
        const smallestLeft = Math.min(...all.filter((one) => !taken.includes(one)).map(({ size }) => size));
        expect(used + smallestLeft).toBeGreaterThan(budget);
      }),
    );
  });

  it("does not depend on the order in which the directory lists the files, and is sorted by name", () => {
    fc.assert(
      fc.property(files, fc.integer({ min: 0, max: 5000 }), (all, budget) => {
        const names = sample(all, budget).map(({ name }) => name);
        expect(sample(all.toReversed(), budget).map(({ name }) => name)).toEqual(names);
        expect(names).toEqual(names.toSorted((a, b) => (a < b ? -1 : 1)));
      }),
    );
  });
});

describe("the plain corpora", () => {
  it.each([
    ["zeros.bin", "3b6a07d0d404fab4e23b6d34bc6696a6a312dd92821332385e5af7c01c421351"],
    ["random.bin", "0f616ee175e0e84f9d43ab97055c60215e0f47029e77de05a41b32e2c8eab2cb"],
  ])("%s is 64 MiB of pinned bytes", async (name, sha256) => {
    const written = await writeWhole(join(directory, name), corpora[name]?.() ?? []);
    expect(written).toEqual({ size: 64 << 20, sha256 });
  });
});
