import { execFileSync } from "node:child_process";
import {
  createReadStream,
  linkSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type NewTarEntry, readTar, writeTar } from "../../src/tar/index.js";

let directory: string;
let tree: string;
const long = `${"long/".repeat(15)}name`;
const longer = `${"longer/".repeat(30)}${"n".repeat(150)}`;
const content = Buffer.from("content of a file\n".repeat(1000));

function tar(...args: readonly string[]): string {
  return execFileSync("tar", args, {
    cwd: tree,
    encoding: "utf8",
    env: { ...process.env, LC_ALL: "C.UTF-8", TZ: "UTC" },
  });
}

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "varve-tar-"));
  tree = join(directory, "tree");
  for (const path of [long, longer]) {
    mkdirSync(join(tree, path, ".."), { recursive: true });
    writeFileSync(join(tree, path), content);
    utimesSync(join(tree, path), 1, 1_700_000_000.25);
  }
  writeFileSync(join(tree, "größe"), "");
  writeFileSync(join(tree, "secret"), "x", { mode: 0o600 });
  linkSync(join(tree, long), join(tree, "zz-hard"));
  symlinkSync(longer, join(tree, "symbolic"));
  writeFileSync(join(tree, "sparse"), "begin");
  truncateSync(join(tree, "sparse"), 3_000_000);
});

afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe("tars of GNU tar", () => {
  it.each([
    ["v7", ["--exclude=longer", "--exclude=symbolic"]],
    ["ustar", ["--exclude=longer", "--exclude=symbolic"]],
    ["oldgnu", []],
    ["gnu", ["--sparse"]],
    ["pax", []],
    ["pax", ["--sparse", "--sparse-version=0.0"]],
    ["pax", ["--sparse", "--sparse-version=0.1"]],
    ["pax", ["--sparse", "--sparse-version=1.0"]],
  ])("in the format %s %j are read as it made them", async (format, options) => {
    const path = join(directory, "made.tar");
    tar(`--format=${format}`, ...options, "--sort=name", "-cf", path, ".");
    const listed = tar("-tf", path, "--quoting-style=literal", "--show-transformed-names").trim().split("\n");
    const names: string[] = [];
    const source = Readable.toWeb(createReadStream(path)) as unknown as ReadableStream<Uint8Array>;
    for await (const { header, body } of readTar(source)) {
      names.push(header.name);
      const onDisk = statSync(join(tree, header.name));
      if (header.type === "symlink") expect(header.linkname).toBe(readlinkSync(join(tree, header.name)));
      if (header.type === "link") expect(header.linkname).toBe(`./${long}`);
      if (header.type !== "file") continue;
      expect([header.name, header.size, header.mode]).toEqual([
        header.name,
        onDisk.size,
        onDisk.mode & 0o7777,
      ]);
      if (format === "pax") expect(header.mtime).toBeCloseTo(onDisk.mtimeMs / 1000, 3);
      const chunks: Uint8Array[] = [];
      for await (const chunk of body) chunks.push(chunk.slice());
      expect(Buffer.concat(chunks).equals(readFileSync(join(tree, header.name)))).toBe(true);
    }
    expect(names).toEqual(listed);
    expect(names.length).toBeGreaterThan(15);
  });
});

describe("tars that are written here", () => {
  it("are listed by GNU tar as they were meant, and unpacked", async () => {
    const entries: NewTarEntry[] = [
      { header: { name: "d/", type: "directory", mode: 0o1777, mtime: 1_700_000_000 } },
      {
        header: {
          name: `d/${longer}`,
          mode: 0o4755,
          uid: 3_000_000,
          gid: 2 ** 31,
          uname: "somebody",
          mtime: 1.5,
        },
        body: content,
      },
      { header: { name: "d/größe", pax: { "SCHILY.xattr.user.comment": "é" } }, body: new Uint8Array(3) },
      { header: { name: "d/hard", type: "link", linkname: `d/${longer}` } },
      { header: { name: "d/symbolic", type: "symlink", linkname: "x".repeat(200) } },
      { header: { name: "d/tty", type: "character-device", devmajor: 4, devminor: 64 } },
      { header: { name: "d/fifo", type: "fifo" } },
    ];
    const path = join(directory, "ours.tar");
    writeFileSync(path, new Uint8Array(await new Response(writeTar(entries)).arrayBuffer()));
    const listed = tar("--numeric-owner", "--full-time", "--xattrs", "-tvvf", path).split("\n");
    expect(listed.filter((line) => !/^ +[x:]/.test(line)).map((line) => line.replace(/ +/g, " "))).toEqual([
      "drwxrwxrwt 0/0 0 2023-11-14 22:13:20 d/",
      `-rwsr-xr-x 3000000/2147483648 ${content.length} 1970-01-01 00:00:01.5 d/${longer}`,
      expect.stringMatching(/^-rw-r--r--\*? 0\/0 3 1970-01-01 00:00:00 d\/größe$/),
      `hrw-r--r-- 0/0 0 1970-01-01 00:00:00 d/hard link to d/${longer}`,
      `lrw-r--r-- 0/0 0 1970-01-01 00:00:00 d/symbolic -> ${"x".repeat(200)}`,
      "crw-r--r-- 0/0 4,64 1970-01-01 00:00:00 d/tty",
      "prw-r--r-- 0/0 0 1970-01-01 00:00:00 d/fifo",
      "",
    ]);
    const out = join(directory, "out");
    mkdirSync(out);
    tar("--no-same-owner", "--exclude=d/tty", "-C", out, "-xf", path);
    expect(readFileSync(join(out, `d/${longer}`)).equals(content)).toBe(true);
    expect(statSync(join(out, "d/hard")).ino).toBe(statSync(join(out, `d/${longer}`)).ino);
    expect(readlinkSync(join(out, "d/symbolic"))).toBe("x".repeat(200));
  });
});
