import { PassThrough } from "node:stream";
import { describe, expect, it } from "vitest";
import { newLayer, type Source, SourceError } from "../../../src/stream/index.js";
import { MIB, noise, text } from "../fixture/bytes.js";
import { consume, expectTrue, rejection } from "../fixture/reading.js";
import { forbidUnhandledRejections } from "../fixture/turns.js";

forbidUnhandledRejections();

describe("a response", () => {
  it("is not used before it is read", async () => {
    const response = new Response("hello");
    const layer = newLayer(response);
    const stream = await layer.compressed();
    expect(response.bodyUsed).toBe(false);
    expect(response.body!.locked).toBe(false);
    await stream.cancel();
  });

  it("that was used is refused", async () => {
    const response = new Response("hello");
    await response.text();
    const layer = newLayer(response);
    const error = await rejection(consume(layer));
    expect(error).toBeInstanceOf(SourceError);
    expect(error).toMatchObject({ message: expect.stringContaining("used already") });
    await layer.sourceClosed;
  });

  it("that was used may be closed", async () => {
    const response = new Response("hello");
    await response.text();
    const layer = newLayer(response);
    await layer.close();
    await layer.sourceClosed;
  });

  it("whose body somebody else reads is refused", async () => {
    const response = new Response("hello");
    response.body!.getReader();
    expect(await rejection(consume(newLayer(response)))).toMatchObject({
      code: "ERR_VARVE_SOURCE",
      message: expect.stringContaining("locked"),
    });
  });

  it("has its body cancelled when the layer is closed before it was read", async () => {
    const reasons: unknown[] = [];
    const body = new ReadableStream<Uint8Array>({ cancel: (reason) => void reasons.push(reason) });
    const layer = newLayer(new Response(body));
    await layer.close("unwanted");
    await layer.sourceClosed;
    expect(reasons).toEqual(["unwanted"]);
  });

  it("over a Node stream has it destroyed when the layer is closed before it was read", async () => {
    const body = new PassThrough();
    const layer = newLayer({ body, bodyUsed: false });
    await layer.close();
    await layer.sourceClosed;
    expect(body.destroyed).toBe(true);
  });

  it("fails with its body's own error", async () => {
    const fault = new Error("connection reset");
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(text("hel")),
      pull: (controller) => controller.error(fault),
    });
    expect(await rejection(consume(newLayer(new Response(body))))).toBe(fault);
  });
});

describe("a blob", () => {
  it("of several mebibytes is read whole, as is a slice of it", async () => {
    const input = noise(3 * MIB);
    const blob = new Blob([input.subarray(0, MIB), input.subarray(MIB)]);
    const whole = newLayer(blob);
    await expectTrue(whole, input, await consume(whole));
    const part = newLayer(blob.slice(10, MIB + 10));
    await expectTrue(part, input.subarray(10, MIB + 10), await consume(part));
  });

  it("may be read by several layers, and is not harmed by one that stops early", async () => {
    const blob = new Blob([noise(MIB)]);
    const first = newLayer(blob);
    const reader = (await first.compressed()).getReader();
    await reader.read();
    await reader.cancel();
    await first.sourceClosed;
    const second = newLayer(blob);
    await expectTrue(second, noise(MIB), await consume(second));
  });

  it("is asked for its content at the first read, and once", async () => {
    let opened = 0;
    const blob = {
      size: 5,
      stream() {
        opened++;
        return new Response("hello").body!;
      },
      arrayBuffer: async () => text("hello").buffer,
    };
    const layer = newLayer(blob as unknown as Source);
    const stream = await layer.compressed();
    expect(opened).toBe(0);
    for await (const _ of stream);
    expect(opened).toBe(1);
  });
});
