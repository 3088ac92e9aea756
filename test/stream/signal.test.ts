import { getEventListeners } from "node:events";
import { describe, expect, it } from "vitest";
import { AbortedError, newLayer } from "../../src/stream/index.js";
import { ConsumedError } from "../../src/v1/index.js";
import { chunked, KIB, MIB, noise, text } from "./fixture/bytes.js";
import { counted } from "./fixture/machines.js";
import { consume, expectTrue, readAll, rejection, valueErrors } from "./fixture/reading.js";
import { failing, stuck, watched } from "./fixture/sources.js";
import { forbidUnhandledRejections, settles, turn } from "./fixture/turns.js";

forbidUnhandledRejections();

const listeners = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

describe("a signal given to newLayer", () => {
  it("ends a layer that nobody has read, and closes its source", async () => {
    const controller = new AbortController();
    const source = watched([text("hello")]);
    const layer = newLayer(source, { signal: controller.signal });
    const reason = new Error("changed my mind");
    controller.abort(reason);
    for (const error of await valueErrors(layer)) {
      expect(error).toBeInstanceOf(AbortedError);
      expect(error).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: reason });
    }
    expect(await rejection(layer.compressed())).toBe((await valueErrors(layer))[0]);
    expect(() => layer.chunks()).toThrow(AbortedError);
    expect(await rejection(layer.writeTo(() => {}))).toBeInstanceOf(AbortedError);
    await layer.sourceClosed;
    expect(source.journal).toMatchObject({ reads: 0, closed: 1 });
  });

  it("that is aborted already ends the layer as it is made", async () => {
    const source = watched([text("hello")]);
    const layer = newLayer(source, { signal: AbortSignal.abort("no") });
    expect(await rejection(layer.compressed())).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "no" });
    expect(await rejection(layer.digest())).toBeInstanceOf(AbortedError);
    await layer.sourceClosed;
    expect(source.journal).toMatchObject({ reads: 0, closed: 1 });
  });

  it("that is aborted without a reason gives the platform's", async () => {
    const layer = newLayer([], { signal: AbortSignal.abort() });
    expect(await rejection(layer.digest())).toMatchObject({ cause: { name: "AbortError" } });
  });
});

describe.each(["newLayer", "compressed"] as const)("a signal given to %s", (place) => {
  it("fails a stream that waits, with AbortedError, whose cause is the reason", async () => {
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const layer = newLayer(stuck(), place === "newLayer" ? options : {});
    const reader = (await layer.compressed(place === "compressed" ? options : {})).getReader();
    const pending = rejection(reader.read());
    await turn();
    controller.abort("enough");
    expect(await settles(pending)).toBe(true);
    expect(await pending).toBeInstanceOf(AbortedError);
    expect(await pending).toMatchObject({ cause: "enough" });
  });

  it("fails a stream that nobody is reading at the moment, without being asked", async () => {
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const compression = counted();
    const source = watched(chunked(noise(MIB), 64 * KIB));
    const layer = newLayer(source, { compression, ...(place === "newLayer" ? options : {}) });
    const reader = (await layer.compressed(place === "compressed" ? options : {})).getReader();
    await reader.read();
    const closed = rejection(reader.closed);
    await turn();
    controller.abort("enough");
    expect(await settles(closed)).toBe(true);
    expect(await closed).toBeInstanceOf(AbortedError);
    expect(await rejection(reader.read())).toBe(await closed);
    expect(compression.journal).toEqual({ made: 1, released: 1 });
    expect(source.journal.closed).toBe(1);
  });

  it.each(["read to its end", "cancelled", "failed"])("is let go of when the layer is %s", async (end) => {
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const source = end === "failed" ? failing([], new Error("fault")) : [text("hello")];
    const layer = newLayer(source, place === "newLayer" ? options : {});
    const stream = await layer.compressed(place === "compressed" ? options : {});
    expect(listeners(controller.signal)).toBe(1);
    if (end === "cancelled") {
      await stream.cancel();
    } else {
      await readAll(stream).catch(() => {});
    }
    expect(listeners(controller.signal)).toBe(0);
  });

  it("changes nothing when it is aborted after the end", async () => {
    const controller = new AbortController();
    const options = { signal: controller.signal };
    const layer = newLayer([text("hello")], place === "newLayer" ? options : {});
    const output = await readAll(await layer.compressed(place === "compressed" ? options : {}));
    controller.abort();
    await expectTrue(layer, text("hello"), output);
  });
});

describe("a signal given to an opening", () => {
  it("that is aborted already ends the layer, of each way of reading", async () => {
    const options = { signal: AbortSignal.abort("no") };
    const openings = [
      (source: AsyncIterable<Uint8Array>) => {
        const layer = newLayer(source);
        return [layer, layer.compressed(options)] as const;
      },
      (source: AsyncIterable<Uint8Array>) => {
        const layer = newLayer(source);
        return [layer, layer.chunks(options).next()] as const;
      },
      (source: AsyncIterable<Uint8Array>) => {
        const layer = newLayer(source);
        return [layer, layer.writeTo(() => {}, options)] as const;
      },
    ];
    for (const open of openings) {
      const source = watched([text("hello")]);
      const [layer, opened] = open(source);
      expect(await rejection(opened)).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "no" });
      expect((await valueErrors(layer))[0]).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "no" });
      expect(source.journal).toMatchObject({ reads: 0, closed: 1 });
    }
  });

  it("that is aborted while the layer is being opened refuses the opening", async () => {
    const controller = new AbortController();
    const compression = counted();
    const layer = newLayer([text("hello")], { compression });
    const opening = rejection(layer.compressed({ signal: controller.signal }));
    controller.abort("no");
    expect(await opening).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "no" });
    await turn();
    expect(compression.journal.made).toBe(compression.journal.released);
  });

  it("has no say when the opening is refused", async () => {
    const controller = new AbortController();
    const layer = newLayer([text("hello")]);
    const first = layer.compressed();
    expect(await rejection(layer.compressed({ signal: controller.signal }))).toBeInstanceOf(ConsumedError);
    expect(listeners(controller.signal)).toBe(0);
    controller.abort();
    await expectTrue(layer, text("hello"), await readAll(await first));
  });

  it("works beside the layer's own: either ends it, and both are let go of", async () => {
    for (const first of [0, 1]) {
      const controllers = [new AbortController(), new AbortController()] as const;
      const layer = newLayer(stuck(), { signal: controllers[0].signal });
      const reader = (await layer.compressed({ signal: controllers[1].signal })).getReader();
      const pending = rejection(reader.read());
      controllers[first]!.abort(first);
      controllers[1 - first]!.abort(1 - first);
      expect(await pending).toMatchObject({ cause: first });
      expect(controllers.map(({ signal }) => listeners(signal))).toEqual([0, 0]);
    }
  });

  it("of a layer that was consumed is ignored", async () => {
    const layer = newLayer([text("hello")]);
    await consume(layer);
    expect(await rejection(layer.compressed({ signal: AbortSignal.abort() }))).toBeInstanceOf(ConsumedError);
    expect(await layer.size()).toBeGreaterThan(0);
  });
});
