import { createReadStream } from "node:fs";
import { PassThrough } from "node:stream";
import { pack } from "tar-stream";
import { describe, expect, it } from "vitest";
import { newLayer, type Source, SourceError } from "../../../src/stream/index.js";
import { readerOf } from "../../../src/stream/source/open.js";
import { text } from "../fixture/bytes.js";
import { consume, expectTrue, rejection } from "../fixture/reading.js";
import { watched } from "../fixture/sources.js";
import { forbidUnhandledRejections } from "../fixture/turns.js";

forbidUnhandledRejections();

const HELLO = text("hello");

function webStream(chunks: Uint8Array[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) {
        controller.enqueue(chunk);
      }
      controller.close();
    },
  });
}

async function* generate(): AsyncGenerator<Uint8Array> {
  yield text("he");
  yield text("llo");
}

describe("readerOf", () => {
  it.each<[string, () => Source]>([
    ["a Uint8Array", () => HELLO],
    ["a Buffer", () => Buffer.from("hello")],
    ["an ArrayBuffer", () => text("hello").buffer],
    ["a DataView", () => new DataView(text("hello").buffer)],
    ["an array of chunks", () => [text("he"), text("llo")]],
    ["a set of chunks", () => new Set([text("he"), text("llo")])],
    [
      "a generator",
      () =>
        (function* () {
          yield HELLO;
        })(),
    ],
    ["an async generator", generate],
    ["an async iterable", () => watched([HELLO])],
    ["a Web stream", () => webStream([text("he"), text("llo")])],
    ["a Web byte stream", () => new Response(HELLO).body!],
    ["a blob", () => new Blob(["hello"])],
    ["a file", () => new File(["hello"], "hello.txt")],
    ["a response", () => new Response("hello")],
    ["a request", () => new Request("http://localhost/", { method: "POST", body: "hello" })],
    [
      "a body shaped like a response, over a Node stream",
      () => ({ body: new PassThrough().end(HELLO), bodyUsed: false }),
    ],
    ["a Node stream", () => new PassThrough().end(HELLO)],
  ])("reads %s", async (_, source) => {
    const layer = newLayer(source());
    await expectTrue(layer, HELLO, await consume(layer));
    await layer.sourceClosed;
  });

  it("reads a Node stream as such, though it is async iterable too", async () => {
    const pipe = new PassThrough();
    Object.defineProperty(pipe, Symbol.asyncIterator, {
      value: () => {
        throw new Error("iterated");
      },
    });
    pipe.end(HELLO);
    await expectTrueOf(pipe);
  });

  it("reads a Node stream as such, though it offers itself as a Web body too", async () => {
    const pipe = new PassThrough().end(HELLO);
    Object.defineProperty(pipe, "bodyUsed", { value: false });
    Object.defineProperty(pipe, "body", {
      get() {
        throw new Error("converted");
      },
    });
    await expectTrueOf(pipe);
  });

  it("prefers async iteration to iteration", async () => {
    await expectTrueOf({
      [Symbol.asyncIterator]: () => generate(),
      [Symbol.iterator](): Iterator<Uint8Array> {
        throw new Error("iterated");
      },
    });
  });

  it("takes what Node types as its own streams", () => {
    const sources: Source[] = [process.stdin, createReadStream(import.meta.filename), pack()];
    expect(sources).toHaveLength(3);
    for (const source of sources.slice(1) as PassThrough[]) {
      source.destroy();
    }
  });

  it.each([
    ["a string", "layer.tar", /TextEncoder.*open it first/],
    ["a number", 7, /Uint8Array/],
    ["null", null, /Uint8Array/],
    ["undefined", undefined, /Uint8Array/],
    ["a function", () => [HELLO], /Uint8Array/],
    ["an object (Object)", {}, /ReadableStream/],
    ["an object (Promise)", Promise.resolve(HELLO), /await it first/],
    ["an object (URL)", new URL("file:///layer.tar"), /ReadableStream/],
  ])("refuses %s at once, and says what to do", (kind, source, remedy) => {
    const open = () => newLayer(source as unknown as Source);
    expect(open).toThrow(SourceError);
    expect(open).toThrow(`a layer cannot be made of ${kind}`);
    expect(open).toThrow(remedy);
    expect(open).toThrow(expect.objectContaining({ code: "ERR_VARVE_SOURCE" }));
  });

  it("refuses the characters of a String object as chunks", async () => {
    const layer = newLayer(new String("text") as unknown as Source);
    expect(await rejection(consume(layer))).toMatchObject({ code: "ERR_VARVE_SOURCE" });
  });

  it("touches no source while it recognises it", () => {
    const source = watched([HELLO]);
    readerOf(source);
    const stream = new Response(HELLO).body!;
    readerOf(stream);
    expect(source.journal.opened).toBe(0);
    expect(stream.locked).toBe(false);
  });
});

async function expectTrueOf(source: Source): Promise<void> {
  const layer = newLayer(source);
  await expectTrue(layer, HELLO, await consume(layer));
}
