import { Readable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { newLayer, type Source } from "../../src/stream/index.js";
import { noise, SEGMENT } from "./fixture/bytes.js";
import { consume, expectTrue, readAll, rejection, valueErrors } from "./fixture/reading.js";
import { failing } from "./fixture/sources.js";
import { forbidUnhandledRejections } from "./fixture/turns.js";

forbidUnhandledRejections();

/** Inputs around everything that has a size, half of it compressible. */
const input = fc
  .record({
    length: fc.oneof(
      fc.nat(300),
      fc.nat(3 * SEGMENT),
      fc
        .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: -2, max: 2 }))
        .map(([n, d]) => n * SEGMENT + d),
    ),
    seed: fc.nat(1000),
    zeros: fc.double({ min: 0, max: 1, noNaN: true }),
  })
  .map(({ length, seed, zeros }) => noise(length, seed).fill(0, 0, Math.floor(length * zeros)));

const lengths = fc.array(
  fc.oneof(fc.constant(0), fc.constant(1), fc.nat(100), fc.nat(70_000), fc.nat(5 * 1024 * 1024)),
  { maxLength: 40 },
);

/** Cuts bytes at the lengths, and what is left into one chunk. */
function cut(bytes: Uint8Array, lengths: readonly number[]): Uint8Array[] {
  const chunks: Uint8Array[] = [];
  let offset = 0;
  for (const length of lengths) {
    chunks.push(bytes.subarray(offset, offset + length));
    offset = Math.min(offset + length, bytes.length);
  }
  return [...chunks, bytes.subarray(offset)];
}

async function* later(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}

const kinds: Record<string, (chunks: Uint8Array[]) => Source> = {
  array: (chunks) => chunks,
  "async generator": later,
  "Web stream": (chunks) =>
    new ReadableStream({
      start(controller) {
        for (const chunk of chunks) {
          controller.enqueue(chunk);
        }
        controller.close();
      },
    }),
  "Node stream": (chunks) => Readable.from(chunks, { objectMode: false }),
  "Node object stream": (chunks) => Readable.from(chunks),
  blob: (chunks) => new Blob(chunks as Uint8Array<ArrayBuffer>[]),
};

describe("any input, cut anyhow", () => {
  it.each(Object.entries(kinds))(
    "as %s gives true values, and the bytes do not depend on the cuts",
    async (_, source) => {
      await fc.assert(
        fc.asyncProperty(input, lengths, fc.constantFrom(0, 1), async (bytes, cuts, compressionLevel) => {
          const whole = newLayer(bytes, { compressionLevel });
          const expected = await consume(whole);
          const layer = newLayer(source(cut(bytes, cuts)), { compressionLevel });
          const output = await readAll(layer.chunks());
          await expectTrue(layer, bytes, output);
          expect(Buffer.compare(output, expected)).toBe(0);
          expect(await layer.result).toEqual(await whole.result);
        }),
        { numRuns: 15 },
      );
    },
  );

  it("that fails anywhere gives no value", async () => {
    await fc.assert(
      fc.asyncProperty(input, lengths, async (bytes, cuts) => {
        const fault = new Error("fault");
        const layer = newLayer(failing(cut(bytes, cuts), fault));
        expect(await rejection(consume(layer))).toBe(fault);
        for (const error of await valueErrors(layer)) {
          expect(error).toMatchObject({ code: "ERR_VARVE_STREAM_FAILED", cause: fault });
        }
      }),
      { numRuns: 25 },
    );
  });

  it("that is closed after any number of pieces gives no value, unless its end had been seen", async () => {
    await fc.assert(
      fc.asyncProperty(input, lengths, fc.nat(6), async (bytes, cuts, pieces) => {
        const layer = newLayer(cut(bytes, cuts));
        const reader = (await layer.compressed()).getReader();
        let ended = false;
        for (let i = 0; i < pieces && !ended; i++) {
          ended = (await reader.read()).done;
        }
        await reader.cancel();
        if (ended) {
          expect((await layer.result).uncompressedSize).toBe(bytes.length);
        } else {
          for (const error of await valueErrors(layer)) {
            expect(error).toMatchObject({ code: "ERR_VARVE_ABORTED" });
          }
        }
      }),
      { numRuns: 40 },
    );
  });
});
