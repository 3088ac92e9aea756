import { describe, expect, it } from "vitest";
import { newLayer, SourceError } from "../../../src/stream/index.js";
import { chunked, KIB, MIB, noise, text } from "../fixture/bytes.js";
import { consume, expectTrue, rejection, valueErrors } from "../fixture/reading.js";
import { forbidUnhandledRejections, turn } from "../fixture/turns.js";

forbidUnhandledRejections();

describe("a Web stream", () => {
  it("is read to its end and unlocked", async () => {
    const input = noise(MIB);
    const pieces = chunked(input, 100 * KIB);
    const stream = new ReadableStream<Uint8Array>({
      pull(controller) {
        const piece = pieces.shift();
        if (piece === undefined) {
          controller.close();
        } else {
          controller.enqueue(piece);
        }
      },
    });
    const layer = newLayer(stream);
    await expectTrue(layer, input, await consume(layer));
    await layer.sourceClosed;
    expect(stream.locked).toBe(false);
  });

  it("may be a byte stream", async () => {
    const input = noise(MIB);
    const layer = newLayer(
      new ReadableStream({
        type: "bytes",
        start(controller) {
          for (const piece of chunked(input, 100 * KIB)) {
            controller.enqueue(piece.slice());
          }
          controller.close();
        },
      }),
    );
    await expectTrue(layer, input, await consume(layer));
  });

  it("is cancelled with the consumer's reason, once, and unlocked", async () => {
    const reasons: unknown[] = [];
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(noise(300 * KIB)),
      cancel: (reason) => void reasons.push(reason),
    });
    const layer = newLayer(stream);
    const reader = (await layer.compressed()).getReader();
    await reader.read();
    await reader.cancel("enough");
    await layer.sourceClosed;
    expect(reasons).toEqual(["enough"]);
    expect(stream.locked).toBe(false);
  });

  it("is cancelled when it was never opened", async () => {
    const reasons: unknown[] = [];
    const stream = new ReadableStream<Uint8Array>({ cancel: (reason) => void reasons.push(reason) });
    await newLayer(stream).close("unwanted");
    expect(reasons).toEqual(["unwanted"]);
  });

  it("may fail to be cancelled, which is reported apart", async () => {
    const fault = new Error("fault");
    const layer = newLayer(new ReadableStream<Uint8Array>({ cancel: () => Promise.reject(fault) }));
    await layer.close();
    expect(await rejection(layer.sourceClosed)).toMatchObject({
      code: "ERR_VARVE_SOURCE_CLOSE",
      cause: fault,
    });
  });

  it("that fails gives its very error, and has nothing left to close", async () => {
    const fault = { not: "an Error" };
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(fault),
    });
    const layer = newLayer(stream);
    expect(await rejection(consume(layer))).toBe(fault);
    expect((await valueErrors(layer))[0]).toMatchObject({ cause: fault });
    await layer.sourceClosed;
  });

  it("that has failed already gives its very error", async () => {
    const fault = new Error("fault");
    const stream = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(fault) });
    await turn();
    expect(await rejection(consume(newLayer(stream)))).toBe(fault);
  });

  it("that somebody else reads is refused, and left alone", async () => {
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(text("theirs")),
    });
    const reader = stream.getReader();
    const layer = newLayer(stream);
    const error = await rejection(consume(layer));
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ message: expect.stringContaining("locked") });
    await layer.sourceClosed;
    expect((await reader.read()).value).toEqual(text("theirs"));
  });

  it("that somebody else reads is left alone when the layer is closed", async () => {
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(text("theirs")),
    });
    const reader = stream.getReader();
    const layer = newLayer(stream);
    await layer.close();
    await layer.sourceClosed;
    expect((await reader.read()).value).toEqual(text("theirs"));
  });

  it("that was unlocked before the layer is read is read", async () => {
    const stream = new Response("hello").body!;
    const reader = stream.getReader();
    const layer = newLayer(stream);
    reader.releaseLock();
    await expectTrue(layer, text("hello"), await consume(layer));
  });

  it("of strings is refused and cancelled", async () => {
    let cancelled = 0;
    const stream = new ReadableStream({
      pull: (controller) => controller.enqueue("text"),
      cancel: () => void cancelled++,
    });
    const layer = newLayer(stream);
    expect(await rejection(consume(layer))).toMatchObject({
      message: expect.stringContaining("TextEncoder"),
    });
    expect(cancelled).toBe(1);
  });
});
