import { describe, expect, it } from "vitest";
import { ReadAbortedError } from "../../src/bytes/index.js";
import { readTar, TarError, writeTar } from "../../src/tar/index.js";
import { ascii, concat, randomBytes } from "../fixtures/bytes.js";
import { block, end, entry, padded, pax, record } from "./fixture/archive.js";
import { allOf, inPieces, readWhole, thrownBy } from "./fixture/reading.js";

/** Two stretches of content in a file of 300,000 bytes. */
const size = 300_000;
const map = [1000, 600, 200_000, 700] as const;
const stored = randomBytes(1300, 5);
const whole = new Uint8Array(size);
whole.set(stored.subarray(0, 600), 1000);
whole.set(stored.subarray(600), 200_000);
const after = entry({ name: "after" }, ascii("after"));

/** Puts octal numbers of twelve bytes into a header that has been made, and its checksum right again. */
function withFields(
  header: Uint8Array,
  fields: readonly (readonly [at: number, value: number])[],
): Uint8Array {
  for (const [at, value] of fields) {
    header.set(value === -1 ? [1] : ascii(value.toString(8).padStart(11, "0")), at);
  }
  header.fill(0x20, 148, 156);
  const sum = header.slice(0, 512).reduce((total, byte) => total + byte, 0);
  header.set(ascii(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
  return header;
}

function oldGNU(numbers: readonly number[], realSize = size): Uint8Array {
  const header = withFields(block({ name: "sparse", flag: "S", magic: "ustar  \0", size: stored.length }), [
    ...numbers.slice(0, 8).map((value, index) => [386 + 12 * index, value] as const),
    [483, realSize],
    ...(numbers.length > 8 ? [[482, -1] as const] : []),
  ]);
  const blocks: Uint8Array[] = [];
  for (let at = 8; at < numbers.length; at += 42) {
    const more = new Uint8Array(512);
    for (const [index, value] of numbers.slice(at, at + 42).entries()) {
      more.set(ascii(value.toString(8).padStart(11, "0")), 12 * index);
    }
    more[504] = at + 42 < numbers.length ? 1 : 0;
    blocks.push(more);
  }
  return concat(header, ...blocks, padded(stored), after, end);
}

/** Cuts the stretches into many: each byte of content its own. */
const many = [...stored.keys()].flatMap((index) => [index < 600 ? 1000 + index : 200_000 + index - 600, 1]);

function records(...pairs: readonly (readonly [string, string | number])[]): Uint8Array {
  return pax(pairs.map(([keyword, value]) => record(`GNU.sparse.${keyword}`, String(value))).join(""));
}

/** A file of zeros, of which the tar holds none. */
function zerosOnly(realSize: number): Uint8Array {
  return concat(records(["major", 1], ["minor", 0], ["realsize", realSize]), entry({}, padded(ascii("0\n"))));
}

const file = entry({ name: "GNUSparseFile.1/sparse" }, stored);

function version1(text: string, realSize = size): Uint8Array {
  const front = padded(ascii(text));
  return concat(
    records(["major", 1], ["minor", 0], ["name", "sparse"], ["realsize", realSize]),
    entry({ name: "GNUSparseFile.1/sparse" }, concat(front, stored)),
    after,
    end,
  );
}

describe("a sparse file", () => {
  it.each<[string, Uint8Array]>([
    ["the old kind", oldGNU([...map, size, 0])],
    ["the old kind, with a map of many blocks", oldGNU(many)],
    [
      "version 0.0",
      concat(
        records(
          ["size", size],
          ["numblocks", 2],
          ["offset", 1000],
          ["numbytes", 600],
          ["offset", 200_000],
          ["numbytes", 700],
        ),
        entry({ name: "sparse" }, stored),
        after,
        end,
      ),
    ],
    [
      "version 0.1",
      concat(
        records(["size", size], ["name", "sparse"], ["map", map.join()], ["major", 0], ["minor", 1]),
        file,
        after,
        end,
      ),
    ],
    ["version 1.0", version1(`2\n${map.join("\n")}\n`)],
    ["version 1.0, with a map of many blocks", version1(`${many.length / 2}\n${many.join("\n")}\n`)],
  ])("of %s is read as a whole", async (_, tar) => {
    for (const piece of [100, 512, 100_000]) {
      const [sparse, next] = await readWhole(tar, piece);
      expect(sparse?.header).toMatchObject({ name: "sparse", type: "file", size, pax: {} });
      expect(Buffer.from(sparse!.content).equals(whole)).toBe(true);
      expect(next?.content).toEqual(ascii("after"));
    }
    const names: string[] = [];
    for await (const { header } of readTar(inPieces(tar))) names.push(header.name);
    expect(names).toEqual(["sparse", "after"]);
  });

  it.each([
    ["a zero byte", "safe\0/../x", /"GNU\.sparse\.name" .* holds a zero byte/],
    ["a slash at its end", "d/", /named as a directory/],
  ])("with %s in its own name is refused, as any other with such a name", async (_, name, message) => {
    const tar = concat(
      records(["major", 1], ["minor", 0], ["name", name], ["realsize", size]),
      entry({}, padded(ascii("0\n"))),
      end,
    );
    const error = await thrownBy(() => readWhole(tar));
    expect(error).toBeInstanceOf(TarError);
    expect(error).toMatchObject({ message: expect.stringMatching(message) });
  });

  it("without any content is zeros", async () => {
    const tar = concat(
      records(["major", 1], ["minor", 0], ["realsize", 70_000]),
      entry({}, padded(ascii("0\n"))),
      end,
    );
    const [sparse] = await readWhole(tar);
    expect(sparse?.content).toHaveLength(70_000);
    expect(sparse?.content.every((byte) => byte === 0)).toBe(true);
  });

  it("that would be larger than any disk is read as far as one wants, where that is allowed", async () => {
    const tar = concat(zerosOnly(2 ** 52), after, end);
    const names: string[] = [];
    let read = 0;
    for await (const { header, body } of readTar(inPieces(tar), { maxSparseBytes: 2 ** 52 })) {
      names.push(`${header.name} ${header.size}`);
      for await (const chunk of body) {
        read += chunk.length;
        if (read > 200_000) break;
      }
    }
    expect(names).toEqual([`file ${2 ** 52}`, "after 5"]);
  });

  it("with more than 64 GiB of zeros is refused when it is read, and not when it is passed over", async () => {
    const tar = concat(zerosOnly(64 * 1024 ** 3 + 1), after, end);
    const names: string[] = [];
    for await (const { header } of readTar(inPieces(tar))) names.push(header.name);
    expect(names).toEqual(["file", "after"]);
    const entries = readTar(inPieces(tar));
    const { body } = (await entries.next()).value!;
    const error = await thrownBy(() => body[Symbol.asyncIterator]().next());
    expect(error).toBeInstanceOf(TarError);
    expect(error).toMatchObject({ code: "ERR_VARVE_TAR", message: expect.stringMatching(/maxSparseBytes/) });
    expect(await thrownBy(() => entries.next())).toBe(error);
  });

  it("is refused when the zeros of all together are more than the limit", async () => {
    const tar = concat(zerosOnly(600), version1(`2\n${map.join("\n")}\n`));
    const zeros = size - stored.length + 600;
    expect(await readWhole(tar, 1000, { maxSparseBytes: zeros })).toHaveLength(3);
    const error = await thrownBy(() => readWhole(tar, 1000, { maxSparseBytes: zeros - 1 }));
    expect(error).toBeInstanceOf(TarError);
  });

  it("hears that it is aborted while its zeros are made", async () => {
    const controller = new AbortController();
    setImmediate(() => controller.abort());
    const reading = readTar(inPieces(concat(zerosOnly(2 ** 30), end)), { signal: controller.signal });
    let read = 0;
    const error = await thrownBy(async () => {
      for await (const { body } of reading) for await (const chunk of body) read += chunk.length;
    });
    expect(error).toBeInstanceOf(ReadAbortedError);
    expect(read).toBeLessThan(2 ** 30);
  });

  it("is written as a file like any other", async () => {
    const tar = await allOf(writeTar(readTar(inPieces(version1(`2\n${map.join("\n")}\n`)))));
    const [sparse] = await readWhole(tar);
    expect(tar.length).toBeGreaterThan(size);
    expect(Buffer.from(sparse!.content).equals(whole)).toBe(true);
  });

  it.each<[string, Uint8Array]>([
    ["stretches that are not in order", oldGNU([2000, 600, 1000, 700])],
    ["stretches that overlap", oldGNU([1000, 600, 1500, 700])],
    ["a stretch after the file's end", oldGNU([1000, 600, size, 700])],
    ["fewer bytes than are stored", oldGNU([1000, 600])],
    ["more bytes than are stored", oldGNU([1000, 600, 2000, 701])],
    ["a negative offset", version1("1\n-5\n1300\n")],
    ["a map that is no numbers", version1("x\n")],
    ["a map without end", version1("1".repeat(600))],
    ["a number of stretches beyond the map", version1(`3\n${map.join("\n")}\n`)],
    ["a number of stretches without bound", version1(`9007199254740991\n${map.join("\n")}\n`)],
    ["a size that is none", concat(records(["major", 1], ["minor", 0], ["realsize", "x"]), file, end)],
    ["no size", concat(records(["map", map.join()]), file, end)],
    ["a list that is no numbers", concat(records(["size", size], ["map", "1,x"]), file, end)],
    ["a list of an odd number", concat(records(["size", size], ["map", "0,1300,1400"]), file, end)],
    ["two offsets in a row", concat(records(["size", size], ["offset", 1], ["offset", 2]), file, end)],
    ["an unknown version", concat(records(["major", 2], ["minor", 0], ["realsize", size]), file, end)],
    [
      "content, but is a link",
      concat(records(["size", size], ["map", map.join()]), entry({ flag: "2", linkname: "x" }), end),
    ],
    ["a map that is cut short", oldGNU(many).subarray(0, 700)],
  ])("with %s is refused", async (_, tar) => {
    expect(await thrownBy(() => readWhole(tar))).toBeInstanceOf(TarError);
  });
});
