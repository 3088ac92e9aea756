import { PassThrough } from "node:stream";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { CompressionLevelError, init } from "../../src/core/index.js";
import { AbortedError, newLayer, type Source, StreamFailedError } from "../../src/stream/index.js";
import { ConsumedError, NotComputedError, UnsupportedError } from "../../src/v1/index.js";
import { chunked, KIB, MIB, noise, SEGMENT, text } from "./fixture/bytes.js";
import { counted } from "./fixture/machines.js";
import { consume, expectTrue, readAll, rejection, valueErrors } from "./fixture/reading.js";
import { stuck, watched } from "./fixture/sources.js";
import { forbidUnhandledRejections, settles, turn } from "./fixture/turns.js";

forbidUnhandledRejections();
beforeAll(() => init());

const UNTOUCHED = { opened: 0, reads: 0, given: 0, closed: 0 };
const HELLO = text("hello");

describe("the life cycle of a layer", () => {
  it.each(["digest", "diffID", "size"] as const)(
    "acceptance 5: %s of a new layer rejects at once, and leaves the source untouched",
    async (getter) => {
      const source = stuck();
      const error = await rejection(newLayer(source)[getter]());
      expect(error).toBeInstanceOf(NotComputedError);
      expect(error).toMatchObject({
        message: expect.stringContaining("value not computed until stream is consumed"),
      });
      expect(error).toMatchObject({ message: expect.stringContaining(getter) });
      expect(source.journal).toEqual(UNTOUCHED);
    },
  );

  it("acceptance 5: while the layer is being read, the values reject at once too", async () => {
    const layer = newLayer(stuck([noise(SEGMENT)]));
    const reader = (await layer.compressed()).getReader();
    await reader.read();
    const pending = reader.read();
    for (const getter of ["digest", "diffID", "size"] as const) {
      expect(await rejection(layer[getter]())).toBeInstanceOf(NotComputedError);
    }
    await reader.cancel();
    await pending;
  });

  it("acceptance 6: a layer that was read refuses to be read again", async () => {
    const layer = newLayer([HELLO]);
    await consume(layer);
    const digest = await layer.digest();
    for (const attempt of [
      () => layer.compressed(),
      async () => layer.chunks(),
      () => layer.writeTo(() => {}),
    ]) {
      const error = await rejection(attempt());
      expect(error).toBeInstanceOf(ConsumedError);
      expect(error).toMatchObject({ message: expect.stringContaining("stream was already consumed") });
      expect(error).not.toHaveProperty("cause");
    }
    expect(await layer.digest()).toBe(digest);
  });

  it("acceptance 7: a second stream is refused at once, and the first does not notice", async () => {
    const input = noise(MIB);
    const source = watched(chunked(input, 100 * KIB));
    const layer = newLayer(source);
    const first = layer.compressed();
    expect(await rejection(layer.compressed())).toBeInstanceOf(ConsumedError);
    const reader = (await first).getReader();
    const begun = (await reader.read()).value!;
    expect(await settles(layer.compressed())).toBe(true);
    expect(await rejection(layer.compressed())).toBeInstanceOf(ConsumedError);
    expect(() => layer.chunks()).toThrow(ConsumedError);
    expect(await rejection(layer.writeTo(() => {}))).toBeInstanceOf(ConsumedError);
    reader.releaseLock();
    const rest = await readAll(await first);
    await expectTrue(layer, input, Buffer.concat([begun, rest]));
    expect(source.journal.opened).toBe(1);
  });

  it("acceptance 10: of a layer that was closed early no value is ever given", async () => {
    const reason = new Error("the registry said no");
    const layer = newLayer(watched(chunked(noise(MIB), 64 * KIB)));
    const reader = (await layer.compressed()).getReader();
    await reader.read();
    await reader.cancel(reason);
    const errors = await valueErrors(layer);
    for (const error of errors) {
      expect(error).toBeInstanceOf(AbortedError);
      expect(error).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: reason });
    }
    expect(await rejection(layer.compressed())).toMatchObject({
      code: "ERR_VARVE_CONSUMED",
      cause: errors[0],
    });
  });

  it("acceptance 10: not even when all bytes had been handed out, and only the end had not been seen", async () => {
    const layer = newLayer([HELLO]);
    const reader = (await layer.compressed()).getReader();
    await reader.read();
    await reader.cancel();
    for (const error of await valueErrors(layer)) {
      expect(error).toBeInstanceOf(AbortedError);
    }
  });

  it("acceptance 15: closing twice after the end succeeds, and changes no value", async () => {
    const source = watched([HELLO]);
    const layer = newLayer(source);
    const stream = await layer.compressed();
    const reader = stream.getReader();
    while (!(await reader.read()).done);
    const result = await layer.result;
    await reader.cancel();
    await reader.cancel();
    await layer.close();
    await layer.close();
    expect(await layer.digest()).toBe(result.digest);
    expect(await layer.diffID()).toBe(result.diffID);
    expect(await layer.size()).toBe(result.size);
    await layer.sourceClosed;
    // An iterator that has said that it is done has closed itself.
    expect(source.journal).toMatchObject({ reads: 2, closed: 0 });
  });

  it("acceptance 15: closing twice before the end succeeds, and closes the source and gives the machine back once", async () => {
    const source = watched(chunked(noise(MIB), 64 * KIB));
    const compression = counted();
    const layer = newLayer(source, { compression });
    const reader = (await layer.compressed()).getReader();
    await reader.read();
    await reader.cancel();
    await reader.cancel();
    await layer.close();
    await turn();
    expect(source.journal.closed).toBe(1);
    expect(compression.journal).toEqual({ made: 1, released: 1 });
  });

  it("acceptance 15: a Node stream that was read to its end is closed once", async () => {
    const pipe = new PassThrough();
    let closed = 0;
    pipe.on("close", () => closed++);
    pipe.end(HELLO);
    const layer = newLayer(pipe);
    const stream = await layer.compressed();
    await readAll(stream);
    await stream.cancel();
    await layer.sourceClosed;
    await turn();
    expect(closed).toBe(1);
  });

  it.each([42, -3, 13, 1.5, Number.NaN])(
    "acceptance 18: level %d is refused when the layer is opened, by name, and the source is released",
    async (compressionLevel) => {
      const source = watched([HELLO]);
      const compression = counted();
      const layer = newLayer(source, { compression, compressionLevel });
      const error = await rejection(layer.compressed());
      expect(error).toBeInstanceOf(RangeError);
      expect(error).toBeInstanceOf(CompressionLevelError);
      expect(error).toMatchObject({ message: expect.stringContaining(String(compressionLevel)) });
      await layer.sourceClosed;
      expect(source.journal).toMatchObject({ reads: 0, closed: 1 });
      for (const valueError of await valueErrors(layer)) {
        expect(valueError).toBeInstanceOf(StreamFailedError);
        expect(valueError).toMatchObject({ cause: error });
      }
      expect(await rejection(layer.compressed())).toBe(error);
    },
  );

  it("acceptance 18: the other two ways of reading refuse the level too, and release a Node stream", async () => {
    const openings = [
      (source: Source) => newLayer(source, { compressionLevel: 42 }).chunks().next(),
      (source: Source) => newLayer(source, { compressionLevel: 42 }).writeTo(() => {}),
    ];
    for (const open of openings) {
      const pipe = new PassThrough();
      expect(await rejection(open(pipe))).toBeInstanceOf(RangeError);
      expect(pipe.destroyed).toBe(true);
    }
  });

  it("acceptance 19: uncompressed() is unsupported, says what to do, and leaves the source untouched", async () => {
    const source = watched([HELLO]);
    const layer = newLayer(source);
    const error = await rejection(layer.uncompressed());
    expect(error).toBeInstanceOf(UnsupportedError);
    expect(error).toMatchObject({ message: expect.stringContaining("compressed()") });
    expect(source.journal).toEqual(UNTOUCHED);
    await expectTrue(layer, HELLO, await consume(layer));
    expect(await rejection(layer.uncompressed())).toBeInstanceOf(UnsupportedError);
  });

  it("acceptance 21: a layer that nobody reads starts nothing, of any kind of source", async () => {
    const pipe = new PassThrough();
    pipe.write(HELLO);
    let pulls = 0;
    const web = new ReadableStream<Uint8Array>({ pull: () => void pulls++ }, { highWaterMark: 0 });
    const iterable = watched([HELLO]);
    let iterations = 0;
    const generator = (function* () {
      iterations++;
      yield HELLO;
    })();
    const body = new Response(HELLO);
    const timers = [vi.spyOn(globalThis, "setTimeout"), vi.spyOn(globalThis, "setInterval")];
    const compression = counted();
    const layers = [pipe, web, iterable, generator, body, new Blob([HELLO]), HELLO].map((source) =>
      newLayer(source, { compression }),
    );
    await turn();
    await turn();
    const timersStarted = timers.map((timer) => timer.mock.calls.length);
    vi.restoreAllMocks();
    expect(timersStarted).toEqual([0, 0]);
    expect(compression.journal.made).toBe(0);
    expect([pipe.listenerCount("readable"), pipe.listenerCount("data"), pipe.readableFlowing]).toEqual([
      0,
      0,
      null,
    ]);
    expect(pipe.readableLength).toBe(HELLO.length);
    expect([pulls, web.locked, iterations, body.bodyUsed]).toEqual([0, false, 0, false]);
    expect(iterable.journal).toEqual(UNTOUCHED);
    for (const layer of layers) {
      expect(await rejection(layer.size())).toBeInstanceOf(NotComputedError);
    }
  });

  it("acceptance 21: a stream that was opened and never pulled has not touched the source either", async () => {
    const source = watched([HELLO]);
    await newLayer(source).compressed();
    newLayer(source).chunks();
    await turn();
    expect(source.journal).toEqual(UNTOUCHED);
  });
});
