import { describe, expect, it } from "vitest";
import { SourceError } from "../../src/bytes/index.js";
import { readTar, type TarEntry, TarError } from "../../src/tar/index.js";
import { ReadAbortedError } from "../../src/v1/index.js";
import { ascii, concat, randomBytes } from "../fixtures/bytes.js";
import { end, entry } from "./fixture/archive.js";
import { inPieces, readWhole, thrownBy } from "./fixture/reading.js";

const big = randomBytes(100_000, 7);
const tar = concat(
  entry({ name: "first" }, ascii("first")),
  entry({ name: "big" }, big),
  entry({ name: "empty" }),
  entry({ name: "last" }, ascii("last")),
  end,
);

/** A source that tells what is done with it, and can be held up. */
function watched(pieces: readonly Uint8Array[], last: "close" | "hang" | Error = "close") {
  const log: unknown[] = [];
  let index = 0;
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        log.push("pull");
        const piece = pieces[index++];
        if (piece !== undefined) controller.enqueue(piece);
        else if (last === "close") controller.close();
        else if (last !== "hang") controller.error(last);
        return last === "hang" && piece === undefined ? new Promise(() => {}) : undefined;
      },
      cancel(reason) {
        log.push(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return { stream, log };
}

async function nextOf(tarEntries: AsyncIterator<TarEntry, undefined>): Promise<TarEntry> {
  const { value } = await tarEntries.next();
  if (value === undefined) throw new Error("there is no further entry");
  return value;
}

describe("reading a tar", () => {
  it("reads nothing before it is asked for, and no further than that", async () => {
    const { stream, log } = watched([tar.subarray(0, 512), tar.subarray(512, 1024), tar.subarray(1024)]);
    const entries = readTar(stream);
    await Promise.resolve();
    expect(log).toEqual([]);
    await entries.next();
    expect(log).toEqual(["pull"]);
    await entries.next();
    expect(log).toEqual(["pull", "pull", "pull"]);
    await entries.return?.();
  });

  it("passes over what is not read, in whole or in part", async () => {
    for (const read of [0, 1, 2, 1000]) {
      const names: string[] = [];
      for await (const { header, body } of readTar(inPieces(tar, 700))) {
        names.push(header.name);
        let left = read;
        if (left > 0) for await (const _ of body) if (--left === 0) break;
      }
      expect(names).toEqual(["first", "big", "empty", "last"]);
    }
  });

  it("gives views of the source's chunks, not copies", async () => {
    const entries = readTar(inPieces(tar, tar.length));
    await entries.next();
    const { body } = await nextOf(entries);
    const chunks: Uint8Array[] = [];
    for await (const chunk of body) chunks.push(chunk);
    expect(chunks).toHaveLength(1);
    expect(chunks[0]!.buffer.byteLength).toBe(tar.length);
    expect(Buffer.from(chunks[0]!).equals(big)).toBe(true);
  });

  it("answers calls that are made at once one after the other", async () => {
    const entries = readTar(inPieces(tar, 300));
    const names = await Promise.all(Array.from({ length: 6 }, () => entries.next()));
    expect(names.map(({ value }) => value?.header.name)).toEqual([
      "first",
      "big",
      "empty",
      "last",
      undefined,
      undefined,
    ]);
  });

  it("refuses to read a body twice, or after the next entry was asked for, and goes on", async () => {
    const entries = readTar(inPieces(tar));
    const first = await nextOf(entries);
    const chunks = first.body[Symbol.asyncIterator]();
    expect(() => first.body[Symbol.asyncIterator]()).toThrow(TarError);
    const second = await nextOf(entries);
    expect(await thrownBy(() => chunks.next())).toMatchObject({
      message: 'the content of "first" was passed over: read it before asking for the next entry',
    });
    expect(second.header.name).toBe("big");
    expect((await nextOf(entries)).header.name).toBe("empty");
  });

  it("drains the source after the end of the tar, so that what it says there is heard", async () => {
    const failure = new Error("the digest is wrong");
    const { stream } = watched([tar, ascii("garbage")], failure);
    const names: string[] = [];
    const error = await thrownBy(async () => {
      for await (const { header } of readTar(stream)) names.push(header.name);
    });
    expect(error).toBe(failure);
    expect(names).toHaveLength(4);
  });

  it("gives the source's own error, and again whenever it is asked", async () => {
    const failure = new Error("unplugged");
    const { stream } = watched([tar.subarray(0, 2000)], failure);
    const entries = readTar(stream);
    await entries.next();
    const { body } = await nextOf(entries);
    const chunks = body[Symbol.asyncIterator]();
    await chunks.next();
    expect(await thrownBy(() => chunks.next())).toBe(failure);
    expect(await thrownBy(() => entries.next())).toBe(failure);
    expect(await thrownBy(() => entries.next())).toBe(failure);
  });

  it("cancels the source once, with the error, when the tar is damaged", async () => {
    const { stream, log } = watched([ascii("x".repeat(512)), tar]);
    const entries = readTar(stream);
    const error = await thrownBy(() => entries.next());
    expect(error).toBeInstanceOf(TarError);
    expect(await thrownBy(() => entries.next())).toBe(error);
    expect(log).toEqual(["pull", error]);
  });

  it("cancels the source once when the loop is left early", async () => {
    const { stream, log } = watched([tar.subarray(0, 1024), tar.subarray(1024)]);
    const entries = readTar(stream);
    for await (const _ of entries) break;
    await entries.return?.();
    expect(log).toEqual(["pull", expect.any(TarError)]);
    expect(await entries.next()).toEqual({ done: true, value: undefined });
  });

  it("ends at once, even while the source gives nothing", async () => {
    const { stream, log } = watched([tar.subarray(0, 1024)], "hang");
    const entries = readTar(stream);
    await entries.next();
    const waiting = entries.next();
    await Promise.resolve();
    expect(await entries.return?.()).toEqual({ done: true, value: undefined });
    expect(await thrownBy(() => waiting)).toBeInstanceOf(TarError);
    expect(log.filter((each) => each !== "pull")).toHaveLength(1);
  });

  it.each(["before it begins", "while an entry is waited for", "with bytes at hand"])(
    "ends when its signal is aborted %s",
    async (when) => {
      const controller = new AbortController();
      const { stream, log } = watched([tar.subarray(0, 1536)], "hang");
      if (when === "before it begins") controller.abort("enough");
      const entries = readTar(stream, { signal: controller.signal });
      if (when !== "before it begins") await entries.next();
      if (when === "while an entry is waited for") {
        await entries.next();
        setTimeout(() => controller.abort("enough"), 0);
      }
      if (when === "with bytes at hand") controller.abort("enough");
      const error = await thrownBy(() => entries.next());
      expect(error).toBeInstanceOf(ReadAbortedError);
      expect(error).toMatchObject({ cause: "enough" });
      expect(log.filter((each) => each !== "pull")).toEqual([error]);
    },
  );

  it("notices that a piece's buffer was taken away, which would leave a hole", async () => {
    const entries = readTar(inPieces(tar.slice(), tar.length));
    await entries.next();
    const { body } = await nextOf(entries);
    for await (const chunk of body) {
      structuredClone(chunk.buffer, { transfer: [chunk.buffer as ArrayBuffer] });
      break;
    }
    expect(await thrownBy(() => entries.next())).toBeInstanceOf(SourceError);
  });

  it("reads what is not a tar's end as damage, wherever a tar is cut or bytes of a header are turned over", async () => {
    for (let at = 1; at < tar.length; at += 128) {
      const error = await thrownBy(() => readWhole(tar.subarray(0, at), 4096));
      // Between entries, and after one block of the end, it is a shorter tar.
      const between = [1024, 1024 + 512 + 100_352, 1024 + 1024 + 100_352].includes(at);
      const whole = between || at === tar.length - 1024 || at >= tar.length - 512;
      expect([at, error instanceof TarError]).toEqual([at, !whole]);
    }
    for (let at = 0; at < 512; at += 7) {
      const damaged = tar.slice();
      damaged[at] = damaged[at]! ^ 0x11;
      expect([at, await thrownBy(() => readWhole(damaged, 4096))]).toEqual([at, expect.any(TarError)]);
    }
  });
});
