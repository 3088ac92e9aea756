import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compressedToLayer } from "../../src/partial/index.js";
import { registerCompression } from "../../src/v1/index.js";
import { chunksOf, contentOf } from "../bytes/fixture/streams.js";
import { sample } from "../fixtures/zstd-sample.js";
import { noise, text } from "../stream/fixture/bytes.js";
import { rejection } from "../stream/fixture/reading.js";
import { forbidUnhandledRejections } from "../stream/fixture/turns.js";
import { compressedLayer } from "./fixture/objects.js";

forbidUnhandledRejections();

const KIB = 1024;
const content = Buffer.concat([noise(300 * KIB), text("some text ".repeat(60_000))]);
const blob = new Uint8Array(gzipSync(content));

describe("compressedToLayer", () => {
  it("opens nothing when it is made, and reads nothing before it is asked", async () => {
    const inner = compressedLayer(blob);
    const layer = compressedToLayer(inner);
    expect(inner.journal.opened).toBe(0);
    const stream = await layer.uncompressed();
    expect(inner.journal.opened).toBe(1);
    await stream.cancel("enough");
    expect(inner.journal.cancelled).toEqual(["enough"]);
  });

  it("gives owned pieces of at least 64 KiB, though it is given small ones", async () => {
    const pieces = await chunksOf(await compressedToLayer(compressedLayer(blob)).uncompressed());
    expect(Buffer.compare(Buffer.concat(pieces), content)).toBe(0);
    expect(pieces.slice(0, -1).every((piece) => piece.length >= 64 * KIB)).toBe(true);
    expect(new Set(pieces.map((piece) => piece.buffer)).size).toBe(pieces.length);
  });

  it("closes the compressed stream once, however the uncompressed one is left", async () => {
    const inner = compressedLayer(blob);
    const reader = (await compressedToLayer(inner).uncompressed()).getReader();
    await reader.read();
    await reader.cancel("enough");
    await reader.cancel("again");
    expect(inner.journal.cancelled).toEqual(["enough"]);
  });

  it("is cancelled at once while it waits for the first bytes", async () => {
    let cancelled = 0;
    const stream = await compressedToLayer({
      ...compressedLayer(blob),
      compressed: async () =>
        new ReadableStream({
          pull: () => new Promise<never>(() => {}),
          cancel: () => {
            cancelled++;
          },
        }),
    }).uncompressed();
    const reader = stream.getReader();
    const reading = reader.read();
    await new Promise((resolve) => setTimeout(resolve));
    await reader.cancel("enough");
    expect(await reading).toEqual({ done: true, value: undefined });
    await new Promise((resolve) => setTimeout(resolve));
    expect(cancelled).toBe(1);
  });

  it("remembers the diffID that it has read everything for, and not a failure", async () => {
    const inner = compressedLayer(blob);
    let failures = 1;
    const layer = compressedToLayer({
      ...inner,
      compressed: () => (failures-- > 0 ? Promise.reject(new Error("not now")) : inner.compressed()),
    });
    expect(await rejection(layer.diffID())).toMatchObject({ message: "not now" });
    const [first, second] = await Promise.all([layer.diffID(), layer.diffID()]);
    expect(second).toBe(first);
    expect(await layer.diffID()).toBe(first);
    expect(inner.journal.opened).toBe(1);
  });

  it("hands its options on", async () => {
    const { signal } = new AbortController();
    const asked: unknown[] = [];
    const inner = compressedLayer(blob);
    const note = <Args extends [options?: unknown], Value>(method: (...args: Args) => Value) => {
      return (...args: Args): Value => {
        asked.push(args[0]);
        return method(...args);
      };
    };
    const layer = compressedToLayer({
      digest: note(inner.digest),
      size: note(inner.size),
      mediaType: note(inner.mediaType),
      compressed: note(inner.compressed),
      diffID: note(inner.digest),
    });
    const options = { signal };
    await layer.digest(options);
    await layer.size(options);
    await layer.mediaType(options);
    await layer.diffID(options);
    await (await layer.compressed(options)).cancel();
    await (await layer.uncompressed(options)).cancel();
    expect(asked).toEqual([options, options, options, options, options, options]);
  });

  it("fails with what is wrong with the compressed bytes, cut anywhere or with any bit flipped", async () => {
    const small = new Uint8Array(gzipSync(text("some text, some more text")));
    const read = (bytes: Uint8Array): Promise<unknown> =>
      contentOfLayer(bytes).then(
        (out) => out,
        (error: unknown) => error,
      );
    for (let length = 2; length < small.length; length++) {
      expect(await read(small.subarray(0, length))).toMatchObject({ code: "ERR_VARVE_INFLATE" });
    }
    await fc.assert(
      fc.asyncProperty(fc.nat({ max: small.length * 8 - 1 }), async (bit) => {
        const flipped = small.slice();
        flipped[bit >> 3]! ^= 1 << (bit & 7);
        const out = await read(flipped);
        const isRaw = bit < 16;
        const harmless =
          out instanceof Uint8Array && Buffer.from(out).toString() === "some text, some more text";
        expect(isRaw || harmless || (out as { code?: string }).code === "ERR_VARVE_INFLATE").toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  it("says of zstd what to import, closes the stream, and can be read once that is done", async () => {
    const inner = compressedLayer(sample);
    const layer = compressedToLayer(inner);
    const error = await rejection(contentOf(await layer.uncompressed()));
    expect(error).toMatchObject({ code: "ERR_VARVE_UNKNOWN_COMPRESSION" });
    expect((error as Error).message).toContain('"varve/zstd" has been imported');
    expect(inner.journal.cancelled).toHaveLength(1);
    expect(await rejection(layer.diffID())).toMatchObject({ code: "ERR_VARVE_UNKNOWN_COMPRESSION" });
    const { zstd } = await import("../../src/zstd/index.js");
    expect((await contentOf(await layer.uncompressed())).length).toBe(3000);
    await layer.diffID();
    registerCompression({ ...zstd, newReadingMachine: undefined! });
    expect(await rejection(contentOf(await layer.uncompressed()))).toMatchObject({
      code: "ERR_VARVE_UNSUPPORTED",
    });
    registerCompression(zstd);
  });
});

async function contentOfLayer(bytes: Uint8Array): Promise<Uint8Array> {
  return contentOf(await compressedToLayer(compressedLayer(bytes)).uncompressed());
}
