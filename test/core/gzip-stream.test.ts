import { beforeEach, describe, expect, it, vi } from "vitest";
import { mixed, randomBytes } from "../fixtures/bytes.js";
import { cut, encode } from "../fixtures/encode.js";
import { expectGzipOf } from "../fixtures/gunzip.js";
import { pulledSource } from "../fixtures/pulled-source.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";
import { SEGMENT_SIZE } from "../fixtures/wasm.js";

type Core = typeof import("../../src/core/index.js");

const data = mixed(900_000, 1);

/** Fresh for each test: nothing is loaded until a stream loads it. */
let core: Core;
beforeEach(async () => {
  vi.resetModules();
  core = await import("../../src/core/index.js");
});

/** What `Gzip` makes of the bytes. */
async function expected(bytes: Uint8Array, level: number): Promise<Uint8Array> {
  await core.init();
  return encode(new core.Gzip(level), bytes);
}

/** All chunks, looked at only when all are there. */
async function all(stream: ReadableStream<Uint8Array>): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return chunks;
}

/** Lets everything run that is ready. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe("GzipStream", () => {
  it("loads the core itself and gives the bytes of Gzip, whatever the chunks, in buffers of the reader's own", async () => {
    for (const lengths of [[data.length], [70_000, 0, 7], [SEGMENT_SIZE]]) {
      for (const level of [0, 1]) {
        const stream = pulledSource(cut(data, lengths)).stream.pipeThrough(new core.GzipStream({ level }));
        const chunks = await all(stream);
        for (const chunk of chunks.slice(0, -1)) expect(chunk.length).toBeGreaterThanOrEqual(65_536);
        for (const chunk of chunks) expect(chunk.buffer.byteLength).toBe(chunk.length);
        expectSameBytes(Buffer.concat(chunks), await expected(data, level));
      }
    }
  });

  it("compresses at level 1 unless it is told otherwise", async () => {
    const chunks = await all(pulledSource([data]).stream.pipeThrough(new core.GzipStream()));
    expectSameBytes(Buffer.concat(chunks), await expected(data, 1));
  });

  it("makes a gzip of nothing when nothing is written", async () => {
    const chunks = await all(pulledSource([]).stream.pipeThrough(new core.GzipStream()));
    expectGzipOf(Buffer.concat(chunks), new Uint8Array(0), 1);
  });

  it("takes all buffer sources", async () => {
    const { readable, writable } = new core.GzipStream();
    const writer = writable.getWriter();
    const written = Promise.all([
      writer.write(data.slice(0, 1000).buffer),
      writer.write(new DataView(data.buffer, 1000, 500)),
      writer.write(data.subarray(1500)),
      writer.close(),
    ]);
    expectSameBytes(Buffer.concat(await all(readable)), await expected(data, 1));
    await written;
  });

  it("reads nothing before it is asked, and no more than a piece is made of", async () => {
    const { stream, pulled } = pulledSource(cut(randomBytes(20 * SEGMENT_SIZE, 1), [SEGMENT_SIZE]));
    const reader = stream.pipeThrough(new core.GzipStream({ level: 0 })).getReader();
    await settled();
    // The writable side asks for one chunk ahead, as every one does.
    expect(pulled()).toBeLessThanOrEqual(1);
    for (let pieces = 1; pieces <= 5; pieces++) {
      expect((await reader.read()).done).toBe(false);
      await settled();
      expect(pulled()).toBeLessThanOrEqual(pieces + 2);
    }
    await reader.cancel();
  });

  it("makes one piece of a large chunk for each that is read, holding the writer up meanwhile", async () => {
    const stream = new core.GzipStream({ level: 0 });
    const writer = stream.writable.getWriter();
    let used = false;
    const written = writer.write(randomBytes(10 * SEGMENT_SIZE, 2)).then(() => {
      used = true;
    });
    const reader = stream.readable.getReader();
    for (let pieces = 0; pieces < 9; pieces++) {
      const { value } = await reader.read();
      expect(value!.length).toBeLessThan(1.1 * SEGMENT_SIZE);
      await settled();
      expect(used).toBe(false);
    }
    await reader.read();
    await written;
    await reader.cancel();
    await expect(writer.closed).rejects.toBeUndefined();
  });

  it("hands an error of the source on to the reader, and a cancelling with its reason to the source", async () => {
    const failure = new Error("the disk is gone");
    const broken = new ReadableStream<Uint8Array>({
      pull(controller): void {
        controller.error(failure);
      },
    });
    await expect(all(broken.pipeThrough(new core.GzipStream()))).rejects.toBe(failure);

    let reason: unknown;
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(data),
      cancel(given): void {
        reason = given;
      },
    });
    const reader = endless.pipeThrough(new core.GzipStream()).getReader();
    await reader.read();
    await reader.cancel(failure);
    await settled();
    expect(reason).toBe(failure);
  });

  it("refuses what is no bytes, on both sides", async () => {
    const { readable, writable } = new core.GzipStream();
    const reading = all(readable);
    const writing = writable.getWriter().write("text" as unknown as Uint8Array<ArrayBuffer>);
    await expect(writing).rejects.toThrow(TypeError);
    await expect(reading).rejects.toThrow(TypeError);
  });

  it("refuses a level that does not exist when it is made", () => {
    expect(() => new core.GzipStream({ level: 99 })).toThrow(core.CompressionLevelError);
  });

  it("gives its instance back, at the end and after a failure", async () => {
    const instances = new Set<unknown>();
    const { coreInstances } = await import("../../src/core/core-instance.js");
    const release = vi
      .spyOn(coreInstances, "release")
      .mockImplementation((instance) => instances.add(instance));
    await all(pulledSource([data]).stream.pipeThrough(new core.GzipStream()));
    expect(instances.size).toBe(1);
    const reader = pulledSource([data]).stream.pipeThrough(new core.GzipStream()).getReader();
    await reader.read();
    await reader.cancel();
    expect(instances.size).toBe(2);
    release.mockRestore();
  });
});

describe("gzip", () => {
  it("gives the bytes of Gzip at every length, in a buffer that the caller owns", async () => {
    await core.init();
    for (const length of [0, 1, 300, SEGMENT_SIZE - 1, SEGMENT_SIZE, data.length]) {
      const bytes = data.subarray(0, length);
      const output = core.gzip(bytes);
      expectSameBytes(output, encode(new core.Gzip(1), bytes));
      expectGzipOf(output, bytes, 1);
      expect(output.buffer.byteLength).toBe(output.length);
    }
  });

  it("compresses at the level that is asked for", async () => {
    await core.init();
    for (const level of [0, 1])
      expectSameBytes(core.gzip(data, { level }), encode(new core.Gzip(level), data));
    expect(() => core.gzip(data, { level: 99 })).toThrow(core.CompressionLevelError);
  });

  it("is undone by gunzip", async () => {
    await core.init();
    expectSameBytes(core.gunzip(core.gzip(data)), data);
  });

  it("says what to do before init", () => {
    expect(() => core.gzip(data)).toThrow(core.NotInitializedError);
  });
});

it("gives the same bytes with several threads, and refuses numbers of them that can't be", async () => {
  const input = mixed(7 * SEGMENT_SIZE + 99, 5);
  const whole = await expected(input, 1);
  for (const threads of [1, 2, 3]) {
    const { stream } = pulledSource(cut(input, [300_000]));
    const pieces: Uint8Array[] = [];
    for await (const piece of stream.pipeThrough(
      new core.GzipStream({ level: 1, threads }),
    ) as unknown as AsyncIterable<Uint8Array>)
      pieces.push(piece);
    expectSameBytes(Buffer.concat(pieces), whole);
  }
  expect(() => new core.GzipStream({ threads: 0 })).toThrow(core.ThreadCountError);
});
