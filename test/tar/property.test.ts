import fc from "fast-check";
import { extract, pack } from "tar-stream";
import { describe, expect, it } from "vitest";
import { type NewTarEntry, TarError, type TarHeader, writeTar } from "../../src/tar/index.js";
import { readNumber, writeNumber } from "../../src/tar/number.js";
import { type PaxRecord, readRecords, writeRecords } from "../../src/tar/pax.js";
import { decodeText, encodeText } from "../../src/tar/text.js";
import { readTime, timeText } from "../../src/tar/time.js";
import { allOf, readWhole, thrownBy } from "./fixture/reading.js";

/** Text as it may come out of a tar: any bytes but zero. */
const text = (maxLength: number): fc.Arbitrary<string> =>
  fc.oneof(
    fc.string({ unit: "grapheme", maxLength }).map((each) => each.replaceAll("\0", "")),
    fc.uint8Array({ min: 1, maxLength }).map((bytes) => decodeText(bytes)),
    fc
      .array(fc.constantFrom("a", "dir", "..", "ü"), { maxLength: maxLength / 4 })
      .map((parts) => parts.join("/")),
  );

const whole = fc.oneof(
  fc.nat(),
  fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER }),
  fc.constantFrom(8 ** 7 - 1, 8 ** 7),
);
const any = fc.oneof(whole, fc.integer({ min: -(2 ** 50), max: -1 }));

const header: fc.Arbitrary<Omit<TarHeader, "size">> = fc.record({
  name: text(300).map((each) => each.replace(/\/+$/, "")),
  type: fc.constantFrom("file", "link", "symlink", "directory", "character-device", "block-device", "fifo"),
  mode: fc.nat(0o7777),
  uid: any,
  gid: any,
  uname: text(40),
  gname: text(40),
  mtime: fc.oneof(
    any,
    fc.double({ min: -1e10, max: 1e11, noNaN: true }).filter((each) => Math.abs(each) >= 1e-6),
  ),
  linkname: text(300),
  devmajor: fc.integer({ min: 0, max: 2 ** 55 }).map((each) => Math.min(each, 2 ** 50)),
  devminor: fc.nat(),
  pax: fc.dictionary(
    fc.constantFrom(
      "SCHILY.xattr.user.a",
      "SCHILY.xattr.security.capability",
      "LIBARCHIVE.creationtime",
      "ü",
    ),
    fc
      .oneof(fc.uint8Array({ minLength: 1, maxLength: 50 }).map(decodeText), fc.string({ minLength: 1 }))
      .filter((each) => encodeText(each).length > 0 && decodeText(encodeText(each)) === each),
    { noNullPrototype: true },
  ),
});

describe("any header", () => {
  it("comes back from a tar as it went in, and the same bytes from the same header", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(header, fc.uint8Array({ maxLength: 1200 })), { maxLength: 4 }),
        async (made) => {
          const entries = made.map(([given, content]): NewTarEntry => {
            return given.type === "file" ? { header: given, body: content } : { header: given };
          });
          const tar = await allOf(writeTar(entries));
          expect(tar.length % 512).toBe(0);
          expect(await allOf(writeTar(entries))).toEqual(tar);
          const read = await readWhole(tar, 777);
          expect(read.map((each) => each.header)).toEqual(
            made.map(([given, content]) => ({ ...given, size: given.type === "file" ? content.length : 0 })),
          );
          for (const [index, { content }] of read.entries()) {
            expect(content).toEqual(made[index]![0].type === "file" ? made[index]![1] : new Uint8Array(0));
          }
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("beside another implementation", () => {
  const plain = fc.record({
    name: fc.stringMatching(/^[a-zA-Zäé/_.-]{1,200}[a-z]$/),
    // It takes 0 for none.
    mode: fc.integer({ min: 1, max: 0o7777 }),
    // It cuts off what is larger.
    uid: fc.nat(2 ** 18 - 1),
    gid: fc.nat(2 ** 18 - 1),
    uname: fc.stringMatching(/^[a-z]{0,10}$/),
    mtime: fc.nat(2 ** 31),
    content: fc.uint8Array({ maxLength: 700 }),
  });

  it("what it writes is read the same way", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(plain, { minLength: 1, maxLength: 4 }), async (files) => {
        const packed = pack();
        for (const { content, mtime, ...rest } of files) {
          packed.entry({ ...rest, mtime: new Date(mtime * 1000) }, Buffer.from(content));
        }
        packed.finalize();
        const chunks: Buffer[] = [];
        for await (const chunk of packed) chunks.push(chunk as Buffer);
        const read = await readWhole(Buffer.concat(chunks));
        expect(
          read.map(({ header: { name, mode, uid, gid, uname, mtime }, content }) => ({
            name,
            mode,
            uid,
            gid,
            uname,
            mtime,
            content,
          })),
        ).toEqual(files);
      }),
      { numRuns: 40 },
    );
  });

  it("what is written, it reads the same way", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(plain, { minLength: 1, maxLength: 4 }), async (files) => {
        const tar = await allOf(
          writeTar(files.map(({ content, ...rest }) => ({ header: rest, body: content }))),
        );
        const reading = extract();
        reading.end(tar);
        const read: unknown[] = [];
        for await (const entry of reading) {
          const chunks: Buffer[] = [];
          for await (const chunk of entry as AsyncIterable<Buffer>) chunks.push(chunk);
          const { name, mode, uid, gid, uname = "", mtime } = entry.header;
          read.push({
            name,
            mode,
            uid,
            gid,
            uname,
            mtime: mtime!.getTime() / 1000,
            content: new Uint8Array(Buffer.concat(chunks)),
          });
        }
        expect(read).toEqual(files);
      }),
      { numRuns: 40 },
    );
  });
});

