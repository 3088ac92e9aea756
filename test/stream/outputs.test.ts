import { beforeAll, describe, expect, it } from "vitest";
import { init } from "../../src/core/index.js";
import { AbortedError, newLayer, StreamFailedError } from "../../src/stream/index.js";
import { chunked, KIB, MIB, noise, SEGMENT, text } from "./fixture/bytes.js";
import { counted, OneByteMachine, only } from "./fixture/machines.js";
import { consume, expectTrue, readAll, rejection, valueErrors } from "./fixture/reading.js";
import { failing, stuck, watched } from "./fixture/sources.js";
import { forbidUnhandledRejections, settles, turn } from "./fixture/turns.js";

forbidUnhandledRejections();
beforeAll(() => init());

const INPUT = noise(MIB + 1);

describe("the three ways of reading a layer", () => {
  it("give the same bytes and the same values", async () => {
    const layers = [newLayer([INPUT]), newLayer([INPUT]), newLayer([INPUT])] as const;
    const written: Uint8Array[] = [];
    const result = await layers[2].writeTo((view) => {
      written.push(view.slice());
    });
    const outputs = [await consume(layers[0]), await readAll(layers[1].chunks()), Buffer.concat(written)];
    for (const [i, layer] of layers.entries()) {
      await expectTrue(layer, INPUT, outputs[i]!);
      expect(await layer.result).toEqual(result);
    }
  });

  it("exclude each other, whichever is first", async () => {
    const consumed = { code: "ERR_VARVE_CONSUMED" };
    const ways = [
      (layer: ReturnType<typeof newLayer>) => layer.compressed(),
      async (layer: ReturnType<typeof newLayer>) => layer.chunks(),
      (layer: ReturnType<typeof newLayer>) => layer.writeTo(() => {}),
    ];
    for (const first of ways) {
      for (const second of ways) {
        const layer = newLayer([INPUT]);
        const begun = first(layer);
        expect(await rejection(second(layer))).toMatchObject(consumed);
        await begun;
      }
    }
  });
});

describe("compressed()", () => {
  it("hands out chunks that are the reader's own, each over a buffer of its own", async () => {
    const buffers = new Set<ArrayBufferLike>();
    const layer = newLayer([INPUT]);
    for await (const chunk of await layer.compressed()) {
      expect(chunk.byteLength).toBe(chunk.buffer.byteLength);
      chunk.fill(0);
      buffers.add(structuredClone(chunk.buffer, { transfer: [chunk.buffer as ArrayBuffer] }));
    }
    expect(buffers.size).toBeGreaterThan(2);
    expect((await layer.result).uncompressedSize).toBe(INPUT.length);
  });

  it("can be piped, and its pipe's failure ends the layer", async () => {
    const fault = new Error("no room");
    const source = watched(chunked(INPUT, 64 * KIB));
    const layer = newLayer(source);
    const sink = new WritableStream({
      write() {
        throw fault;
      },
    });
    expect(await rejection((await layer.compressed()).pipeTo(sink))).toBe(fault);
    expect((await valueErrors(layer))[0]).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: fault });
    expect(source.journal.closed).toBe(1);
  });

  it("can be the body of a response", async () => {
    const layer = newLayer(new Blob([INPUT]));
    const output = new Uint8Array(await new Response(await layer.compressed()).arrayBuffer());
    await expectTrue(layer, INPUT, output);
  });

  it("says done after a cancelling, and fails again after a failure", async () => {
    const cancelled = (await newLayer(stuck()).compressed()).getReader();
    const pending = cancelled.read();
    await cancelled.cancel();
    expect(await pending).toEqual({ done: true, value: undefined });
    expect(await cancelled.read()).toEqual({ done: true, value: undefined });
    const fault = new Error("fault");
    const failed = (await newLayer(failing([], fault)).compressed()).getReader();
    expect(await rejection(failed.read())).toBe(fault);
    expect(await rejection(failed.read())).toBe(fault);
  });
});

describe("chunks()", () => {
  it("can be left in the middle, which ends the layer", async () => {
    const source = watched(chunked(INPUT, 64 * KIB));
    const compression = counted();
    const layer = newLayer(source, { compression });
    for await (const chunk of layer.chunks()) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect((await valueErrors(layer))[0]).toBeInstanceOf(AbortedError);
    expect(source.journal.closed).toBe(1);
    expect(compression.journal).toEqual({ made: 1, released: 1 });
  });

  it("is done after its return, and changes nothing when it is returned after its end", async () => {
    const early = newLayer([INPUT]).chunks();
    await early.return!();
    expect(await early.next()).toEqual({ done: true, value: undefined });
    const layer = newLayer([INPUT]);
    const late = layer.chunks();
    const output = await readAll(late);
    expect(await late.next()).toEqual({ done: true, value: undefined });
    expect(await late.return!()).toEqual({ done: true, value: undefined });
    await expectTrue(layer, INPUT, output);
  });

  it("meets demands that are made all at once in order", async () => {
    const layer = newLayer(chunked(INPUT, 64 * KIB));
    const chunks = layer.chunks();
    const results = await Promise.all(Array.from({ length: 12 }, () => chunks.next()));
    const ended = results.findIndex(({ done }) => done);
    expect(ended).toBeGreaterThan(2);
    expect(results.slice(ended).every(({ done }) => done)).toBe(true);
    const output = Buffer.concat(results.slice(0, ended).map(({ value }) => value!));
    await expectTrue(layer, INPUT, output);
  });

  it("rejects all demands that wait when it is returned", async () => {
    const layer = newLayer(stuck());
    const chunks = layer.chunks();
    const waiting = [chunks.next(), chunks.next(), chunks.next()].map(rejection);
    await turn();
    await chunks.return!();
    const errors = Promise.all(waiting);
    expect(await settles(errors)).toBe(true);
    for (const error of await errors) {
      expect(error).toBeInstanceOf(AbortedError);
    }
  });

  it("fails with the source's own error, and again when asked again", async () => {
    const fault = new Error("fault");
    const chunks = newLayer(failing([noise(KIB)], fault)).chunks();
    expect(await rejection(chunks.next())).toBe(fault);
    expect(await rejection(chunks.next())).toBe(fault);
  });
});

