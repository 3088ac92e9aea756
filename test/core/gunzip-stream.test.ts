import { createGzip, gzipSync } from "node:zlib";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { ascii, concat, mixed, randomBytes } from "../fixtures/bytes.js";
import { cut } from "../fixtures/encode.js";
import { pulledSource } from "../fixtures/pulled-source.js";
import { expectSameBytes } from "../fixtures/same-bytes.js";

type Core = typeof import("../../src/core/index.js");

const data = mixed(700_000, 1);
const gzip = new Uint8Array(gzipSync(data));

/** Fresh for each test: nothing is loaded until a stream loads it. */
let core: Core;
beforeEach(async () => {
  vi.resetModules();
  core = await import("../../src/core/index.js");
});

/** All chunks, looked at only when all are there. */
async function all(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return concat(...chunks);
}

/** What was read before the failure, and the failure. */
async function failing(stream: ReadableStream<Uint8Array>): Promise<{ read: Uint8Array; error: unknown }> {
  const chunks: Uint8Array[] = [];
  const reader = stream.getReader();
  for (;;) {
    try {
      const { done, value } = await reader.read();
      if (done) throw new Error("the stream ended without a failure");
      chunks.push(value);
    } catch (error) {
      return { read: concat(...chunks), error };
    }
  }
}

/** Lets everything run that is ready. */
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