describe("any bytes", () => {
  it("are a tar or are refused as damaged, whatever has happened to them", async () => {
    const good = await allOf(
      writeTar([
        {
          header: { name: "é".repeat(100), mtime: 1.5, pax: { "SCHILY.xattr.user.x": "y" } },
          body: new Uint8Array(700),
        },
        { header: { name: "l", type: "symlink", linkname: "x".repeat(150) } },
        { header: { name: "last" }, body: new Uint8Array(10) },
      ]),
    );
    const damage = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(damage, fc.nat(good.length), async (changes, length) => {
        const bad = good.slice(0, length);
        for (const [at, value] of changes) bad[at] = value;
        const error = await thrownBy(() => readWhole(bad, 4096));
        expect(error === undefined || error instanceof TarError).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it("are text that becomes the same bytes again", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(encodeText(decodeText(bytes))).toEqual(bytes);
      }),
      { numRuns: 2000 },
    );
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (string) => {
        expect(decodeText(encodeText(string))).toBe(string);
        expect(encodeText(string)).toEqual(new TextEncoder().encode(string));
      }),
    );
  });

  it("are decoded as UTF-8 wherever they are that", () => {
    const lenient = new TextDecoder("utf-8", { ignoreBOM: true });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        // What is no character is U+FFFD there, and as many units as bytes here.
        const unescaped = decodeText(bytes).replaceAll(/[\udc80-\udcff]+/gu, "?");
        expect(unescaped).toBe(lenient.decode(bytes).replaceAll(/\ufffd+/g, "?"));
      }),
      { numRuns: 2000 },
    );
  });
});

describe("numbers, times and records", () => {
  it("come back from their fields", () => {
    fc.assert(
      fc.property(any, fc.constantFrom(8, 12), (value, width) => {
        const field = new Uint8Array(width);
        writeNumber(field, value);
        expect(readNumber(field)).toBe(value);
      }),
    );
    for (const value of [0, 7, 8 ** 7 - 1, 8 ** 7, 2 ** 53 - 1, -1, -(2 ** 53) + 1]) {
      const field = new Uint8Array(8);
      writeNumber(field, value);
      expect(readNumber(field)).toBe(value);
    }
  });

  it("tell times in decimal, without losing a bit", () => {
    fc.assert(
      fc.property(fc.double({ min: -1e12, max: 1e12, noNaN: true }), (seconds) => {
        const shown = timeText(seconds);
        expect(shown).toMatch(/^-?\d+(\.\d+)?$/);
        if (Math.abs(seconds) >= 1e-6) expect(readTime(shown)).toBe(seconds);
      }),
    );
    for (const bad of ["", ".", "-", "1e5", "0x10", "1.2.3", " 1", "NaN", "Infinity", "9".repeat(400)]) {
      expect(readTime(bad)).toBeUndefined();
    }
    expect([".5", "5.", "-0.5", "007"].map(readTime)).toEqual([0.5, 5, -0.5, 7]);
  });

  it("are records that say their own length, at every length", () => {
    for (let length = 0; length < 1100; length++) {
      const records: PaxRecord[] = [["k", "v".repeat(length)]];
      const bytes = writeRecords(records);
      expect(Number.parseInt(decodeText(bytes), 10)).toBe(bytes.length);
      expect(readRecords(bytes, "here")).toEqual(records);
    }
  });
});
