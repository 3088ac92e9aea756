import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import { InflateError, OutputLimitError } from "../../src/core/index.js";
import {
  AbortedError,
  fromCompressed,
  newLayer,
  type Progress,
  StreamFailedError,
  type StreamLayer,
} from "../../src/stream/index.js";
import {
  type Compression,
  ConsumedError,
  NotComputedError,
  UnknownCompressionError,
  UnsupportedError,
} from "../../src/v1/index.js";
import { ZstdError } from "../../src/zstd/index.js";
import { concat, mixed, randomBytes, text } from "../fixtures/bytes.js";
import { pieces } from "../portable/chunks.js";
import { reference } from "../zstd/native.js";
import { sha256Text } from "./fixture/bytes.js";
import { counted, OneByteMachine } from "./fixture/machines.js";
import { consume, rejection, valueErrors } from "./fixture/reading.js";
import { failing, stuck, watched } from "./fixture/sources.js";

const INPUT = mixed(2_000_000, 1);
let zstdOf: (bytes: Uint8Array, level: number) => Uint8Array<ArrayBuffer>;
let sources: Record<"gzip" | "zstd" | "none", Uint8Array<ArrayBuffer>>;

beforeAll(async () => {
  zstdOf = (await reference()).compress;
  sources = { gzip: new Uint8Array(gzipSync(INPUT)), zstd: zstdOf(INPUT, 3), none: INPUT };
});

/** What a layer fails with: the reader's error, which must be the cause of every value's. */
async function failure(layer: StreamLayer): Promise<unknown> {
  const error = await rejection(consume(layer));
  for (const shown of await valueErrors(layer)) {
    expect(shown).toBeInstanceOf(StreamFailedError);
    expect((shown as Error).cause).toBe(error);
  }
  return error;
}

describe("a layer of a compressed source", () => {
  it.each([
    ["gzip", "application/vnd.docker.image.rootfs.diff.tar.gzip"],
    ["zstd", "application/vnd.oci.image.layer.v1.tar+zstd"],
    ["none", "application/vnd.docker.image.rootfs.diff.tar"],
  ] as const)("that is %s gives it as it is, with the values of both sides", async (name, mediaType) => {
    const source = sources[name];
    for (const options of [{}, { compression: name }]) {
      const layer = fromCompressed(pieces(source, 100_000), options);
      const output = await consume(layer);
      expect(Buffer.compare(output, source)).toBe(0);
      expect(String(await layer.digest())).toBe(sha256Text(source));
      expect(String(await layer.diffID())).toBe(sha256Text(INPUT));
      expect(await layer.size()).toBe(source.length);
      expect(await layer.result).toMatchObject({ uncompressedSize: INPUT.length });
      expect(await layer.mediaType()).toBe(mediaType);
    }
  });

  it.each([
    [
      "several gzip members",
      () => concat(gzipSync(text(10, 1)), gzipSync(text(1000, 2))),
      concat(text(10, 1), text(1000, 2)),
    ],
    [
      "several zstd frames",
      () => concat(zstdOf(text(10, 1), 3), zstdOf(text(1000, 2), 3)),
      concat(text(10, 1), text(1000, 2)),
    ],
    ["nothing at all", () => new Uint8Array(0), new Uint8Array(0)],
    ["a gzip of nothing", () => gzipSync(""), new Uint8Array(0)],
    ["a zstd of nothing", () => zstdOf(new Uint8Array(0), 1), new Uint8Array(0)],
    ["three bytes", () => text(3, 3), text(3, 3)],
  ])("may be %s", async (_, make, content) => {
    const source = make();
    for (const longest of [1, 1_000_000]) {
      const layer = fromCompressed(pieces(new Uint8Array(source), longest));
      expect(Buffer.compare(await consume(layer), source)).toBe(0);
      expect(String(await layer.diffID())).toBe(sha256Text(content));
      expect(String(await layer.digest())).toBe(sha256Text(source));
    }
  });

  it("gives the values that the layer had when it was made", async () => {
    const made = newLayer(INPUT);
    const output = await consume(made);
    const read = fromCompressed(output);
    await consume(read);
    expect(await read.result).toEqual(await made.result);
  });

  it("knows its media type at once if it is told, and otherwise when it has seen the first bytes", async () => {
    expect(await fromCompressed(INPUT, { mediaType: "text/x-own" }).mediaType()).toBe("text/x-own");
    expect(await fromCompressed(INPUT, { compression: "zstd" }).mediaType()).toMatch(/zstd$/);
    const layer = fromCompressed(sources.zstd);
    expect(await rejection(layer.mediaType())).toBeInstanceOf(NotComputedError);
    const reader = (await layer.compressed()).getReader();
    await reader.read();
    expect(await layer.mediaType()).toMatch(/zstd$/);
    await reader.cancel();
    expect(await layer.mediaType()).toMatch(/zstd$/);
  });

  it("gives its bytes in pieces of at least 64 KiB, but for the last, each the reader's own", async () => {
    const lengths: number[] = [];
    for await (const chunk of fromCompressed(pieces(sources.gzip, 1000)).chunks()) lengths.push(chunk.length);
    expect(Math.min(...lengths.slice(0, -1))).toBeGreaterThanOrEqual(65536);
  });

  it("reads no further than its reader asks: one piece and one chunk", async () => {
    const source = watched(pieces(concat(...Array(20).fill(sources.gzip)), 50_000));
    const reader = (await fromCompressed(source).compressed()).getReader();
    expect(source.journal.opened).toBe(0);
    await reader.read();
    expect(source.journal.given).toBeLessThanOrEqual(256 * 1024 + 50_000);
    await reader.cancel();
    expect(source.journal.closed).toBe(1);
  });

  it("reports progress in compressed bytes", async () => {
    const reports: Progress[] = [];
    const layer = fromCompressed(sources.zstd, {
      expectedSize: sources.zstd.length,
      onProgress: (report) => reports.push(report),
    });
    await consume(layer);
    const { length } = sources.zstd;
    expect(reports.at(-1)).toEqual({ bytesIn: length, bytesOut: length, expectedSize: length });
  });

  it("is read once", async () => {
    const layer = fromCompressed(sources.gzip);
    await consume(layer);
    expect(await rejection(layer.compressed())).toBeInstanceOf(ConsumedError);
    expect(await rejection(layer.uncompressed())).toBeInstanceOf(UnsupportedError);
  });
});

