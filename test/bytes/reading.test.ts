import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, fromBytes, MAX_MANIFEST_BYTES, peek, readAll } from "../../src/bytes/index.js";
import { chunked, noise } from "../stream/fixture/bytes.js";
import { rejection } from "../stream/fixture/reading.js";
import { forbidUnhandledRejections, settles } from "../stream/fixture/turns.js";
import { chunksOf, contentOf, watched } from "./fixture/streams.js";

forbidUnhandledRejections();

const ONE = Uint8Array.of(1);
const TWO = Uint8Array.of(2, 2);

describe("bytesOf", () => {
  it("gives every chunk and the end, without cancelling", async () => {
    const { stream, cancelled } = watched([ONE, TWO]);
    const chunks: Uint8Array[] = [];
    for await (const chunk of bytesOf(stream)) chunks.push(chunk);
    expect(chunks).toEqual([ONE, TWO]);
    expect(cancelled).toEqual([]);
    expect(stream.locked).toBe(false);
  });

  it("cancels the stream once when the loop is left early", async () => {
    const { stream, cancelled, pulls } = watched([ONE, TWO]);
    for await (const _ of bytesOf(stream)) break;
    expect(cancelled).toHaveLength(1);
    expect(pulls).toBeLessThanOrEqual(1);
    expect(stream.locked).toBe(false);
  });

  it("returns at once while a next is pending that never settles", async () => {
    const { stream, cancelled } = watched([], { hangs: true, cancel: () => new Promise(() => {}) });
    const iterator = bytesOf(stream);
    const pending = iterator.next();
    expect(await settles(iterator.return!())).toBe(true);
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(await iterator.next()).toEqual({ done: true, value: undefined });
    expect(cancelled).toHaveLength(1);
  });

  it("tells whoever leaves the loop that the stream can't be closed", async () => {
    const failure = new Error("stuck");
    const { stream } = watched([ONE], { cancel: () => Promise.reject(failure) });
    const iterator = bytesOf(stream);
    await iterator.next();
    expect(await rejection(iterator.return!())).toBe(failure);
  });

  it("is ended by its signal at once, with the reason as the cause", async () => {
    const { stream, cancelled } = watched([ONE], { hangs: true });
    const controller = new AbortController();
    const iterator = bytesOf(stream, { signal: controller.signal });
    await iterator.next();
    const pending = rejection(iterator.next());
    controller.abort("enough");
    expect(await pending).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
    expect(cancelled).toHaveLength(1);
    expect(await rejection(iterator.next())).toMatchObject({ code: "ERR_VARVE_ABORTED" });
  });

  it("refuses what is no bytes, and cancels the stream", async () => {
    const { stream, cancelled } = watched(["text" as unknown as Uint8Array]);
    expect(await rejection(bytesOf(stream).next())).toMatchObject({ code: "ERR_VARVE_NOT_BYTES" });
    expect(cancelled).toHaveLength(1);
  });

  it("fails as the stream does", async () => {
    const failure = new Error("torn");
    const { stream, cancelled } = watched([ONE], { failure });
    const iterator = bytesOf(stream);
    await iterator.next();
    expect(await rejection(iterator.next())).toBe(failure);
    expect(cancelled).toEqual([]);
  });

  it("refuses a stream that is locked, at the call", () => {
    const { stream } = watched([]);
    stream.getReader();
    expect(() => bytesOf(stream)).toThrow(TypeError);
  });
});

