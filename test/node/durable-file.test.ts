import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  makeDirectory,
  orAbsent,
  removeFile,
  storageError,
  writeWhole,
} from "../../src/node/durable-file.js";
import { StorageFullError } from "../../src/registry/index.js";

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "varve-test-"));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe("writeWhole", () => {
  it("makes the file and what leads to it, and leaves nothing beside it", async () => {
    await writeWhole(join(root, "a/b/file"), "content", root);
    expect(await readFile(join(root, "a/b/file"), "utf8")).toBe("content");
    expect(await readdir(root)).toEqual(["a"]);
  });

  it("replaces a file as a whole, however many write it", async () => {
    const contents = Array.from({ length: 10 }, (_, i) => String(i).repeat(10_000));
    await Promise.all(contents.map((content) => writeWhole(join(root, "file"), content, root)));
    expect(contents).toContain(await readFile(join(root, "file"), "utf8"));
    expect(await readdir(root)).toEqual(["file"]);
  });

  it("leaves nothing when it fails", async () => {
    await writeFile(join(root, "file"), "");
    await expect(writeWhole(join(root, "file/below"), "content", root)).rejects.toThrow();
    expect(await readdir(root)).toEqual(["file"]);
  });
});

describe("makeDirectory", () => {
  it("is content with one that is there", async () => {
    for (let i = 0; i < 2; i++) await makeDirectory(join(root, "a/b/c"));
    expect((await stat(join(root, "a/b/c"))).isDirectory()).toBe(true);
  });
});

describe("removeFile", () => {
  it("tells whether there was one", async () => {
    await writeFile(join(root, "file"), "");
    expect(await removeFile(join(root, "file"))).toBe(true);
    expect(await removeFile(join(root, "file"))).toBe(false);
  });
});

describe("orAbsent", () => {
  it("takes absence for an answer, and no other failure", async () => {
    expect(await orAbsent(readFile(join(root, "absent")))).toBeUndefined();
    await expect(orAbsent(readFile(root))).rejects.toMatchObject({ code: "EISDIR" });
  });
});

describe("storageError", () => {
  it.each(["ENOSPC", "EDQUOT", "EFBIG"])("says what %s means", (code) => {
    const cause = Object.assign(new Error("write"), { code });
    expect(storageError(cause)).toBeInstanceOf(StorageFullError);
    expect(storageError(cause)).toMatchObject({ cause, message: expect.stringContaining("full") });
  });

  it("leaves other errors as they are", () => {
    for (const error of [Object.assign(new Error("x"), { code: "EIO" }), new Error("x"), "text", undefined]) {
      expect(storageError(error)).toBe(error);
    }
  });
});
