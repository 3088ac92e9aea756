import { beforeAll, describe, expect, it } from "vitest";
import { init, type Machine } from "../../src/core/index.js";
import { newLayer, StreamFailedError } from "../../src/stream/index.js";
import { none, UnknownCompressionError } from "../../src/v1/index.js";
import { chunked, KIB, MIB, noise, SEGMENT, sha256Text, text } from "./fixture/bytes.js";
import { counted, OneByteMachine, only } from "./fixture/machines.js";
import { consume, expectTrue, readAll, rejection, valueErrors } from "./fixture/reading.js";
import { failing, stuck, watched } from "./fixture/sources.js";
import { forbidUnhandledRejections, turn } from "./fixture/turns.js";

forbidUnhandledRejections();
beforeAll(() => init());

describe("a pass over a source", () => {
  it("makes its machine when the layer is opened, and gives it back once, at its end", async () => {
    const compression = counted();
    const layer = newLayer(chunked(noise(MIB), 64 * KIB), { compression });
    expect(compression.journal.made).toBe(0);
    const stream = await layer.compressed();
    expect(compression.journal).toEqual({ made: 1, released: 0 });
    await readAll(stream);
    expect(compression.journal).toEqual({ made: 1, released: 1 });
  });

  it("has given the machine back when the reader sees the end", async () => {
    const compression = counted();
    const reader = (await newLayer([text("hello")], { compression }).compressed()).getReader();
    await reader.read();
    expect((await reader.read()).done).toBe(true);
    expect(compression.journal.released).toBe(1);
  });

  it("never asks a source for more after its end", async () => {
    const source = watched([text("a"), text("b")]);
    const layer = newLayer(source);
    const reader = (await layer.compressed()).getReader();
    while (!(await reader.read()).done);
    await reader.read();
    await turn();
    expect(source.journal.reads).toBe(3);
  });

  it("takes chunks of no bytes, of one and of 5 MiB alike", async () => {
    const large = noise(5 * MIB);
    const nothing = new Uint8Array(0);
    const layer = newLayer([nothing, text("a"), nothing, nothing, large, nothing, text("b"), large, nothing]);
    const output = await consume(layer);
    await expectTrue(layer, Buffer.concat([text("a"), large, text("b"), large]), output);
  });

  it("leaves a machine alone that was given back, though the source goes on or comes to its end", async () => {
    for (const last of [[], [text("b")]]) {
      const machine = new OneByteMachine();
      const late: string[] = [];
      const { update, finish } = machine;
      machine.update = (...given) => {
        late.push(...(machine.released > 0 ? ["update"] : []));
        return update.apply(machine, given);
      };
      machine.finish = () => {
        late.push(...(machine.released > 0 ? ["finish"] : []));
        finish.apply(machine);
      };
      const controller = new AbortController();
      const source = (function* () {
        yield text("a");
        controller.abort();
        yield* last;
      })();
      const layer = newLayer(source, { compression: only(machine), signal: controller.signal });
      expect(await rejection(consume(layer))).toMatchObject({ code: "ERR_VARVE_ABORTED" });
      expect(machine.released).toBe(1);
      expect(late).toEqual([]);
    }
  });

  it("lets go of the source as soon as that has ended, before the reader has", async () => {
    const source = new Response("hello").body!;
    const layer = newLayer(source);
    const reader = (await layer.compressed()).getReader();
    await reader.read();
    await layer.sourceClosed;
    expect(source.locked).toBe(false);
    await reader.cancel();
  });

  it("asks for the next chunk only when it has used up the last", async () => {
    const source = watched([noise(4 * SEGMENT), noise(1)]);
    const reader = (await newLayer(source).compressed()).getReader();
    await reader.read();
    await reader.read();
    await reader.read();
    expect(source.journal.reads).toBe(1);
    await reader.cancel();
  });

  it.each(["update", "take", "finish", "result"] as const)(
    "whose machine fails in %s() fails, and gives it back",
    async (method) => {
      const fault = new WebAssembly.RuntimeError("unreachable");
      const machine = new OneByteMachine();
      machine[method] = () => {
        throw fault;
      };
      const source = watched([text("hello")]);
      const layer = newLayer(source, { compression: only(machine as Machine) });
      expect(await rejection(consume(layer))).toBe(fault);
      for (const error of await valueErrors(layer)) {
        expect(error).toBeInstanceOf(StreamFailedError);
        expect(error).toMatchObject({ cause: fault });
      }
      expect(machine.released).toBe(1);
      await layer.sourceClosed;
      expect(source.journal.closed).toBe(method === "update" || method === "take" ? 1 : 0);
    },
  );

  it("uses a compression that it is given, with its level", async () => {
    const levels: number[] = [];
    const compression = {
      name: "own",
      defaultMediaType: "application/x-own",
      newMachine(level: number) {
        levels.push(level);
        return new OneByteMachine();
      },
    };
    const layer = newLayer(text("abc"), { compression, compressionLevel: 19 });
    expect(Buffer.from(await consume(layer)).toString()).toBe("abc");
    expect(await layer.mediaType()).toBe("application/x-own");
    await consume(newLayer(text("abc"), { compression }));
    expect(levels).toEqual([19, 1]);
  });

  it("with compression none hands the bytes on as they are, and digest and diffID are one", async () => {
    for (const compression of ["none", none] as const) {
      const input = noise(MIB + 1);
      const layer = newLayer(chunked(input, 100_000), { compression, compressionLevel: 42 });
      const output = await consume(layer);
      expect(Buffer.compare(output, input)).toBe(0);
      expect(await layer.result).toMatchObject({ size: input.length, uncompressedSize: input.length });
      expect(String(await layer.digest())).toBe(sha256Text(input));
      expect(String(await layer.diffID())).toBe(sha256Text(input));
    }
  });

  it("with compression none may be empty, and its size is 0 and not unknown", async () => {
    const layer = newLayer([], { compression: "none" });
    expect(await consume(layer)).toHaveLength(0);
    expect(await layer.size()).toBe(0);
    expect(await layer.result).toMatchObject({ size: 0, uncompressedSize: 0 });
  });

  it("refuses a compression that does not exist when the layer is made", () => {
    expect(() => newLayer([], { compression: "brotli" as "gzip" })).toThrow(UnknownCompressionError);
  });
});

