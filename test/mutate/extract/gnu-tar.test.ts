import { spawnSync } from "node:child_process";
import { lstatSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { extract } from "../../../src/mutate/index.js";
import { directory, file, hardLink, imageOf, readBytes, symlink, tarLayer } from "../fixture/images.js";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "varve-extract-"));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

it("what is extracted is what the tar program unpacks, without a word", async () => {
  const long = `${"l".repeat(120)}/${"m".repeat(120)}/ü`;
  const image = imageOf([
    await tarLayer(
      directory("./"),
      directory("./etc", { mode: 0o750 }),
      file("./etc/a", "old"),
      hardLink("./etc/b", "./etc/a"),
      hardLink("./etc/c", "etc/a"),
      file("gone/x"),
      symlink("up", "../out"),
    ),
    await tarLayer(file("etc/a", "new", { mode: 0o600 }), file(".wh.gone", ""), file(long, "long")),
    await tarLayer(symlink("etc/link", "../etc/a"), hardLink("etc/d", `/${long}`)),
  ]);
  const { status, stderr } = spawnSync("tar", ["-xf", "-", "-C", root, "--no-same-owner"], {
    input: await readBytes(extract(image)),
  });
  // A hard link to an absolute path is told of, and then taken as one in the root.
  expect({
    status,
    stderr: String(stderr).replace(/^tar: Removing leading `\/' from hard link targets\n/, ""),
  }).toEqual({
    status: 0,
    stderr: "",
  });
  expect(readdirSync(root).sort()).toEqual(["etc", "l".repeat(120)]);
  expect(readdirSync(join(root, "etc")).sort()).toEqual(["a", "b", "c", "d", "link"]);
  const text = (path: string): string => readFileSync(join(root, path), "utf8");
  expect(["etc/a", "etc/b", "etc/c", "etc/d", long].map(text)).toEqual(["new", "old", "old", "long", "long"]);
  const inode = (path: string): number => lstatSync(join(root, path)).ino;
  expect(inode("etc/b")).toBe(inode("etc/c"));
  expect(inode("etc/d")).toBe(inode(long));
  expect(lstatSync(join(root, "etc")).mode & 0o777).toBe(0o750);
  expect(readlinkSync(join(root, "etc/link"))).toBe("../etc/a");
});
