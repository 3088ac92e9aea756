import { describe, expect, it } from "vitest";
import { type ReadTarOptions, readTar, TarError } from "../../src/tar/index.js";
import { ascii, concat } from "../fixtures/bytes.js";
import { block, end, entry, pax, record } from "./fixture/archive.js";
import { hostileTars } from "./fixture/hostile.js";
import { readWhole, thrownBy } from "./fixture/reading.js";

const decoder = new TextDecoder();

describe.each([1, 511, 1 << 20])("tars that come in pieces of %i bytes", (piece) => {
  const quick = hostileTars.filter(({ tar }) => tar.length / piece < 100_000);
  it.each(quick.map((each) => [each.title, each] as const))("%s", async (_, { tar, expected }) => {
    if (expected instanceof RegExp) {
      const error = await thrownBy(() => readWhole(tar, piece));
      expect(error).toBeInstanceOf(TarError);
      expect(error).toMatchObject({ code: "ERR_VARVE_TAR", message: expect.stringMatching(expected) });
      return;
    }
    const entries = await readWhole(tar, piece);
    expect(entries.map(({ header }) => header.name)).toEqual(expected.map(({ name }) => name));
    for (const [index, { content, ...fields }] of expected.entries()) {
      expect(entries[index]!.header).toMatchObject(fields);
      if (content !== undefined) expect(decoder.decode(entries[index]!.content)).toBe(content);
    }
  });
});

/** Reads all headers of a tar that is made while it is read, and tells how many pieces of it were asked for. */
async function readMade(
  make: (index: number) => Uint8Array | undefined,
  options?: ReadTarOptions,
): Promise<{ entries: number; pieces: number; error: unknown }> {
  let pieces = 0;
  let entries = 0;
  const source = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const piece = make(pieces++);
        if (piece === undefined) controller.close();
        else controller.enqueue(piece);
      },
    },
    { highWaterMark: 0 },
  );
  const error = await thrownBy(async () => {
    for await (const _ of readTar(source, options)) entries++;
  });
  return { entries, pieces, error };
}

describe("tars without end", () => {
  it("a hundred thousand entries are read, each with its own header", async () => {
    const one = entry({ name: "one" }, ascii("1"));
    const result = await readMade((index) => (index < 100_000 ? one : undefined));
    expect(result).toEqual({ entries: 100_000, pieces: 100_001, error: undefined });
  });

  it("tens of thousands of entries with attributes are read", async () => {
    const one = concat(pax(record("SCHILY.xattr.user.x", "y")), entry({ name: "one" }));
    const result = await readMade((index) => (index < 30_000 ? one : undefined));
    expect(result).toMatchObject({ entries: 30_000, error: undefined });
  });

  it.each(["x", "g", "L", "K"])(
    "a header %s without end is refused before any of it is read",
    async (flag) => {
      const zeros = new Uint8Array(65_536);
      const header = block({ flag, size: 2 ** 32 });
      const { pieces, error } = await readMade((index) => (index === 0 ? header : zeros));
      expect(error).toBeInstanceOf(TarError);
      expect(pieces).toBe(1);
    },
  );

  it("headers that extend each other without end are refused after a mebibyte", async () => {
    const more = pax(record("comment", "more"));
    const { pieces, error } = await readMade(() => more);
    expect(error).toBeInstanceOf(TarError);
    expect(pieces).toBeLessThan(2 ** 20 / 512);
  });

  it("the map of a sparse file without end is refused after a mebibyte", async () => {
    const header = entry({ flag: "S", magic: "ustar  \0" });
    header[482] = 1;
    let sum = 0;
    header.fill(0x20, 148, 156);
    for (const byte of header) sum += byte;
    header.set(ascii(`${sum.toString(8).padStart(6, "0")}\0 `), 148);
    const more = new Uint8Array(512);
    more[504] = 1;
    const { pieces, error } = await readMade((index) => (index === 0 ? header : more));
    expect(error).toMatchObject({ message: expect.stringContaining("more than the limit of 1048576") });
    expect(pieces).toBeLessThan(2 ** 20 / 512 + 2);
  });

  it("the limit can be set", async () => {
    const tar = concat(pax(record("path", "n".repeat(5000))), entry({}), end);
    expect(await thrownBy(() => readWhole(tar, 1000, { maxHeaderBytes: 5000 }))).toBeInstanceOf(TarError);
    expect(await readWhole(tar, 1000, { maxHeaderBytes: 6000 })).toHaveLength(1);
  });
});
