import { describe, expect, it } from "vitest";
import { newLayer, type Source, SourceError } from "../../../src/stream/index.js";
import { chunked, KIB, MIB, noise, text } from "../fixture/bytes.js";
import { consume, expectTrue, rejection, valueErrors } from "../fixture/reading.js";
import { forbidUnhandledRejections, turn } from "../fixture/turns.js";

forbidUnhandledRejections();

/** A source by the letter of the iteration protocol, whose next() is given. */
function iterating(asynchronous: boolean, next: () => unknown, end: (() => unknown) | undefined): Source {
  const iterator = end === undefined ? { next } : { next, return: end };
  return { [asynchronous ? Symbol.asyncIterator : Symbol.iterator]: () => iterator } as unknown as Source;
}

describe.each([
  ["an iterable", false],
  ["an async iterable", true],
])("%s", (_, asynchronous) => {
  it("is not closed by the layer when it has said that it is done", async () => {
    let closed = 0;
    const results = [{ value: text("hello") }, { done: true, value: text("ignored") }];
    const layer = newLayer(
      iterating(
        asynchronous,
        () => results.shift(),
        () => closed++,
      ),
    );
    await expectTrue(layer, text("hello"), await consume(layer));
    await layer.sourceClosed;
    expect(closed).toBe(0);
  });

  it("is not closed by the layer when it has thrown", async () => {
    let closed = 0;
    const fault = new Error("fault");
    const next = () => {
      throw fault;
    };
    const layer = newLayer(iterating(asynchronous, next, () => closed++));
    expect(await rejection(consume(layer))).toBe(fault);
    await layer.sourceClosed;
    expect(closed).toBe(0);
  });

  it.each(["text", 7, null, undefined, {}, [1, 2], Promise.resolve(text("late"))])(
    "is closed once when it gives %j as a chunk",
    async (value) => {
      let closed = 0;
      const layer = newLayer(
        iterating(
          asynchronous,
          () => ({ done: false, value }),
          () => {
            closed++;
            return {};
          },
        ),
      );
      const error = await rejection(consume(layer));
      expect(error).toBeInstanceOf(SourceError);
      expect((await valueErrors(layer))[0]).toMatchObject({ cause: error });
      await layer.sourceClosed;
      expect(closed).toBe(1);
    },
  );

  it.each([undefined, null, 7, "done"])(
    "is closed when its next() gives %j instead of a result",
    async (result) => {
      let closed = 0;
      const layer = newLayer(
        iterating(
          asynchronous,
          () => result,
          () => closed++,
        ),
      );
      expect(await rejection(consume(layer))).toMatchObject({
        code: "ERR_VARVE_SOURCE",
        message: expect.stringContaining("next()"),
      });
      await layer.sourceClosed;
      expect(closed).toBe(1);
    },
  );

  it("need not have a return()", async () => {
    const layer = newLayer(iterating(asynchronous, () => ({ value: noise(KIB) }), undefined));
    await layer.close();
    await layer.sourceClosed;
  });

  it("may fail to close, which is reported apart", async () => {
    const fault = new Error("fault");
    const layer = newLayer(
      iterating(
        asynchronous,
        () => ({ value: noise(KIB) }),
        () => {
          throw fault;
        },
      ),
    );
    await layer.close();
    expect(await rejection(layer.sourceClosed)).toMatchObject({
      code: "ERR_VARVE_SOURCE_CLOSE",
      cause: fault,
    });
  });

  it("may fail to open", async () => {
    const fault = new Error("fault");
    const source = {
      [asynchronous ? Symbol.asyncIterator : Symbol.iterator]: () => {
        throw fault;
      },
    } as unknown as Source;
    const layer = newLayer(source);
    expect(await rejection(consume(layer))).toBe(fault);
    await turn();
  });

  it("may use one buffer for all its chunks", async () => {
    const input = noise(MIB);
    const buffer = new Uint8Array(10_000);
    let offset = 0;
    const next = () => {
      const piece = input.subarray(offset, offset + buffer.length);
      offset += piece.length;
      buffer.fill(0xee);
      buffer.set(piece);
      return { done: piece.length === 0, value: buffer.subarray(0, piece.length) };
    };
    const layer = newLayer(iterating(asynchronous, next, undefined));
    await expectTrue(layer, input, await consume(layer));
  });
});

describe("a generator", () => {
  it("runs its finally when the layer is closed early, once", async () => {
    const closed: string[] = [];
    const layer = newLayer(
      (function* () {
        try {
          yield* chunked(noise(MIB), 64 * KIB);
        } finally {
          closed.push("closed");
        }
      })(),
    );
    const reader = (await layer.compressed()).getReader();
    await reader.read();
    await reader.cancel();
    expect(closed).toEqual(["closed"]);
  });

  it("runs its finally even when it ends the layer from inside", async () => {
    const controller = new AbortController();
    const closed: string[] = [];
    const layer = newLayer(
      (function* () {
        try {
          yield noise(KIB);
          controller.abort("from inside");
          yield noise(KIB);
        } finally {
          closed.push("closed");
        }
      })(),
      { signal: controller.signal },
    );
    expect(await rejection(consume(layer))).toMatchObject({
      code: "ERR_VARVE_ABORTED",
      cause: "from inside",
    });
    await layer.sourceClosed;
    expect(closed).toEqual(["closed"]);
  });

  it("that ends the layer and then waits for ever does not hold its reader", async () => {
    const controller = new AbortController();
    const layer = newLayer(
      (async function* () {
        controller.abort("from inside");
        await new Promise(() => {});
        yield noise(KIB);
      })(),
      { signal: controller.signal },
    );
    expect(await rejection(consume(layer))).toMatchObject({
      code: "ERR_VARVE_ABORTED",
      cause: "from inside",
    });
  });
});

describe("an async iterable", () => {
  it("whose pending read fails after the layer was closed fails nobody", async () => {
    let fail: (error: Error) => void = () => {};
    const next = () =>
      new Promise((_, reject) => {
        fail = reject;
      });
    const layer = newLayer(iterating(true, next, undefined));
    const reader = (await layer.compressed()).getReader();
    const pending = reader.read();
    await turn();
    await reader.cancel();
    fail(new Error("too late"));
    expect(await pending).toMatchObject({ done: true });
    expect((await valueErrors(layer))[0]).toMatchObject({ code: "ERR_VARVE_ABORTED" });
  });
});
