import { describe, expect, it } from "vitest";
import { extract } from "../../../src/mutate/index.js";
import type { NewTarEntry } from "../../../src/tar/index.js";
import {
  file,
  hardLink,
  imageOf,
  type MemoryLayer,
  readBytes,
  symlink,
  tarLayer,
} from "../fixture/images.js";
import { listTar, unpack } from "../fixture/unpack.js";

/** Each entry in its order: `name=content`, `name -> target` for a symbolic link, `name => target` for a hard one. */
async function extracted(layers: readonly MemoryLayer[]): Promise<readonly string[]> {
  const entries = await listTar(await readBytes(extract(imageOf(layers))));
  return entries.map(({ name, type, content, linkname }) => {
    if (type === "symlink") return `${name} -> ${linkname}`;
    return type === "link" ? `${name} => ${linkname}` : `${name}=${content}`;
  });
}

async function extractedFrom(...layers: readonly (readonly NewTarEntry[])[]): Promise<readonly string[]> {
  return extracted(await Promise.all(layers.map((entries) => tarLayer(...entries))));
}

describe("acceptance 70: links", () => {
  it("that are symbolic, relative and lead out of the root are dropped", async () => {
    const layer = [
      symlink("up", ".."),
      symlink("a/up", "../../x"),
      symlink("a/deep", "b/../../../x"),
      symlink("windows", "..\\..\\x"),
      symlink("drive", "C:\\x"),
      symlink("a/in", "../x"),
      symlink("dots", "..x"),
      symlink("absolute", "/../etc/passwd"),
    ];
    expect(await extractedFrom(layer)).toEqual(["a/in -> ../x", "dots -> ..x", "absolute -> /../etc/passwd"]);
  });

  it("that are hard, relative and lead out of the root are dropped: they are resolved at the root", async () => {
    const layer = [
      file("x"),
      hardLink("a/b/c", "../x"),
      hardLink("d", "a/../../x"),
      hardLink("e", "./a/../x"),
      hardLink("f", "/x"),
    ];
    expect(await extractedFrom(layer)).toEqual(["x=x", "e => x", "f => /x"]);
  });

  it("that are dropped hide what they took the place of", async () => {
    expect(
      await extractedFrom([file("a"), file("b/c")], [symlink("a", "../x"), hardLink("b", "../y")]),
    ).toEqual([]);
  });

  it("that lead in circles are kept if they are symbolic", async () => {
    expect(await extractedFrom([symlink("a", "b"), symlink("b", "a"), symlink("c", "c")])).toEqual([
      "a -> b",
      "b -> a",
      "c -> c",
    ]);
  });

  it("that lead to what a layer above replaced have the content that was replaced", async () => {
    const lower = [
      file("x", "old"),
      hardLink("first", "x"),
      hardLink("second", "x"),
      hardLink("third", "second"),
    ];
    expect(await extractedFrom(lower, [file("x", "new")])).toEqual([
      "x=new",
      "first=old",
      "second => first",
      "third => first",
    ]);
    expect(await extractedFrom(lower, [file(".wh.x", ""), file(".wh.second", "")])).toEqual([
      "first=old",
      "third => first",
    ]);
  });

  it("that lead to what a layer above replaced have their content read once more, and no oftener", async () => {
    const many = Array.from({ length: 50 }, (_, i) => hardLink(`l${i}`, `x${i}`));
    const layer = await tarLayer(...Array.from({ length: 50 }, (_, i) => file(`x${i}`)), ...many);
    const top = await tarLayer(...Array.from({ length: 50 }, (_, i) => file(`.wh.x${i}`, "")));
    expect(await extracted([layer, top])).toEqual(many.map(({ header }, i) => `${header.name}=x${i}`));
    expect(layer.opened).toBe(2);
    expect(layer.closed).toBe(2);
  });

  it("that come before what they lead to wait for it", async () => {
    expect(await extractedFrom([hardLink("c", "b"), hardLink("b", "a"), file("z"), file("a")])).toEqual([
      "z=z",
      "a=a",
      "b => a",
      "c => b",
    ]);
  });

  it("that lead to a file of a layer below come after it", async () => {
    const layers = [
      [file("x"), hardLink("y", "x")],
      [hardLink("a", "y"), hardLink("b", "a")],
    ];
    const tree = await unpack(
      await readBytes(extract(imageOf(await Promise.all(layers.map((l) => tarLayer(...l)))))),
    );
    expect([...tree.keys()].sort()).toEqual(["a", "b", "x", "y"]);
    expect(new Set([...tree.values()].map(({ content }) => content)).size).toBe(1);
  });

  it("that are into the place where AUFS keeps shared files become files", async () => {
    const layer = [
      file(".wh..wh.plnk/1.2", "shared"),
      hardLink("a", ".wh..wh.plnk/1.2"),
      hardLink("b", ".wh..wh.plnk/1.2"),
    ];
    expect(await extractedFrom(layer)).toEqual(["a=shared", "b => a"]);
  });

  it("that lead to nothing are given out last, as they are", async () => {
    expect(await extractedFrom([hardLink("a", "./nothing"), hardLink("b", "/nothing"), file("c")])).toEqual([
      "c=c",
      "a => nothing",
      "b => /nothing",
    ]);
  });

  it("that lead to each other in circles, or to directories, end", async () => {
    const circle = [hardLink("a", "b"), hardLink("b", "c"), hardLink("c", "a"), hardLink("s", "s")];
    expect((await extractedFrom(circle)).length).toBe(4);
    expect((await extractedFrom(circle, [file(".wh.a", "")])).length).toBe(3);
    expect(await extractedFrom([{ header: { name: "d", type: "directory" } }, hardLink("l", "d")])).toEqual([
      "d=",
      "l => d",
    ]);
  });

  it("in chains of any length take no longer than others", async () => {
    const chain = Array.from({ length: 2000 }, (_, i) => hardLink(`l${i}`, `l${i + 1}`));
    const layer = [...chain, file("l2000", "end")];
    const entries = await extractedFrom(layer);
    expect(entries[0]).toBe("l2000=end");
    expect(entries).toHaveLength(2001);
    expect(await extractedFrom([...layer].reverse(), [file(".wh.l2000", "")])).toHaveLength(2000);
  });
});
