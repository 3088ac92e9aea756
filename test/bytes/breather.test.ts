import { gzipSync } from "node:zlib";
import { beforeAll, describe, expect, it } from "vitest";
import {
  Breather,
  bytesOf,
  fromBytes,
  ReadAbortedError,
  readableOf,
  throughMachine,
} from "../../src/bytes/index.js";
import { Gunzip, Gzip, init } from "../../src/core/index.js";
import { rejection } from "../stream/fixture/reading.js";
import { forbidUnhandledRejections, turn } from "../stream/fixture/turns.js";

forbidUnhandledRejections();
beforeAll(() => init());

const MIB = 1024 * 1024;

/** As many pieces as are asked for, at hand at once; so many are far more than come between two turns of the event loop. */
function atHand(piece: Uint8Array, most: number) {
  let given = 0;
  return {
    given: () => given,
    next: async (): Promise<Uint8Array> => {
      if (++given > most) throw new Error("the event loop had no turn");
      return piece;
    },
    close: async (): Promise<void> => {},
  };
}

/** Reads a stream to its end while it is aborted by the event loop's next turn. */
async function readAborted(open: (signal: AbortSignal) => ReadableStream<Uint8Array>): Promise<unknown> {
  const controller = new AbortController();
  void turn().then(() => controller.abort());
  return rejection(
    (async () => {
      for await (const _ of bytesOf(open(controller.signal)));
    })(),
  );
}

describe("Breather", () => {
  it("lets the event loop have a turn once in 16 MiB", async () => {
    const breather = new Breather();
    let breaths = 0;
    let turned = false;
    void turn().then(() => {
      turned = true;
    });
    for (let i = 0; i < 64; i++) {
      breather.count(MIB);
      if (breather.due) {
        breaths++;
        await breather.breathe();
        expect(breather.due).toBe(false);
      } else {
        await undefined;
      }
    }
    expect(breaths).toBe(4);
    expect(turned).toBe(true);
  });
});

describe("a stream of bytes that are at hand", () => {
  it.each<[string, Uint8Array, number]>([
    ["64 KiB", new Uint8Array(64 * 1024), 1024],
    ["one byte", new Uint8Array(1), 65_536],
    ["no bytes", new Uint8Array(0), 65_536],
  ])("hears that it is aborted while it comes by pieces of %s", async (_, piece, most) => {
    const error = await readAborted((signal) => readableOf(atHand(piece, most), { signal }));
    expect(error).toBeInstanceOf(ReadAbortedError);
  });

  it("hears it while a machine makes many bytes of few", async () => {
    const bomb = gzipSync(new Uint8Array(64 * MIB));
    let ends = 0;
    const error = await readAborted((signal) => {
      return throughMachine(fromBytes(bomb), new Gunzip(), { signal, onEnd: () => ends++ });
    });
    expect(ends).toBe(0);
    expect(error).toBeInstanceOf(ReadAbortedError);
  });

  it("hears it while a machine makes few bytes of many", async () => {
    const zeros = atHand(new Uint8Array(MIB), 64);
    const foreign = new ReadableStream<Uint8Array>(
      { pull: async (controller) => controller.enqueue(await zeros.next()) },
      { highWaterMark: 0 },
    );
    const error = await readAborted((signal) => throughMachine(foreign, new Gzip(1), { signal }));
    expect(error).toBeInstanceOf(ReadAbortedError);
    expect(zeros.given()).toBeLessThan(64);
  });

  it("gives every byte all the same", async () => {
    let left = 50;
    const stream = readableOf({
      next: async () => (left-- > 0 ? new Uint8Array(MIB).fill(left) : undefined),
      close: async () => {},
    });
    const firsts: number[] = [];
    for await (const chunk of bytesOf(stream)) firsts.push(chunk[0]!, chunk.length / MIB);
    expect(firsts).toEqual(Array.from({ length: 50 }, (_, i) => [49 - i, 1]).flat());
  });
});
