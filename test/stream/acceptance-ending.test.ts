import { PassThrough, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { init } from "../../src/core/index.js";
import {
  AbortedError,
  newLayer,
  type Source,
  SourceCloseError,
  StreamFailedError,
} from "../../src/stream/index.js";
import { chunked, KIB, MIB, noise, SEGMENT, text } from "./fixture/bytes.js";
import { counted } from "./fixture/machines.js";
import { consume, expectTrue, rejection, valueErrors } from "./fixture/reading.js";
import { failing, stuck, watched } from "./fixture/sources.js";
import { tarThroughPipe } from "./fixture/tar.js";
import { forbidUnhandledRejections, settles, turn } from "./fixture/turns.js";

forbidUnhandledRejections();
beforeAll(() => init());

describe("closing before reading", () => {
  it.each<[string, () => Source]>([
    ["a text in an array", () => [text("some text")]],
    ["a text as bytes", () => text("some text")],
    ["a blob of text", () => new Blob(["some text"])],
    ["a response of text", () => new Response("some text")],
    ["a Node stream of text", () => Readable.from([text("some text")])],
  ])("acceptance 8: settles at once over %s", async (_, source) => {
    const layer = newLayer(source());
    const stream = await layer.compressed();
    expect(await settles(stream.cancel())).toBe(true);
    await layer.sourceClosed;
    for (const error of await valueErrors(layer)) {
      expect(error).toBeInstanceOf(AbortedError);
    }
  });

  it("acceptance 9: releases the writer of a Node pipe that is blocked", async () => {
    const pipe = new PassThrough({ highWaterMark: 1 });
    const writing = rejection(pipeline(Readable.from([noise(64), noise(64), noise(64)]), pipe));
    await turn();
    const stream = await newLayer(pipe).compressed();
    expect(await settles(stream.cancel())).toBe(true);
    expect(await writing).toMatchObject({ code: "ERR_STREAM_PREMATURE_CLOSE" });
  });

  it("acceptance 9: releases the writer of a Web pipe that is blocked", async () => {
    const reason = new Error("not wanted");
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const writing = rejection(Promise.all([writer.write(text("blocked")), writer.write(text("behind it"))]));
    const stream = await newLayer(readable).compressed();
    expect(await settles(stream.cancel(reason))).toBe(true);
    expect(await writing).toBe(reason);
    expect(await rejection(writer.closed)).toBe(reason);
  });

  it("acceptance 9: releases a tar that is being produced", async () => {
    const pipe = tarThroughPipe(new Map([["a", "a".repeat(MIB)]]));
    await turn();
    const layer = newLayer(pipe);
    const stream = await layer.compressed();
    expect(await settles(stream.cancel())).toBe(true);
    await layer.sourceClosed;
    expect(pipe.destroyed).toBe(true);
  });

  it("acceptance 9: releases the writer behind an iterable that was never opened", async () => {
    const source = stuck();
    const stream = await newLayer(source).compressed();
    expect(await settles(stream.cancel())).toBe(true);
    expect(source.journal).toMatchObject({ reads: 0, closed: 1 });
  });
});

describe("a source that fails", () => {
  it.each([0, 1, SEGMENT - 1, SEGMENT, SEGMENT + 1, 3 * SEGMENT])(
    "acceptance 11: after %d bytes gives the reader its very error, and the values reject with it as cause",
    async (bytes) => {
      const fault = new TypeError("disk on fire");
      const compression = counted();
      const layer = newLayer(failing(chunked(noise(bytes), 64 * KIB), fault), { compression });
      expect(await rejection(consume(layer))).toBe(fault);
      for (const error of await valueErrors(layer)) {
        expect(error).toBeInstanceOf(StreamFailedError);
        expect(error).toMatchObject({ code: "ERR_VARVE_STREAM_FAILED", cause: fault });
        expect(error).toMatchObject({ message: expect.stringContaining("disk on fire") });
      }
      expect(compression.journal).toEqual({ made: 1, released: 1 });
      await layer.sourceClosed;
    },
  );
});

const NEVER = new Promise<never>(() => {});

const STUCK: [string, () => Source][] = [
  ["an iterator whose next() never settles", () => stuck()],
  ["an iterator that gets stuck later", () => stuck(chunked(noise(SEGMENT + KIB), KIB))],
  [
    "an async generator that waits for ever",
    () =>
      (async function* () {
        yield noise(KIB);
        await NEVER;
      })(),
  ],
  [
    "a Web stream whose pull never settles, nor its cancelling",
    () => new ReadableStream({ pull: () => NEVER, cancel: () => NEVER }),
  ],
  ["a Node stream that gives nothing", () => new Readable({ read() {} })],
  [
    "a Node stream that gives nothing and cannot be destroyed",
    () => new Readable({ read() {}, destroy() {} }),
  ],
];

describe("a source whose pending read never settles", () => {
  it.each(STUCK)("acceptance 12: %s is left at once when a signal is aborted", async (_, source) => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const compression = counted();
    const layer = newLayer(source(), { compression });
    const reader = (await layer.compressed({ signal: controller.signal })).getReader();
    const end = rejection(
      (async () => {
        while (!(await reader.read()).done);
      })(),
    );
    await turn();
    controller.abort(reason);
    expect(await settles(end)).toBe(true);
    expect(await end).toBeInstanceOf(AbortedError);
    expect(await end).toMatchObject({ cause: reason });
    expect(await valueErrors(layer)).toEqual([await end, await end, await end, await end]);
    expect(compression.journal).toEqual({ made: 1, released: 1 });
  });

  it.each(STUCK)("acceptance 12: %s is left at once when the stream is cancelled", async (_, source) => {
    const compression = counted();
    const layer = newLayer(source(), { compression });
    const reader = (await layer.compressed()).getReader();
    const end = (async () => {
      while (!(await reader.read()).done);
    })();
    await turn();
    const cancelled = reader.cancel();
    expect(await settles(cancelled)).toBe(true);
    await cancelled;
    expect(await settles(end)).toBe(true);
    await turn();
    expect(compression.journal).toEqual({ made: 1, released: 1 });
    expect((await valueErrors(layer))[0]).toBeInstanceOf(AbortedError);
  });

  it.each(STUCK)(
    "acceptance 12: %s is left at once when the layer or the iterator is closed",
    async (_, source) => {
      for (const how of ["layer", "iterator"]) {
        const compression = counted();
        const layer = newLayer(source(), { compression });
        const chunks = layer.chunks();
        const end = rejection(
          (async () => {
            while (!(await chunks.next()).done);
          })(),
        );
        await turn();
        const closed = how === "layer" ? layer.close() : chunks.return!();
        expect(await settles(closed)).toBe(true);
        await closed;
        expect(await settles(end)).toBe(true);
        expect(await end).toBeInstanceOf(AbortedError);
        expect(compression.journal).toEqual({ made: 1, released: 1 });
      }
    },
  );
});