describe("readAll", () => {
  it("gives all bytes of any chunks, as one piece of memory of exactly that length", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 40_000 }), { maxLength: 6 }), async (chunks) => {
        const all = await readAll(watched(chunks).stream);
        expect(Buffer.compare(all, Buffer.concat(chunks))).toBe(0);
        expect(all.buffer.byteLength).toBe(all.byteLength);
      }),
      { numRuns: 30 },
    );
  });

  it("reads as much as is allowed and not a byte more", async () => {
    expect(await readAll(watched(chunked(noise(1000), 7)).stream, { maxBytes: 1000 })).toHaveLength(1000);
    const { stream, cancelled } = watched(chunked(noise(1001), 7));
    const error = await rejection(readAll(stream, { maxBytes: 1000, what: "a manifest" }));
    expect(error).toMatchObject({ code: "ERR_VARVE_SIZE_LIMIT", limit: 1000 });
    expect((error as Error).message).toBe(
      "a manifest has more than the 1000 bytes that are allowed: raise maxManifestBytes",
    );
    expect(cancelled).toEqual([error]);
  });

  it("allows 4 MiB by default, and stops an endless stream there", async () => {
    expect(MAX_MANIFEST_BYTES).toBe(4 * 1024 * 1024);
    const piece = new Uint8Array(64 * 1024);
    function* endless(): Generator<Uint8Array> {
      for (;;) yield piece;
    }
    const record = watched(endless());
    expect(await rejection(readAll(record.stream))).toMatchObject({ code: "ERR_VARVE_SIZE_LIMIT" });
    expect(record.pulls).toBe(65);
  });

  it("does not wait for a stream that can't be cancelled", async () => {
    const { stream } = watched([TWO], { cancel: () => new Promise(() => {}) });
    expect(await settles(rejection(readAll(stream, { maxBytes: 1 })))).toBe(true);
  });

  it("is ended by its signal, and fails as the stream does", async () => {
    const controller = new AbortController();
    const { stream, cancelled } = watched([ONE], { hangs: true });
    const reading = rejection(readAll(stream, { signal: controller.signal, what: "a manifest" }));
    await new Promise((resolve) => setTimeout(resolve));
    controller.abort("enough");
    expect(await reading).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
    expect(cancelled).toHaveLength(1);
    const failure = new Error("torn");
    expect(await rejection(readAll(watched([ONE], { failure }).stream))).toBe(failure);
  });
});

describe("fromBytes", () => {
  it("gives copies, in pieces of at most 1 MiB", async () => {
    const bytes = noise(2_500_000);
    const chunks = await chunksOf(fromBytes(bytes));
    expect(chunks.map((chunk) => chunk.length)).toEqual([1 << 20, 1 << 20, 2_500_000 - (2 << 20)]);
    expect(Buffer.compare(Buffer.concat(chunks), bytes)).toBe(0);
    expect(chunks.every((chunk) => chunk.buffer !== bytes.buffer)).toBe(true);
  });

  it("gives nothing of nothing", async () => {
    expect(await chunksOf(fromBytes(new Uint8Array(0)))).toEqual([]);
  });
});

describe("peek", () => {
  it("shows the first bytes and leaves the stream whole, however it is cut", async () => {
    const bytes = noise(64);
    for (const length of [1, 2, 3, 5, 64]) {
      for (const wanted of [0, 1, 4, 63, 64, 65]) {
        const { start, stream } = await peek(watched(chunked(bytes, length)).stream, wanted);
        expect(start).toEqual(bytes.subarray(0, wanted));
        expect(Buffer.compare(await contentOf(stream), bytes)).toBe(0);
      }
    }
  });

  it("reads no more chunks than it takes", async () => {
    const record = watched(chunked(noise(100), 3));
    await peek(record.stream, 4);
    expect(record.pulls).toBe(2);
  });

  it("cancels the stream through what it gave", async () => {
    const { stream, cancelled } = watched(chunked(noise(100), 3));
    const peeked = await peek(stream, 4);
    await peeked.stream.cancel("enough");
    expect(cancelled).toEqual(["enough"]);
  });

  it("fails as the stream does, and is ended by its signal", async () => {
    const failure = new Error("torn");
    expect(await rejection(peek(watched([ONE], { failure }).stream, 4))).toBe(failure);
    const controller = new AbortController();
    const { stream, cancelled } = watched([ONE], { hangs: true });
    const peeking = rejection(peek(stream, 4, { signal: controller.signal }));
    await new Promise((resolve) => setTimeout(resolve));
    controller.abort("enough");
    expect(await peeking).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
    expect(cancelled).toHaveLength(1);
  });
});
