import { describe, expect, it } from "vitest";
import { AbortedError, newLayer, StreamFailedError } from "../../src/stream/index.js";
import { type Compression, gzip } from "../../src/v1/index.js";
import { randomBytes } from "../fixtures/bytes.js";
import { consume, rejection } from "./fixture/reading.js";
import { watched } from "./fixture/sources.js";

describe("a compression that has to load something", () => {
  it("is waited for before its machine is made, once for each stream", async () => {
    const order: string[] = [];
    const slow: Compression = {
      ...gzip,
      prepare: async () => {
        await Promise.resolve();
        order.push("prepared");
      },
      newMachine: (level) => {
        order.push("made");
        return gzip.newMachine(level);
      },
    };
    await consume(newLayer(randomBytes(1000, 1), { compression: slow }));
    await consume(newLayer(randomBytes(1000, 1), { compression: slow }));
    expect(order).toEqual(["prepared", "made", "prepared", "made"]);
  });

  it("fails the layer if it cannot be loaded, with the source let go of and not read", async () => {
    const own = new Error("not here");
    const source = watched([randomBytes(1000, 1)]);
    const layer = newLayer(source, { compression: { ...gzip, prepare: () => Promise.reject(own) } });
    expect(await rejection(layer.compressed())).toBe(own);
    const shown = await rejection(layer.digest());
    expect(shown).toBeInstanceOf(StreamFailedError);
    expect(shown).toMatchObject({ cause: own });
    await layer.sourceClosed;
    expect(source.journal).toMatchObject({ reads: 0, closed: 1 });
  });

  it("keeps nobody who gives up while it loads", async () => {
    let fail: (error: Error) => void = () => {};
    const loading = new Promise<void>((_, reject) => {
      fail = reject;
    });
    const layer = newLayer(randomBytes(1000, 1), { compression: { ...gzip, prepare: () => loading } });
    const opening = rejection(layer.compressed());
    await new Promise((resolve) => setImmediate(resolve));
    await layer.close();
    expect(await opening).toBeInstanceOf(AbortedError);
    fail(new Error("too late to matter"));
    await new Promise((resolve) => setImmediate(resolve));
  });
});

describe("a machine that is made while its layer is closed", () => {
  it("is given back, whichever microtask that is", async () => {
    for (let microtasks = 0; microtasks < 20; microtasks++) {
      let out = 0;
      const counted: Compression = {
        ...gzip,
        newMachine: (level) => {
          const machine = gzip.newMachine(level);
          const release = machine.release.bind(machine);
          out += 1;
          machine.release = () => {
            out -= 1;
            release();
          };
          return machine;
        },
      };
      const layer = newLayer(randomBytes(1000, 1), { compression: counted });
      const opening = layer.compressed().catch(() => undefined);
      for (let passed = 0; passed < microtasks; passed++) await null;
      await layer.close();
      await opening;
      expect(out).toBe(0);
    }
  });
});

describe("a compression's default level", () => {
  it("is taken where the layer is given none, and is 1 where there is no default", async () => {
    const levels: number[] = [];
    const noting: Compression = {
      ...gzip,
      newMachine: (level) => {
        levels.push(level);
        return gzip.newMachine(1);
      },
    };
    await consume(newLayer(randomBytes(10, 1), { compression: noting }));
    await consume(newLayer(randomBytes(10, 1), { compression: { ...noting, defaultLevel: 7 } }));
    await consume(
      newLayer(randomBytes(10, 1), { compression: { ...noting, defaultLevel: 7 }, compressionLevel: 0 }),
    );
    expect(levels).toEqual([1, 7, 0]);
  });
});