describe("writeTo()", () => {
  it("hands out views of the machine's memory, which it does not copy", async () => {
    const machine = new OneByteMachine();
    const seen: [ArrayBufferLike, number][] = [];
    await newLayer(text("abc"), { compression: only(machine) }).writeTo((view) => {
      seen.push([view.buffer, view[0]!]);
    });
    expect(seen).toEqual([..."abc"].map((letter) => [machine.memory.buffer, letter.charCodeAt(0)]));
  });

  it("waits for the sink before it goes on", async () => {
    const events: string[] = [];
    const source = (function* () {
      for (const letter of "ab") {
        events.push(`read ${letter}`);
        yield text(letter);
      }
    })();
    await newLayer(source, { compression: only(new OneByteMachine()) }).writeTo(async (view) => {
      const letter = String.fromCharCode(view[0]!);
      events.push(`begin ${letter}`);
      await turn();
      events.push(`end ${String.fromCharCode(view[0]!)}`);
    });
    expect(events).toEqual(["read a", "begin a", "end a", "read b", "begin b", "end b"]);
  });

  it.each([
    [
      "throws",
      (fault: Error) => {
        throw fault;
      },
    ],
    ["rejects", (fault: Error) => Promise.reject(fault)],
  ])("fails with the sink's own error when it %s, and the layer counts as aborted", async (_, fail) => {
    const fault = new Error("disk full");
    const source = watched(chunked(INPUT, 64 * KIB));
    const compression = counted();
    const layer = newLayer(source, { compression });
    expect(await rejection(layer.writeTo(() => fail(fault)))).toBe(fault);
    for (const error of await valueErrors(layer)) {
      expect(error).toBeInstanceOf(AbortedError);
      expect(error).toMatchObject({ cause: fault });
    }
    expect(source.journal.closed).toBe(1);
    expect(compression.journal).toEqual({ made: 1, released: 1 });
  });

  it("fails with the source's own error", async () => {
    const fault = new Error("fault");
    const layer = newLayer(failing(chunked(INPUT, 64 * KIB), fault));
    expect(await rejection(layer.writeTo(() => {}))).toBe(fault);
    expect((await valueErrors(layer))[0]).toBeInstanceOf(StreamFailedError);
  });

  it("stops at once when it is aborted, and leaves the sink its view until it has settled", async () => {
    for (const fails of [false, true]) {
      const machine = new OneByteMachine();
      const controller = new AbortController();
      let finish: (fails: boolean) => void = () => {};
      let lent: Uint8Array | undefined;
      const layer = newLayer(text("abc"), { compression: only(machine) });
      const writing = rejection(
        layer.writeTo(
          (view) => {
            lent = view;
            return new Promise<void>((resolve, reject) => {
              finish = (fails) => (fails ? reject(new Error("too late")) : resolve());
            });
          },
          { signal: controller.signal },
        ),
      );
      await turn();
      controller.abort("enough");
      expect(await settles(writing)).toBe(true);
      expect(await writing).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
      expect(machine.released).toBe(0);
      expect(lent![0]).toBe("a".charCodeAt(0));
      finish(fails);
      await turn();
      expect(machine.released).toBe(1);
    }
  });

  it("does not let another layer write over a view that a sink still has", async () => {
    const layer = newLayer([noise(SEGMENT, 1)]);
    const others: Promise<Uint8Array>[] = [];
    let before: Uint8Array | undefined;
    let after: Uint8Array | undefined;
    const sinking = new Promise<void>((sunk) => {
      layer
        .writeTo(async (view) => {
          before ??= view.slice();
          await layer.close();
          others.push(...[2, 3, 4, 5].map((seed) => consume(newLayer([noise(2 * SEGMENT, seed)]))));
          await Promise.all(others);
          after ??= view.slice();
          sunk();
        })
        .catch(() => {});
    });
    await sinking;
    expect(others).toHaveLength(4);
    expect(Buffer.compare(before!, after!)).toBe(0);
  });
});
