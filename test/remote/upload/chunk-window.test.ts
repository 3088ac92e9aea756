import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ChunkWindow } from "../../../src/remote/upload/chunk-window.js";
import { LayerReadError } from "../../../src/remote/upload/layer-read-error.js";
import { randomBytes, streamOf } from "../fixture/layers.js";
import { rejection } from "../fixture/thrown.js";

describe("ChunkWindow", () => {
  it("gives the stream's bytes in order, whatever the pieces, the chunks and what is let go", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.nat(300_000), { maxLength: 6 }),
        fc.array(fc.tuple(fc.integer({ min: 1, max: 200_000 }), fc.double({ min: 0, max: 1, noNaN: true })), {
          minLength: 1,
          maxLength: 12,
        }),
        async (lengths, steps) => {
          const pieces = lengths.map((length) => randomBytes(length));
          const whole = Buffer.concat(pieces);
          const window = new ChunkWindow(streamOf(pieces));
          let offset = 0;
          for (const [length, part] of steps) {
            await window.fill(length);
            const { held } = window;
            expect(held.byteLength).toBeGreaterThanOrEqual(Math.min(length, whole.byteLength - offset));
            expect(whole.subarray(offset, offset + held.byteLength).equals(held)).toBe(true);
            const gone = Math.floor(part * held.byteLength);
            window.letGo(gone);
            offset += gone;
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it("reads nothing before it is asked, and no more than it is asked for, beside the rest of a piece", async () => {
    let pulled = 0;
    const source = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          pulled += 1;
          controller.enqueue(new Uint8Array(1000));
        },
      },
      { highWaterMark: 0 },
    );
    const window = new ChunkWindow(source);
    expect(pulled).toBe(0);
    await window.fill(2500);
    expect([pulled, window.held.byteLength]).toEqual([3, 2500]);
    window.letGo(2500);
    await window.fill(500);
    expect([pulled, window.held.byteLength]).toEqual([3, 500]);
  });

  it("takes no more memory than twice what is small, and no more than a chunk of what is large", async () => {
    const small = new ChunkWindow(streamOf([new Uint8Array(10)]));
    await small.fill(8 << 20);
    expect(small.held.buffer.byteLength).toBe(65_536);
    const large = new ChunkWindow(streamOf(Array.from({ length: 40 }, () => new Uint8Array(100_000))));
    for (let chunk = 0; chunk < 3; chunk++) {
      await large.fill(1_000_000);
      expect(large.held.buffer.byteLength).toBeLessThanOrEqual(1_000_000);
      large.letGo(1_000_000);
    }
  });

  it.each([
    [9, "more"],
    [11, "fewer"],
  ])("is held to %i bytes, where there are %s", async (expected, words) => {
    const window = new ChunkWindow(streamOf([new Uint8Array(5), new Uint8Array(5)]), expected);
    const error = await rejection(window.fill(100));
    expect(error).toBeInstanceOf(LayerReadError);
    expect(error.message).toContain(`is said to have ${expected} bytes, and has ${words}`);
  });

  it("fails with what failed in the layer as the cause, and how far it had come", async () => {
    const failure = new Error("disk on fire");
    const source = new ReadableStream<Uint8Array>(
      {
        start(controller) {
          controller.enqueue(new Uint8Array(7));
        },
        pull: () => Promise.reject(failure),
      },
      { highWaterMark: 0 },
    );
    const error = await rejection(new ChunkWindow(source).fill(10));
    expect(error).toBeInstanceOf(LayerReadError);
    expect(error.message).toContain("after 7 compressed bytes (disk on fire)");
    expect(error.cause).toBe(failure);
  });
});
