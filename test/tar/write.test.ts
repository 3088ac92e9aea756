import { describe, expect, it } from "vitest";
import { BytesTypeError } from "../../src/core/index.js";
import {
  type NewTarEntry,
  readTar,
  TarError,
  type TarHeader,
  tarSize,
  writeTar,
} from "../../src/tar/index.js";
import { ReadAbortedError } from "../../src/v1/index.js";
import { ascii, randomBytes } from "../fixtures/bytes.js";
import { transferred } from "../fixtures/gone.js";
import { filesOfTar } from "../stream/fixture/tar.js";
import { allOf, readWhole, thrownBy } from "./fixture/reading.js";

const decoder = new TextDecoder();

function tarOf(...entries: readonly NewTarEntry[]): Promise<Uint8Array> {
  return allOf(writeTar(entries));
}

/** The header that comes back from a tar with this one. */
async function roundTrip(header: NewTarEntry["header"]): Promise<{ header: TarHeader; tar: Uint8Array }> {
  const tar = await tarOf({ header });
  const [entry, ...more] = await readWhole(tar);
  expect(more).toEqual([]);
  expect(tarSize([header])).toBe(tar.length);
  return { header: entry!.header, tar };
}

/** Whether there is a PAX header before the entry's. */
function hasPax(tar: Uint8Array): boolean {
  return tar[156] === "x".charCodeAt(0);
}

