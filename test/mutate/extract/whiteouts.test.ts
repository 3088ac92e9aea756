import { describe, expect, it } from "vitest";
import { extract, UnsafeTarPathError } from "../../../src/mutate/index.js";
import type { NewTarEntry } from "../../../src/tar/index.js";
import { directory, file, imageOf, readBytes, symlink, tarLayer } from "../fixture/images.js";
import { listTar } from "../fixture/unpack.js";

/** What is extracted of layers, which are given from the bottom to the top: each name and the content of files. */
async function extracted(...layers: readonly (readonly NewTarEntry[])[]): Promise<readonly string[]> {
  const image = imageOf(await Promise.all(layers.map((entries) => tarLayer(...entries))));
  const entries = await listTar(await readBytes(extract(image)));
  return entries.map(({ name, type, content }) =>
    type === "file" ? `${name}=${content}` : `${name} ${type}`,
  );
}

describe("acceptance 70: extract", () => {
  it("goes through layers from the top down; of one name the topmost stands", async () => {
    expect(await extracted([file("a", "old"), file("b")], [file("a", "new"), file("c")])).toEqual([
      "a=new",
      "c=c",
      "b=b",
    ]);
  });

  it("hides what a whiteout names, and everything beneath it, in lower layers; and shows no whiteout", async () => {
    const lower = [directory("d"), file("d/x"), directory("d/e"), file("d/e/y"), file("dx"), file("f")];
    expect(await extracted(lower, [file(".wh.f", ""), file(".wh.d", "")])).toEqual(["dx=dx"]);
    expect(await extracted(lower, [file("d/.wh.e", "")])).toEqual(["d directory", "d/x=d/x", "dx=dx", "f=f"]);
  });

  it("keeps what stands beside its own whiteout, in either order", async () => {
    const expected = ["x=new"];
    expect(await extracted([file("x", "old")], [file(".wh.x", ""), file("x", "new")])).toEqual(expected);
    expect(await extracted([file("x", "old")], [file("x", "new"), file(".wh.x", "")])).toEqual(expected);
    const replaced = [file(".wh.d", ""), directory("d"), file("d/new")];
    expect(await extracted([directory("d"), file("d/old")], replaced)).toEqual([
      "d directory",
      "d/new=d/new",
    ]);
  });

  it("hides what lies beneath an opaque directory in lower layers, but neither the directory nor its own layer", async () => {
    const lower = [directory("d", { mode: 0o700 }), file("d/x"), file("d/e/y"), file("dd")];
    expect(await extracted(lower, [file("d/.wh..wh..opq", ""), file("d/z")])).toEqual([
      "d/z=d/z",
      "d directory",
      "dd=dd",
    ]);
    expect(await extracted(lower, [file("d/z"), file("d/.wh..wh..opq", "")])).toEqual([
      "d/z=d/z",
      "d directory",
      "dd=dd",
    ]);
    expect(await extracted(lower, [file(".wh..wh..opq", ""), file("new")])).toEqual(["new=new"]);
  });

  it("keeps a whiteout in force below the layer that puts something in its place", async () => {
    const layers = [[file("d/low")], [file(".wh.d", "")], [file("d/high")]];
    expect(await extracted(...layers)).toEqual(["d/high=d/high"]);
  });

  it("hides what lies beneath something that is no directory", async () => {
    expect(await extracted([directory("d"), file("d/x")], [file("d")])).toEqual(["d=d"]);
    expect(await extracted([directory("d"), file("d/x")], [symlink("d", "e")])).toEqual(["d symlink"]);
    expect(await extracted([directory("d"), file("d/x")], [file("d")], [directory("d")])).toEqual([
      "d directory",
    ]);
  });

  it("lets nothing go through a link or a file of its own layer", async () => {
    expect(await extracted([symlink("d", "/etc"), file("d/passwd")])).toEqual(["d symlink"]);
    expect(await extracted([file("d/passwd"), symlink("d", "/etc")])).toEqual(["d/passwd=d/passwd"]);
  });

  it("does not bring back a file that a directory took the place of", async () => {
    expect(await extracted([file("d")], [file("d/x")])).toEqual(["d/x=d/x"]);
    expect(await extracted([file("d")], [file("d/x")], [file("d/.wh.x", "")])).toEqual([]);
  });

  it("takes the first of one name within a layer", async () => {
    expect(await extracted([file("a", "1"), file("./a", "2"), file("/a", "3"), file("b/../a", "4")])).toEqual(
      ["a=1"],
    );
  });

  it("cleans names, so that layers of different tools have the same", async () => {
    const lower = [directory("./"), directory("./d/"), file("./d/x", "old")];
    expect(await extracted(lower, [directory("/"), file("/d//./x", "new")])).toEqual([
      ". directory",
      "d/x=new",
      "d directory",
    ]);
  });

  it("leaves out what AUFS and others keep under names of whiteouts", async () => {
    const layer = [
      directory(".wh..wh.plnk"),
      file(".wh..wh.plnk/1.2"),
      file(".wh..wh.aufs"),
      file("d/.wh.x/y"),
      file("kept"),
    ];
    expect(await extracted([file("d/x")], layer)).toEqual(["kept=kept", "d/x=d/x"]);
  });

  it.each([".wh.", ".wh..", ".wh...", "a/.wh...", "a/.wh."])(
    "refuses %j, a whiteout of no name",
    async (name) => {
      await expect(extracted([file("x")], [file(name, "")])).rejects.toThrow(UnsafeTarPathError);
    },
  );

  it("keeps everything that headers say", async () => {
    const header = {
      name: "a",
      mode: 0o4711,
      uid: 3_000_000,
      gid: 7,
      uname: "käthe",
      gname: "g",
      mtime: 1.5,
      pax: { "SCHILY.xattr.user.x": "ö" },
    };
    const device = { name: "null", type: "character-device", devmajor: 1, devminor: 3 } as const;
    const layers = [[{ header, body: new Uint8Array(0) }, { header: device }]];
    const image = imageOf(await Promise.all(layers.map((entries) => tarLayer(...entries))));
    const [first, second] = await listTar(await readBytes(extract(image)));
    expect(first).toMatchObject({ name: "a", mode: 0o4711 });
    expect(first?.pax).toMatchObject({ "SCHILY.xattr.user.x": "ö", uname: "käthe", mtime: "1.5" });
    expect(second).toMatchObject({ name: "null", type: "character-device" });
  });

  it("writes names of any length, which other programs read", async () => {
    const name = `${"d".repeat(150)}/${"e".repeat(300)}/ü`;
    expect(await extracted([file(name, "x"), symlink("l", name)])).toEqual([`${name}=x`, "l symlink"]);
  });

  it("gives an empty tar of an image without layers", async () => {
    expect(await readBytes(extract(imageOf([])))).toEqual(new Uint8Array(1024));
  });
});