describe("GunzipStream", () => {
  it("loads the core itself and inflates whatever the chunks, into buffers of the reader's own", async () => {
    for (const lengths of [[gzip.length], [1000, 0, 7], [65_536]]) {
      const { stream } = pulledSource(cut(gzip, lengths));
      expectSameBytes(await all(stream.pipeThrough(new core.GunzipStream())), data);
    }
  });

  it("takes all buffer sources, several members, and no members' end in between", async () => {
    const two = concat(gzip, gzip);
    const stream = new core.GunzipStream();
    const writer = stream.writable.getWriter();
    const written = (async () => {
      await writer.write(two.slice(0, 1000).buffer);
      await writer.write(new DataView(concat(ascii("xx"), two.subarray(1000, 2000)).buffer, 2));
      await writer.write(two.subarray(2000));
      await writer.close();
    })();
    expectSameBytes(await all(stream.readable), concat(data, data));
    await written;
  });

  it("reads nothing before it is asked, and one chunk for each piece", async () => {
    const { stream, pulled } = pulledSource(cut(gzip, [20_000]));
    const reader = stream.pipeThrough(new core.GunzipStream()).getReader();
    await settled();
    // The writable side asks for one chunk ahead, as every one does.
    expect(pulled()).toBeLessThanOrEqual(1);
    for (let pieces = 1; pieces <= 4; pieces++) {
      expect((await reader.read()).done).toBe(false);
      await settled();
      expect(pulled()).toBeLessThanOrEqual(pieces + 2);
    }
    await reader.cancel();
  });

  it("hands a bomb on piece by piece, holding the writer up meanwhile", async () => {
    const bomb = gzipSync(new Uint8Array(40 << 20));
    const stream = new core.GunzipStream();
    const writer = stream.writable.getWriter();
    let used = false;
    const written = writer.write(bomb).then(() => {
      used = true;
    });
    const closed = writer.close();
    const reader = stream.readable.getReader();
    let total = 0;
    for (let i = 0; i < 20; i++) {
      const { value } = await reader.read();
      expect(value?.length).toBeLessThan(140_000);
      total += value?.length ?? 0;
    }
    await settled();
    expect(used).toBe(false);
    for (let next = await reader.read(); !next.done; next = await reader.read()) total += next.value.length;
    expect(total).toBe(40 << 20);
    await Promise.all([written, closed]);
  });

  it("errors both sides when the stream is bad, after all that precedes the fault", async () => {
    const bad = gzip.slice();
    bad[bad.length - 5] = (bad[bad.length - 5] as number) ^ 1;
    const stream = new core.GunzipStream();
    const writer = stream.writable.getWriter();
    const closed = writer.closed.catch((error: unknown) => error);
    const written = (async () => {
      for (const chunk of cut(bad, [50_000])) await writer.write(chunk);
      await writer.close();
    })().catch((error: unknown) => error);
    const { read, error } = await failing(stream.readable);
    expectSameBytes(read, data);
    expect(error).toBeInstanceOf(core.InflateError);
    expect(error).toMatchObject({ reason: "crc-mismatch", offset: bad.length - 8 });
    expect(await written).toBe(error);
    expect(await closed).toBe(error);
  });

  it("errors when the stream is cut off, when it is no gzip, and when it passes the limit", async () => {
    for (const [bytes, options, expected] of [
      [gzip.subarray(0, -3), {}, { reason: "truncated", offset: gzip.length - 3 }],
      [new Uint8Array(0), {}, { reason: "truncated", offset: 0 }],
      [ascii("not gzip"), {}, { reason: "bad-magic", offset: 0 }],
      [gzip, { maxBytes: 1000 }, { name: "OutputLimitError", maxBytes: 1000 }],
      [concat(gzip, ascii("!")), {}, { reason: "trailing-data" }],
    ] as const) {
      const { stream } = pulledSource([bytes]);
      const { read, error } = await failing(stream.pipeThrough(new core.GunzipStream(options)));
      expect(error).toMatchObject(expected);
      expectSameBytes(read, data.subarray(0, read.length));
    }
    const { stream } = pulledSource([concat(gzip, ascii("!"))]);
    expectSameBytes(await all(stream.pipeThrough(new core.GunzipStream({ trailing: "ignore" }))), data);
  });

  it("carries the source's failure to the reader", async () => {
    const failure = new Error("the source broke");
    let chunks = 0;
    const broken = new ReadableStream<Uint8Array>({
      pull(controller): void {
        if (chunks++ === 0) controller.enqueue(gzip.subarray(0, 30_000));
        else controller.error(failure);
      },
    });
    const { error } = await failing(broken.pipeThrough(new core.GunzipStream()));
    expect(error).toBe(failure);
  });

  it("carries the reader's cancelling to the source, at once, whatever is under way", async () => {
    const reason = new Error("enough");
    let cancelled: unknown;
    const endless = new ReadableStream<Uint8Array>({
      start(controller): void {
        controller.enqueue(gzip.subarray(0, 60_000));
      },
      cancel(why: unknown): void {
        cancelled = why;
      },
    });
    const stream = new core.GunzipStream();
    const piped = endless.pipeTo(stream.writable).catch((error: unknown) => error);
    const reader = stream.readable.getReader();
    await reader.read();
    await reader.cancel(reason);
    expect(await piped).toBe(reason);
    expect(cancelled).toBe(reason);
  });

  it("lets a writer abort while its chunk is being used", async () => {
    const stream = new core.GunzipStream();
    const writer = stream.writable.getWriter();
    const reader = stream.readable.getReader();
    const written = writer.write(gzipSync(new Uint8Array(10 << 20))).catch((error: unknown) => error);
    await reader.read();
    const reason = new Error("given up");
    await writer.abort(reason);
    expect(await written).toBe(reason);
    await expect(reader.read()).rejects.toBe(reason);
  });

  it("refuses what isn't bytes, and options that aren't right", async () => {
    const stream = new core.GunzipStream();
    const writer = stream.writable.getWriter();
    writer.closed.catch(() => {});
    await expect(writer.write("text" as unknown as Uint8Array)).rejects.toThrow(TypeError);
    await expect(stream.readable.getReader().read()).rejects.toThrow(TypeError);
    expect(() => new core.GunzipStream({ maxBytes: -1 })).toThrow(core.InflateOptionError);
    expect(() => new core.GunzipStream({ trailing: "no" as "ignore" })).toThrow(core.InflateOptionError);
  });

  it("gives its instance back at the end, at a failure and at a cancel", async () => {
    const { coreInstances } = await import("../../src/core/core-instance.js");
    const acquire = vi.spyOn(coreInstances, "acquire");
    const release = vi.spyOn(coreInstances, "release");
    expectSameBytes(await all(pulledSource([gzip]).stream.pipeThrough(new core.GunzipStream())), data);
    await failing(pulledSource([randomBytes(50, 1)]).stream.pipeThrough(new core.GunzipStream()));
    const reader = pulledSource([gzip]).stream.pipeThrough(new core.GunzipStream()).getReader();
    await reader.read();
    await reader.cancel();
    await settled();
    expect(acquire).toHaveBeenCalledTimes(3);
    expect(release).toHaveBeenCalledTimes(3);
  });
});

it("tells of a fault that the bytes at hand show, before the writer comes again", async () => {
  const { readable, writable } = new core.GunzipStream();
  const deflater = createGzip();
  const flushed: Uint8Array[] = [];
  deflater.on("data", (piece: Uint8Array) => flushed.push(piece));
  deflater.write(Buffer.alloc(2000, "varve"));
  await new Promise<void>((resolve) => deflater.flush(() => resolve()));
  const reader = readable.getReader();
  const writer = writable.getWriter();
  // The next block is of the reserved type.
  const writing = writer
    .write(Buffer.concat([...flushed, Uint8Array.of(7)]))
    .catch((error: unknown) => error);
  expect((await reader.read()).value?.length).toBe(2000);
  await expect(reader.read()).rejects.toThrow(core.InflateError);
  expect(await writing).toBeInstanceOf(core.InflateError);
});