describe("a tar that is written", () => {
  it("is ustar where that is enough, with every default in its place", async () => {
    const { header, tar } = await roundTrip({ name: "file" });
    expect(hasPax(tar)).toBe(false);
    expect(header).toEqual({
      name: "file",
      type: "file",
      size: 0,
      mode: 0o644,
      uid: 0,
      gid: 0,
      uname: "",
      gname: "",
      mtime: 0,
      linkname: "",
      devmajor: 0,
      devminor: 0,
      pax: {},
    });
    expect(decoder.decode(tar.subarray(257, 265))).toBe("ustar\x0000");
    expect((await roundTrip({ name: "d/", type: "directory" })).header.mode).toBe(0o755);
    expect(tar.length).toBe(512 + 1024);
  });

  it("holds what others read: names, contents, in order", async () => {
    const long = `${"directory/".repeat(30)}file`;
    const big = randomBytes(70_000, 1);
    const tar = await tarOf(
      { header: { name: "a" }, body: ascii("content of a") },
      {
        header: { name: long, size: big.length },
        body: (async function* () {
          yield big.subarray(0, 1);
          yield new Uint8Array(0);
          yield big.subarray(1);
        })(),
      },
      { header: { name: "größe" }, body: ascii("ü") },
    );
    const files = await filesOfTar(tar);
    expect([...files.keys()]).toEqual(["a", long, "größe"]);
    expect(files.get("a")).toBe("content of a");
    const [, second] = await readWhole(tar);
    expect(Buffer.from(second!.content).equals(big)).toBe(true);
  });

  it.each([
    ["a name of 100 bytes", { name: "n".repeat(100) }, false],
    ["a name of 101 bytes", { name: "n".repeat(101) }, true],
    ["a path that ustar's two fields hold", { name: `${"p".repeat(155)}/${"n".repeat(100)}` }, false],
    ["a path whose first part is too long", { name: `${"p".repeat(156)}/${"n".repeat(50)}` }, true],
    ["a path whose last part is too long", { name: `${"p".repeat(50)}/${"n".repeat(101)}` }, true],
    [
      "a directory that could be cut at its end only",
      { name: `${"p".repeat(120)}/`, type: "directory" },
      true,
    ],
    ["a long directory", { name: `${"p".repeat(80)}/${"q".repeat(80)}/`, type: "directory" }, false],
    ["a path from the root", { name: `/${"n".repeat(101)}` }, true],
    ["a name of 64 KiB", { name: "n".repeat(65_536) }, true],
    ["a name that is not ASCII", { name: "größe" }, true],
    ["a name that is not text", { name: "caf\udce9" }, false],
    ["a long name that is not text", { name: `caf\udce9${"n".repeat(100)}` }, true],
    ["a name with a character beyond 16 bits", { name: "😀" }, true],
    ["a long link", { name: "l", type: "symlink", linkname: "x".repeat(101) }, true],
    ["a link of 100 bytes", { name: "l", type: "link", linkname: "x".repeat(100) }, false],
    ["a link that is not ASCII", { name: "l", type: "symlink", linkname: "ü" }, true],
    ["owners by name", { name: "f", uname: "u".repeat(31), gname: "g" }, false],
    ["owners with long names", { name: "f", uname: "u".repeat(32), gname: "ü" }, true],
    ["owners within 21 bits", { name: "f", uid: 2 ** 21 - 1, gid: 2 ** 21 - 1 }, false],
    ["owners beyond 21 bits", { name: "f", uid: 2 ** 21, gid: 2 ** 32 - 2 }, true],
    ["owners below nothing", { name: "f", uid: -2, gid: -1 }, false],
    ["a mode with every bit", { name: "f", mode: 0o7777 }, false],
    ["a time in seconds", { name: "f", mtime: 1_700_000_000 }, false],
    ["a time with a fraction", { name: "f", mtime: 1_700_000_000.25 }, true],
    ["a tiny time", { name: "f", mtime: 1e-7 }, true],
    ["a time before 1970", { name: "f", mtime: -1.5 }, true],
    ["a time in the far future", { name: "f", mtime: 8 ** 11 }, true],
    ["devices", { name: "f", type: "character-device", devmajor: 5, devminor: 2 ** 21 - 1 }, false],
    [
      "devices with large numbers",
      { name: "f", type: "block-device", devmajor: 2 ** 21, devminor: 2 ** 32 },
      false,
    ],
    ["a pipe", { name: "f", type: "fifo" }, false],
    ["attributes", { name: "f", pax: { "SCHILY.xattr.user.x": "a\0\n=ü\udcff", other: "" } }, true],
    [
      "attributes whose keys objects have already",
      { name: "f", pax: Object.fromEntries([["__proto__", "x"]]) },
      true,
    ],
  ] as const)("keeps %s", async (_, given, pax) => {
    const { header, tar } = await roundTrip(given as NewTarEntry["header"]);
    expect(header).toMatchObject(given);
    expect(hasPax(tar)).toBe(pax);
  });

  it("keeps the nanoseconds of a time that was read, as long as it is that time", async () => {
    const [entry] = await readWhole(
      await tarOf({
        header: { name: "f", mtime: 1_700_000_000.1234567, pax: { mtime: "1700000000.123456789" } },
      }),
    );
    expect(entry?.header.pax).toEqual({ mtime: "1700000000.123456789" });
    const again = await roundTrip(entry!.header);
    expect(again.header).toEqual(entry!.header);
    const { header } = await roundTrip({ ...entry!.header, mtime: 5 });
    expect(header).toMatchObject({ mtime: 5, pax: {} });
  });

  it("says the same in the block as in the records, for readers that know but one", async () => {
    const header = { name: "f", size: 2 ** 33, uid: 2 ** 30 };
    const reader = writeTar([{ header, body: (async function* () {})() }]).getReader();
    const { value: tar } = await reader.read();
    await reader.cancel();
    const block = tar!.subarray(1024);
    expect([...block.subarray(124, 136)]).toEqual([0x80, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0]);
    expect([...block.subarray(108, 116)]).toEqual([0x80, 0, 0, 0, 0x40, 0, 0, 0]);
    expect(decoder.decode(tar!.subarray(512, 600))).toMatch(/^19 size=8589934592\n18 uid=1073741824\n/);
  });

  it("passes a whole tar on, entry by entry, without changing a byte of its own", async () => {
    const tar = await tarOf(
      { header: { name: "d/", type: "directory", mtime: 1.5 } },
      { header: { name: "d/f", pax: { "SCHILY.xattr.user.x": "\udcff" } }, body: randomBytes(100_000, 2) },
      { header: { name: "d/l", type: "link", linkname: "d/f" } },
    );
    const entries = readTar(new Response(tar as Uint8Array<ArrayBuffer>).body!);
    expect(Buffer.from(await allOf(writeTar(entries))).equals(tar)).toBe(true);
  });

  it.each([
    [{ name: "a\0b" }, "zero byte"],
    [{ name: "f", linkname: "\0" }, "zero byte"],
    [{ name: "f", size: -1 }, "negative"],
    [{ name: "f", size: 1.5 }, "whole number"],
    [{ name: "f", uid: Number.NaN }, "whole number"],
    [{ name: "f", mtime: Number.POSITIVE_INFINITY }, "mtime"],
    [{ name: "f", type: "directory", size: 1 }, "only files have content"],
    [{ name: "f", type: "socket" }, "unknown"],
    [{ name: "f", pax: { "a=b": "c" } }, "keyword"],
    [{ name: "f", pax: { "": "c" } }, "keyword"],
    [{ name: "f", pax: { "GNU.sparse.major": "1" } }, "sparse"],
  ])("refuses %j", async (header, problem) => {
    const error = await thrownBy(() => tarOf({ header: header as NewTarEntry["header"] }));
    expect(error).toBeInstanceOf(TarError);
    expect(error).toMatchObject({ code: "ERR_VARVE_TAR", message: expect.stringContaining(problem) });
  });

  it("takes records that fields cover from the fields", async () => {
    const { header } = await roundTrip({ name: "f", pax: { path: "/etc/passwd", size: "99", uid: "1" } });
    expect(header).toMatchObject({ name: "f", size: 0, uid: 0, pax: {} });
  });
});