describe("a layer of a compressed source that is not true", () => {
  it.each(["gzip", "zstd"] as const)("%s: cut anywhere, it fails, and has no values", async (name) => {
    const kind = name === "gzip" ? InflateError : ZstdError;
    const whole = name === "gzip" ? new Uint8Array(gzipSync(text(2000, 4))) : zstdOf(text(2000, 4), 3);
    for (let length = 4; length < whole.length; length += 1 + (length >> 4)) {
      const error = await failure(fromCompressed(whole.subarray(0, length)));
      expect(error).toBeInstanceOf(kind);
      expect(error).toMatchObject({ reason: "truncated", offset: length });
    }
  });

  it.each(["gzip", "zstd"] as const)("%s: damaged, it fails with the error that says where", async (name) => {
    const kind = name === "gzip" ? InflateError : ZstdError;
    const damaged = sources[name].slice();
    damaged.fill(0x55, damaged.length >> 1, (damaged.length >> 1) + 300);
    const error = await failure(fromCompressed(pieces(damaged, 10_000)));
    expect(error).toBeInstanceOf(kind);
    expect((error as ZstdError).offset).toBeGreaterThan(0);
  });

  it.each(["gzip", "zstd"] as const)("%s: followed by something else, it fails", async (name) => {
    const kind = name === "gzip" ? InflateError : ZstdError;
    const error = await failure(fromCompressed(concat(sources[name], text(100, 5))));
    expect(error).toBeInstanceOf(kind);
  });

  it("what is compressed otherwise than it is said to be fails", async () => {
    expect(await failure(fromCompressed(sources.zstd, { compression: "gzip" }))).toBeInstanceOf(InflateError);
    expect(await failure(fromCompressed(sources.gzip, { compression: "zstd" }))).toBeInstanceOf(ZstdError);
    expect(await failure(fromCompressed(INPUT, { compression: "gzip" }))).toBeInstanceOf(InflateError);
    expect(await failure(fromCompressed(new Uint8Array(0), { compression: "gzip" }))).toBeInstanceOf(
      InflateError,
    );
    expect(await failure(fromCompressed(new Uint8Array(0), { compression: "zstd" }))).toBeInstanceOf(
      ZstdError,
    );
  });

  it("what has no magic number counts as not compressed, even if it is", async () => {
    const brotli = brotliCompressSync(text(1000, 6), { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
    const layer = fromCompressed(brotli);
    await consume(layer);
    expect(String(await layer.diffID())).toBe(sha256Text(brotli));
  });

  it("what is said not to be compressed is taken so", async () => {
    const layer = fromCompressed(sources.gzip, { compression: "none" });
    await consume(layer);
    expect(String(await layer.diffID())).toBe(sha256Text(sources.gzip));
  });

  it.each(["gzip", "zstd", "none"] as const)(
    "%s: larger than maxBytes, it fails; as large, it does not",
    async (name) => {
      const error = await failure(fromCompressed(sources[name], { maxBytes: INPUT.length - 1 }));
      expect(error).toBeInstanceOf(OutputLimitError);
      await consume(fromCompressed(sources[name], { maxBytes: INPUT.length }));
    },
  );

  it("a bomb is stopped at its limit", async () => {
    for (const bomb of [gzipSync(new Uint8Array(50_000_000)), zstdOf(new Uint8Array(50_000_000), 1)]) {
      expect(await failure(fromCompressed(bomb, { maxBytes: 1_000_000 }))).toBeInstanceOf(OutputLimitError);
    }
  });

  it("a zstd window beyond maxWindowSize fails", async () => {
    expect(await failure(fromCompressed(sources.zstd, { maxWindowSize: 1024 }))).toMatchObject({
      reason: "window-too-large",
    });
  });

  it("a compression without a reading machine is not supported", async () => {
    const own: Compression = {
      name: "own",
      defaultMediaType: "text/x-own",
      newMachine: () => new OneByteMachine(),
    };
    const error = await failure(fromCompressed(INPUT, { compression: own }));
    expect(error).toBeInstanceOf(UnsupportedError);
    expect((error as Error).message).toContain("own has no newReadingMachine()");
  });

  it("a name of no compression is refused at once", () => {
    expect(() => fromCompressed(INPUT, { compression: "lz4" as "gzip" })).toThrow(UnknownCompressionError);
  });
});

describe("a layer of a compressed source ends as any layer does:", () => {
  it("with the source's own error", async () => {
    const own = new Error("the disk is on fire");
    const source = failing([sources.gzip.subarray(0, 1000)], own);
    expect(await failure(fromCompressed(source))).toBe(own);
  });

  it("at once when it is cancelled, whatever the source does", async () => {
    const source = stuck([sources.gzip.subarray(0, 300_000)]);
    const layer = fromCompressed(source);
    const reader = (await layer.compressed()).getReader();
    await reader.read();
    const pending = reader.read();
    await reader.cancel(new Error("enough"));
    expect((await pending).done).toBe(true);
    expect((await valueErrors(layer)).every((error) => error instanceof AbortedError)).toBe(true);
    expect(source.journal.closed).toBe(1);
  });

  it("when its signal is aborted, or it is closed", async () => {
    const controller = new AbortController();
    const layer = fromCompressed(sources.gzip, { signal: controller.signal });
    controller.abort();
    expect(await rejection(layer.compressed())).toBeInstanceOf(AbortedError);
    const closed = fromCompressed(sources.gzip);
    await closed.close();
    expect(await rejection(closed.digest())).toBeInstanceOf(AbortedError);
  });

  it("giving the reading machine back once, in each case", async () => {
    const machines = counted();
    const reading: Compression = {
      ...machines,
      newReadingMachine: () => machines.newMachine(1),
    };
    await consume(fromCompressed(INPUT, { compression: reading }));
    const reader = (await fromCompressed(INPUT, { compression: reading }).compressed()).getReader();
    await reader.read();
    await reader.cancel();
    await rejection(consume(fromCompressed(failing([INPUT], new Error("no")), { compression: reading })));
    expect(machines.journal).toEqual({ made: 3, released: 3 });
  });
});

it("random bytes behind a magic number never give a digest", async () => {
  for (let seed = 1; seed <= 60; seed++) {
    const magic = seed % 2 === 0 ? [0x1f, 0x8b, 8, 0] : [0x28, 0xb5, 0x2f, 0xfd];
    const layer = fromCompressed(concat(Uint8Array.from(magic), randomBytes(200, seed)));
    const error = await failure(layer);
    expect([InflateError, ZstdError].some((kind) => error instanceof kind)).toBe(true);
  }
});
