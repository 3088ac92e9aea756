import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { VarveError } from "../../../src/core/index.js";
import { Flattening } from "../../../src/mutate/extract/flatten.js";
import { ExtractLimitError, extract, UnsafeTarPathError } from "../../../src/mutate/index.js";
import { type NewTarEntry, readTar, type TarEntry, TarError } from "../../../src/tar/index.js";
import { dockerLayer, VerificationError } from "../../../src/v1/index.js";
import { concat } from "../../fixtures/bytes.js";
import {
  directory,
  file,
  hardLink,
  imageOf,
  imageOfBytes,
  MemoryLayer,
  readBytes,
  streamOf,
  symlink,
  tarLayer,
  tarOf,
  utf8,
} from "../fixture/images.js";
import { listTar } from "../fixture/unpack.js";

async function extracted(...layers: readonly MemoryLayer[]): Promise<Uint8Array> {
  return readBytes(extract(imageOf(layers)));
}

describe("acceptance 70: a hostile layer", () => {
  it.each(["../x", "a/../../x", "/../../etc/passwd", "..\\x", "C:\\x"])(
    "with %j is refused",
    async (name) => {
      const layers = [await tarLayer(file(name)), await tarLayer(file("a"))];
      await expect(extracted(...layers)).rejects.toThrow(UnsafeTarPathError);
      await expect(extracted(...layers)).rejects.toThrow(/unsafe tar path/);
    },
  );

  it.each([
    ["a file", file("../x")],
    ["a directory", directory("a/../..")],
    ["a link", symlink("../x", "y")],
    ["a whiteout", file("../.wh.x")],
    ["a device", { header: { name: "../x", type: "block-device" } } as NewTarEntry],
  ])("is refused when it is %s that leads out of the root, even if it is hidden", async (_, entry) => {
    const name = entry.header.name.replaceAll("../", "");
    await expect(extracted(await tarLayer(entry), await tarLayer(file(name)))).rejects.toThrow(
      UnsafeTarPathError,
    );
  });

  it.each(["", ".", "./", "/"])("can't make the root, as %j, anything but a directory", async (name) => {
    const refused = extracted(await tarLayer(symlink(name, "x")));
    // A tar may not be able to hold it, or readers take it for a directory.
    await expect(refused).rejects.toThrow(VarveError);
  });

  it("is told in printable words", async () => {
    const layer = await tarLayer(file("../\u001b[2J\u202e"));
    await expect(extracted(layer)).rejects.toThrow('unsafe tar path "../\\u001b[2J\\u202e"');
  });

  it("that is cut anywhere fails", async () => {
    const tar = await tarOf(file("a", "x".repeat(3000)), directory("d"), file("d/b", "y".repeat(700)));
    const whole = new MemoryLayer(tar);
    const { length } = tar;
    for (const end of [1, 511, 513, 1024, 3000, 4097, 5000, length - 1025, length - 600, length - 1]) {
      const cut = new MemoryLayer(tar, dockerLayer, gzipSync(tar.subarray(0, end)));
      const image = imageOf([cut], { rootfs: { type: "layers", diffIDs: [whole.contentDiffID] } });
      await expect(readBytes(extract(image)), `cut at ${end}`).rejects.toThrow(VarveError);
    }
  });

  it("whose gzip is cut or damaged fails", async () => {
    const tar = await tarOf(file("a", "x".repeat(3000)));
    const blob = gzipSync(tar);
    for (const bad of [
      blob.subarray(0, -1),
      blob.subarray(0, 40),
      concat(blob.subarray(0, -8), new Uint8Array(8)),
    ]) {
      const layer = new MemoryLayer(tar, dockerLayer, bad);
      await expect(extracted(layer)).rejects.toMatchObject({ code: "ERR_VARVE_INFLATE" });
    }
  });

  it("with content that is not what its diffID says fails at its end, wherever the difference is", async () => {
    const honest = await tarOf(file("a", "good"));
    const behind = concat(honest, utf8("more"));
    const within = await tarOf(file("a", "evil"));
    for (const other of [behind, within]) {
      const layer = new MemoryLayer(honest, dockerLayer, gzipSync(other));
      await expect(extracted(layer)).rejects.toThrow(VerificationError);
    }
    const zeros = concat(honest, new Uint8Array(5000));
    expect(await listTar(await extracted(new MemoryLayer(zeros)))).toHaveLength(1);
  });

  it("is held to nothing but itself where the configuration says nothing of it", async () => {
    const layer = await tarLayer(file("a"));
    const raw = utf8("{}");
    expect(await listTar(await readBytes(extract(imageOfBytes([layer], raw))))).toHaveLength(1);
  });

  it("with a size that is a lie fails, or has its content taken for what it claims to be", async () => {
    const tar = await tarOf(file("a", "x".repeat(600)), file("b"));
    for (const size of ["00000000000", "00000000001", "77777777777", "00000003000", "-0000000001"]) {
      const lying = tar.slice();
      lying.set(utf8(size), 124);
      const sum = lying
        .subarray(0, 512)
        .reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 32 : byte), 0);
      lying.set(utf8(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
      await expect(extracted(new MemoryLayer(lying)), size).rejects.toThrow(TarError);
    }
  });

  it("of any bytes ends in a tar or in an error of this package", async () => {
    const tar = await tarOf(file("a", "x"), hardLink("b", "a"), symlink("c", "a"), file("d/.wh.e", ""));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(tar.length - 1), fc.nat(255)), { maxLength: 4 }),
        fc.boolean(),
        async (changes, sum) => {
          const bad = tar.slice();
          for (const [at, byte] of changes) bad[at] = byte;
          if (sum) repairChecksums(bad);
          try {
            await listTar(await extracted(new MemoryLayer(bad)));
          } catch (error) {
            expect(error).toBeInstanceOf(VarveError);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Gives every block that could be a header the checksum of one. */
function repairChecksums(tar: Uint8Array): void {
  for (let at = 0; at + 512 <= tar.length; at += 512) {
    const block = tar.subarray(at, at + 512);
    if (!block.some((byte) => byte !== 0)) continue;
    const sum = block.reduce((all, byte, i) => all + (i >= 148 && i < 156 ? 32 : byte), 0);
    block.set(utf8(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  }
}

describe("what is remembered", () => {
  it("is bounded by the number of names, of directories on the way and whiteouts too", async () => {
    const layer = await tarLayer(file("a/b/c"), file("d/.wh.e", ""), file("f"));
    const image = imageOf([layer]);
    expect(await listTar(await readBytes(extract(image, { maxNames: 6 })))).toHaveLength(2);
    const refused = readBytes(extract(image, { maxNames: 5 }));
    await expect(refused).rejects.toThrow(ExtractLimitError);
    await expect(refused).rejects.toThrow(/more than 5 names .* raise maxNames/);
    expect(layer.closed).toBe(2);
  });

  it("does not grow with names that come again or are hidden", async () => {
    const lower = await tarLayer(directory("d"), ...Array.from({ length: 50 }, (_, i) => file(`d/${i}`)));
    const upper = await tarLayer(file("d"));
    expect(
      await listTar(await readBytes(extract(imageOf([lower, lower, upper]), { maxNames: 1 }))),
    ).toHaveLength(1);
  });

  it("is bounded by the length of names, as they were written", async () => {
    const image = imageOf([await tarLayer(file(`${"./".repeat(500)}a`))]);
    expect(await listTar(await readBytes(extract(image, { maxNameUnits: 1001 })))).toHaveLength(1);
    await expect(readBytes(extract(image, { maxNameUnits: 1000 }))).rejects.toThrow(/raise maxNameUnits/);
  });

  it("is bounded by the length of what waits, and takes nothing for what has been given out", async () => {
    const links = Array.from({ length: 20 }, (_, i) => hardLink(`l${i}`, "x"));
    const [waiting, soon] = [await tarLayer(...links), await tarLayer(file("x"), ...links)];
    const options = { maxNameUnits: 2500 };
    expect(await listTar(await readBytes(extract(imageOf([soon]), options)))).toHaveLength(21);
    const attributes = { pax: { "SCHILY.xattr.user.x": "y".repeat(2000) } };
    const heavy = links.map(({ header }) => ({ header: { ...header, ...attributes } }));
    expect(
      await listTar(await readBytes(extract(imageOf([await tarLayer(file("x"), ...heavy)]), options))),
    ).toHaveLength(21);
    expect(await listTar(await readBytes(extract(imageOf([waiting]), options)))).toHaveLength(20);
    await expect(readBytes(extract(imageOf([await tarLayer(...heavy)]), options))).rejects.toThrow(
      ExtractLimitError,
    );
  });

  it("of a name of 64 KiB in 32,768 components costs as much as any other of its length", async () => {
    const name = `${"a/".repeat(32_767)}b`;
    const layer = await tarLayer(...Array.from({ length: 30 }, (_, i) => file(`${name}${i}`)));
    const image = imageOf([layer, layer]);
    expect(await listTar(await readBytes(extract(image)))).toHaveLength(30);
    await expect(readBytes(extract(image, { maxNames: 30_000 }))).rejects.toThrow(ExtractLimitError);
    await expect(readBytes(extract(image, { maxHeaderBytes: 60_000 }))).rejects.toThrow(/maxHeaderBytes/);
  });

  it("of 100,000 entries takes them all", async () => {
    const one = (await readTar(streamOf(await tarOf(file("x", "")))).next()).value as TarEntry;
    async function* entries(): AsyncGenerator<TarEntry> {
      for (let i = 0; i < 100_000; i++) yield { ...one, header: { ...one.header, name: `${i % 100}/${i}` } };
    }
    const flattening = new Flattening({});
    let count = 0;
    for await (const _ of flattening.layer(async () => entries(), 1)) count++;
    for await (const _ of flattening.layer(async () => entries(), 0)) count++;
    expect(count).toBe(100_000);
  });

  it.each([
    ["to a link to a file that follows", ["file"]],
    ["to a link to nothing", []],
  ])("of 150,000 links %s takes them all", async (_, types) => {
    const one = (await readTar(streamOf(await tarOf(file("x", "")))).next()).value as TarEntry;
    const link = (name: string, linkname: string): TarEntry => ({
      ...one,
      header: { ...one.header, name, linkname, type: "link" },
    });
    async function* entries(): AsyncGenerator<TarEntry> {
      for (let i = 0; i < 150_000; i++) yield link(`${i}`, "l");
      yield link("l", "t");
      for (const _ of types) yield { ...one, header: { ...one.header, name: "t" } };
    }
    const flattening = new Flattening({});
    let count = 0;
    for await (const _ of flattening.layer(async () => entries(), 0)) count++;
    for (const _ of flattening.rest()) count++;
    expect(count).toBe(150_001 + types.length);
  });
});
