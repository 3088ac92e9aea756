import { describe, expect, it } from "vitest";
import { type ChunkSource, readableFrom, readableOf } from "../../src/bytes/index.js";
import { rejection } from "../stream/fixture/reading.js";
import { forbidUnhandledRejections, settles } from "../stream/fixture/turns.js";
import { chunksOf } from "./fixture/streams.js";

forbidUnhandledRejections();

/** A source of the given chunks, and what was done to it. */
function journal(chunks: readonly Uint8Array[], then: () => Promise<undefined> = async () => undefined) {
  const closed: unknown[] = [];
  let asked = 0;
  const source: ChunkSource = {
    next: async () => chunks[asked++] ?? then(),
    close: async (reason) => {
      closed.push(reason);
    },
  };
  return { source, closed, asked: () => asked };
}

const ONE = Uint8Array.of(1);
const TWO = Uint8Array.of(2, 2);

describe("readableOf", () => {
  it("asks for nothing before it is read, and for one chunk at a time", async () => {
    const { source, asked } = journal([ONE, TWO]);
    const reader = readableOf(source).getReader();
    await new Promise((resolve) => setTimeout(resolve));
    expect(asked()).toBe(0);
    await reader.read();
    await new Promise((resolve) => setTimeout(resolve));
    expect(asked()).toBe(1);
  });

  it("gives every chunk that is not empty, ends, and closes the source once", async () => {
    const { source, closed } = journal([new Uint8Array(0), ONE, new Uint8Array(0), TWO]);
    expect(await chunksOf(readableOf(source))).toEqual([ONE, TWO]);
    expect(closed).toEqual([undefined]);
  });

  it("fails as its source does, and closes it once", async () => {
    const failure = new Error("torn");
    const { source, closed } = journal([ONE], () => Promise.reject(failure));
    expect(await rejection(chunksOf(readableOf(source)))).toBe(failure);
    expect(closed).toEqual([failure]);
  });

  it("closes the source once when it is cancelled, with the reason", async () => {
    const { source, closed } = journal([ONE]);
    const stream = readableOf(source);
    await stream.cancel("enough");
    await stream.cancel("again");
    expect(closed).toEqual(["enough"]);
  });

  it("tells whoever cancels it that the source can't be closed", async () => {
    const failure = new Error("stuck");
    const stream = readableOf({ next: async () => ONE, close: () => Promise.reject(failure) });
    expect(await rejection(stream.cancel())).toBe(failure);
  });

  it("is cancelled at once while it waits for a chunk that never comes, whatever closing does", async () => {
    const closed: unknown[] = [];
    const stream = readableOf({
      next: () => new Promise<never>(() => {}),
      close: (reason) => {
        closed.push(reason);
        return new Promise<never>(() => {});
      },
    });
    const reader = stream.getReader();
    const reading = reader.read();
    await new Promise((resolve) => setTimeout(resolve));
    expect(await settles(reader.cancel("enough"))).toBe(true);
    expect(await reading).toEqual({ done: true, value: undefined });
    expect(closed).toEqual(["enough"]);
  });

  it("hands out nothing that comes after it was cancelled", async () => {
    let give: (chunk: Uint8Array) => void = () => {};
    const reader = readableOf({
      next: () => new Promise((resolve) => (give = resolve)),
      close: async () => {},
    }).getReader();
    const reading = reader.read();
    await new Promise((resolve) => setTimeout(resolve));
    await reader.cancel();
    give(ONE);
    expect(await reading).toEqual({ done: true, value: undefined });
  });

  it("fails at once when its signal is aborted, read or not, and closes the source once", async () => {
    for (const read of [true, false]) {
      const { source, closed } = journal([], () => new Promise<never>(() => {}));
      const controller = new AbortController();
      const reader = readableOf(source, { signal: controller.signal, what: "a blob" }).getReader();
      const reading = read ? rejection(reader.read()) : undefined;
      await new Promise((resolve) => setTimeout(resolve));
      controller.abort("enough");
      const error = await (reading ?? rejection(reader.read()));
      expect(error).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
      expect((error as Error).message).toBe("reading a blob was aborted (enough)");
      expect(closed).toEqual([error]);
    }
  });

  it("fails when its signal was aborted before it was made", async () => {
    const { source, closed } = journal([ONE]);
    const stream = readableOf(source, { signal: AbortSignal.abort("no") });
    expect(await rejection(chunksOf(stream))).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "no" });
    expect(closed).toHaveLength(1);
  });

  it("listens to its signal no longer than it lives", async () => {
    for (const end of [
      (stream: ReadableStream<Uint8Array>) => chunksOf(stream),
      (stream: ReadableStream<Uint8Array>) => stream.cancel(),
    ]) {
      const { signal } = new AbortController();
      let listeners = 0;
      const add = signal.addEventListener.bind(signal);
      const remove = signal.removeEventListener.bind(signal);
      signal.addEventListener = (...given: Parameters<typeof add>) => {
        listeners++;
        add(...given);
      };
      signal.removeEventListener = (...given: Parameters<typeof remove>) => {
        listeners--;
        remove(...given);
      };
      const stream = readableOf(journal([ONE]).source, { signal });
      expect(listeners).toBe(1);
      await end(stream);
      expect(listeners).toBe(0);
    }
  });
});

describe("readableFrom", () => {
  it("shows iterables of both kinds", async () => {
    async function* generator(): AsyncGenerator<Uint8Array> {
      yield ONE;
      yield TWO;
    }
    expect(await chunksOf(readableFrom(generator()))).toEqual([ONE, TWO]);
    expect(await chunksOf(readableFrom([ONE, TWO]))).toEqual([ONE, TWO]);
  });

  it("opens the iterable when it is first read, and not to close it", async () => {
    let opened = 0;
    const iterable = {
      [Symbol.asyncIterator]() {
        opened++;
        return [ONE][Symbol.iterator]() as unknown as AsyncIterator<Uint8Array>;
      },
    };
    await readableFrom(iterable).cancel();
    expect(opened).toBe(0);
    await chunksOf(readableFrom(iterable));
    expect(opened).toBe(1);
  });

  it("runs a generator's finally once when it is cancelled, and none when it has ended", async () => {
    let closed = 0;
    let returned = 0;
    async function* generator(): AsyncGenerator<Uint8Array> {
      try {
        yield ONE;
        yield TWO;
      } finally {
        closed++;
      }
    }
    const reader = readableFrom(generator()).getReader();
    await reader.read();
    await reader.cancel();
    expect(closed).toBe(1);
    const counted = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: true, value: undefined }) as const,
        return: async () => {
          returned++;
          return { done: true, value: undefined } as const;
        },
      }),
    };
    await chunksOf(readableFrom(counted));
    expect(returned).toBe(0);
  });

  it("fails as the iterable does, whether it rejects or throws", async () => {
    const failure = new Error("torn");
    async function* rejecting(): AsyncGenerator<Uint8Array> {
      yield ONE;
      throw failure;
    }
    const throwing = {
      [Symbol.iterator]() {
        throw failure;
      },
    } as unknown as Iterable<Uint8Array>;
    expect(await rejection(chunksOf(readableFrom(rejecting())))).toBe(failure);
    expect(await rejection(chunksOf(readableFrom(throwing)))).toBe(failure);
  });
});