/** Bodies and entries that tell when they are ended. */
function watched<T>(
  values: readonly T[],
  log: string[],
  name: string,
  last?: Error | "hang",
): AsyncIterable<T> {
  return {
    [Symbol.asyncIterator]() {
      log.push(`${name} opened`);
      let index = 0;
      return {
        next: async () => {
          log.push(name);
          if (index < values.length) return { done: false, value: values[index++]! };
          if (last === "hang") return new Promise(() => {});
          if (last !== undefined) throw last;
          return { done: true, value: undefined };
        },
        return: async () => {
          log.push(`${name} closed`);
          return { done: true, value: undefined };
        },
      };
    },
  };
}

describe("the stream of a tar", () => {
  it("asks for nothing before it is read, and for one thing at a time then", async () => {
    const log: string[] = [];
    const body = watched([ascii("he"), ascii("llo")], log, "body");
    const reader = writeTar(watched([{ header: { name: "f", size: 5 }, body }], log, "entries")).getReader();
    await Promise.resolve();
    expect(log).toEqual([]);
    expect((await reader.read()).value?.length).toBe(512);
    expect(log.splice(0)).toEqual(["entries opened", "entries", "body opened"]);
    expect((await reader.read()).value).toEqual(ascii("he"));
    expect((await reader.read()).value).toEqual(ascii("llo"));
    expect(log.splice(0)).toEqual(["body", "body"]);
    expect((await reader.read()).value?.length).toBe(507 + 1024);
    expect((await reader.read()).done).toBe(true);
    expect(log).toEqual(["body", "entries"]);
  });

  it.each([
    ["fewer", [ascii("hell")], "1 fewer bytes than the 5"],
    ["more", [ascii("hello"), ascii("o")], "more bytes than the 5"],
    ["no", [], "5 fewer bytes than the 5"],
  ])(
    "fails where a body has %s bytes than its header says, and gives none of those",
    async (_, pieces, problem) => {
      const log: string[] = [];
      const body = watched(pieces, log, "body");
      const stream = writeTar(watched([{ header: { name: "f", size: 5 }, body }], log, "entries"));
      let given = 0;
      const error = await thrownBy(async () => {
        for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) given += chunk.length;
      });
      expect(error).toBeInstanceOf(TarError);
      expect(error).toMatchObject({ message: expect.stringContaining(problem) });
      expect(given).toBeLessThanOrEqual(512 + 5);
      expect(log.filter((each) => each.endsWith("closed"))).toEqual(
        problem.startsWith("more") ? ["body closed", "entries closed"] : ["entries closed"],
      );
    },
  );

  it("fails where a body of bytes is not as long as its header says", async () => {
    for (const size of [0, 4, 6]) {
      expect(
        await thrownBy(() => tarOf({ header: { name: "f", size }, body: ascii("hello") })),
      ).toBeInstanceOf(TarError);
    }
    expect(await thrownBy(() => tarOf({ header: { name: "f", size: 1 } }))).toBeInstanceOf(TarError);
    expect(
      await thrownBy(() => tarOf({ header: { name: "d", type: "directory" }, body: ascii("hello") })),
    ).toBeInstanceOf(TarError);
  });

  it.each<[string, unknown, string]>([
    ["text", "hello", "ERR_VARVE_TAR"],
    ["a buffer", new ArrayBuffer(5), "ERR_VARVE_TAR"],
    ["a number", 5, "ERR_VARVE_TAR"],
    ["pieces of text", ["hello"], "ERR_VARVE_NOT_BYTES"],
    ["pieces of wider integers", [new Uint16Array(5)], "ERR_VARVE_NOT_BYTES"],
    ["wider integers", new Uint16Array(5), "ERR_VARVE_NOT_BYTES"],
  ])("fails where a body is %s, which is no bytes, and ends the entries", async (_, body, code) => {
    const log: string[] = [];
    const wrong = { header: { name: "f", size: 5 }, body } as NewTarEntry;
    const error = await thrownBy(() => allOf(writeTar(watched([wrong], log, "entries"))));
    expect(error).toMatchObject({ code });
    expect(log.at(-1)).toBe("entries closed");
  });

  it("fails where a body's buffer was transferred, and makes no empty file of it", async () => {
    const body = transferred(ascii("hello"));
    expect(await thrownBy(() => tarOf({ header: { name: "f" }, body }))).toBeInstanceOf(BytesTypeError);
  });

  it("fails where a file with content has the name of a directory, and is one without", async () => {
    const error = await thrownBy(() => tarOf({ header: { name: "d/" }, body: new Uint8Array(5) }));
    expect(error).toBeInstanceOf(TarError);
    expect(error).toMatchObject({ message: expect.stringContaining("take it for a directory") });
    expect((await roundTrip({ name: "d/" })).header).toMatchObject({ name: "d/", type: "directory" });
  });

  it("fails as its entries and bodies do, and ends the others, once", async () => {
    const failure = new Error("unplugged");
    const log: string[] = [];
    const body = watched([ascii("h")], log, "body", failure);
    const failing = writeTar(watched([{ header: { name: "f", size: 5 }, body }], log, "entries"));
    expect(await thrownBy(() => allOf(failing))).toBe(failure);
    expect(log.filter((each) => each.endsWith("closed"))).toEqual(["entries closed"]);
    log.length = 0;
    expect(await thrownBy(() => allOf(writeTar(watched<NewTarEntry>([], log, "entries", failure))))).toBe(
      failure,
    );
    expect(log.filter((each) => each.endsWith("closed"))).toEqual([]);
  });

  it("ends body and entries when it is cancelled, also while it waits for one of them", async () => {
    for (const last of [undefined, "hang"] as const) {
      const log: string[] = [];
      const body = watched([ascii("h")], log, "body", last);
      const entries = watched([{ header: { name: "f", size: 5 }, body }], log, "entries");
      const reader = writeTar(entries).getReader();
      await reader.read();
      await reader.read();
      const waiting = last === "hang" ? reader.read() : undefined;
      await Promise.resolve();
      await reader.cancel();
      expect((await waiting)?.done ?? true).toBe(true);
      expect(log.filter((each) => each.endsWith("closed"))).toEqual(["body closed", "entries closed"]);
    }
  });

  it("ends with its signal", async () => {
    const controller = new AbortController();
    const log: string[] = [];
    const stream = writeTar(watched<NewTarEntry>([], log, "entries", "hang"), { signal: controller.signal });
    const reading = thrownBy(() => allOf(stream));
    await new Promise((resolve) => setTimeout(resolve, 1));
    controller.abort("enough");
    expect(await reading).toBeInstanceOf(ReadAbortedError);
    expect(log.at(-1)).toBe("entries closed");
  });

  it("gives copies of bodies that are bytes, which their owner keeps", async () => {
    const body = ascii("hello");
    const reader = writeTar([{ header: { name: "f" }, body }]).getReader();
    await reader.read();
    const { value } = await reader.read();
    expect(value).toEqual(body);
    expect(value!.buffer).not.toBe(body.buffer);
  });
});