describe("a source that cannot be closed", () => {
  it("acceptance 16: leaves the values of complete data as they are, and is reported apart", async () => {
    const fault = new Error("cannot close");
    const input = noise(300 * KIB);
    const pieces = chunked(input, 64 * KIB);
    const source = new Readable({
      read() {
        this.push(pieces.shift() ?? null);
      },
      destroy(_, callback) {
        callback(fault);
      },
    });
    const layer = newLayer(source);
    const output = await consume(layer);
    const error = await rejection(layer.sourceClosed);
    expect(error).toBeInstanceOf(SourceCloseError);
    expect(error).toMatchObject({ code: "ERR_VARVE_SOURCE_CLOSE", cause: fault });
    await expectTrue(layer, input, output);
  });

  it("acceptance 16: is reported apart from an early close too", async () => {
    const fault = new Error("cannot close");
    const source = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: false as const, value: noise(KIB) }),
        return: () => Promise.reject(fault),
      }),
    };
    const layer = newLayer(source);
    await layer.close();
    expect(await rejection(layer.sourceClosed)).toMatchObject({
      code: "ERR_VARVE_SOURCE_CLOSE",
      cause: fault,
    });
    expect((await valueErrors(layer))[0]).toBeInstanceOf(AbortedError);
  });
});

describe("a source that fails to close", () => {
  it("acceptance 16: may do so without anybody looking", async () => {
    const source = new Readable({
      read() {
        this.push(null);
      },
      destroy(_, callback) {
        callback(new Error("cannot close"));
      },
    });
    const layer = newLayer(source);
    await consume(layer);
    await turn();
    expect(await layer.size()).toBeGreaterThan(0);
    expect(source.closed).toBe(true);
  });
});

describe("a consumer that stops reading", () => {
  it.each([512, 64 * KIB, SEGMENT, MIB])(
    "acceptance 20: stops the source, in chunks of %d bytes, within one segment and one chunk",
    async (length) => {
      const source = watched(chunked(noise(4 * MIB), length));
      const reader = (await newLayer(source).compressed()).getReader();
      let taken = 0;
      for (let pieces = 0; pieces < 3; pieces++) {
        taken += (await reader.read()).value!.length;
        const given = source.journal.given;
        for (let i = 0; i < 5; i++) {
          await turn();
        }
        expect(source.journal.given).toBe(given);
        expect(given - taken).toBeLessThanOrEqual(SEGMENT + length);
      }
      await reader.cancel();
    },
  );

  it("acceptance 20: stops a Node stream within its own highWaterMark beside that", async () => {
    const length = 16 * KIB;
    let given = 0;
    const source = new Readable({
      highWaterMark: 2 * length,
      read() {
        given += length;
        this.push(noise(length));
      },
    });
    const reader = (await newLayer(source, { compression: "none" }).compressed()).getReader();
    const taken = (await reader.read()).value!.length;
    for (let i = 0; i < 50; i++) {
      await turn();
    }
    expect(given - taken).toBeLessThanOrEqual(SEGMENT + 3 * length);
    await reader.cancel();
  });
});