describe("many layers at once", () => {
  it("do not disturb each other when they are read in turns", async () => {
    const inputs = [1, 2, 3, 4, 5, 6].map((seed) => noise(MIB + seed, seed));
    const layers = inputs.map((input, i) =>
      newLayer(chunked(input, 10_000 * (i + 1)), { compressionLevel: i % 2 }),
    );
    const readers = layers.map((layer) => layer.chunks());
    const outputs: Uint8Array[][] = layers.map(() => []);
    let open = readers.length;
    while (open > 0) {
      open = readers.length;
      for (const [i, reader] of readers.entries()) {
        const { done, value } = await reader.next();
        if (done) {
          open--;
        } else {
          outputs[i]!.push(value);
        }
      }
    }
    for (const [i, layer] of layers.entries()) {
      await expectTrue(layer, inputs[i]!, Buffer.concat(outputs[i]!));
    }
  });

  it("do not disturb each other when some fail and some are closed on the way", async () => {
    const input = noise(MIB);
    const fault = new Error("fault");
    const ends = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => {
        const pieces = chunked(input, 30_000 + i);
        if (i % 3 === 0) {
          const layer = newLayer(pieces);
          await expectTrue(layer, input, await consume(layer));
          return "complete";
        }
        if (i % 3 === 1) {
          return (await rejection(consume(newLayer(failing(pieces, fault))))) === fault ? "failed" : "?";
        }
        const layer = newLayer(stuck(pieces));
        for await (const _ of layer.chunks()) {
          break;
        }
        return "closed";
      }),
    );
    expect(ends).toEqual(Array.from({ length: 4 }, () => ["complete", "failed", "closed"]).flat());
  });
});

describe("memory", () => {
  it("of a layer that ended holds on to neither its source nor its chunks", async () => {
    const { gc } = globalThis as { gc?: () => void };
    const collect = gc ?? (await exposedCollector());
    const references: WeakRef<object>[] = [];
    const layers = await Promise.all(
      ["complete", "closed", "failed"].map(async (end) => {
        const chunk = noise(SEGMENT);
        references.push(new WeakRef(chunk.buffer));
        const source = end === "failed" ? failing([chunk], new Error("fault")) : [chunk, noise(SEGMENT)];
        const layer = newLayer(source);
        const reader = (await layer.compressed()).getReader();
        await reader.read();
        if (end === "closed") {
          await reader.cancel();
        } else {
          await reader.read().then(
            async ({ done }) => {
              while (!done && !(await reader.read()).done);
            },
            () => {},
          );
        }
        return layer;
      }),
    );
    for (let i = 0; i < 10 && references.some((reference) => reference.deref() !== undefined); i++) {
      await turn();
      collect();
    }
    expect(layers).toHaveLength(3);
    expect(references.map((reference) => reference.deref() === undefined)).toEqual([true, true, true]);
  });
});

/** The collector, in a process that was started without a flag for it. */
async function exposedCollector(): Promise<() => void> {
  const { setFlagsFromString } = await import("node:v8");
  const { runInNewContext } = await import("node:vm");
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
}
