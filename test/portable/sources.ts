import { newLayer, type Source, SourceError } from "varve/stream";
import { concat, randomBytes } from "../fixtures/bytes.js";
import { equal, refuses, sameBytes } from "./assert.js";
import { pieces, readToEnd } from "./chunks.js";
import { gunzip, sha256Hex } from "./oracles.js";
import type { Suite } from "./runner.js";

type Bytes = Uint8Array<ArrayBuffer>;

const PIECE = 50_000;

function streamOf(bytes: Bytes): ReadableStream<Bytes> {
  const chunks = pieces(bytes, PIECE);
  return new ReadableStream({
    pull(controller): void {
      const { done, value } = chunks.next();
      if (done) {
        controller.close();
      } else {
        controller.enqueue(value);
      }
    },
  });
}

/** A byte stream (`type: "bytes"`), which hands its chunks' buffers over. */
function byteStreamOf(bytes: Bytes): ReadableStream<Uint8Array> {
  const chunks = pieces(bytes, PIECE);
  return new ReadableStream({
    type: "bytes",
    pull(controller): void {
      const { done, value } = chunks.next();
      if (done) {
        controller.close();
      } else {
        controller.enqueue(value.slice());
      }
    },
  });
}

async function* generatorOf(bytes: Bytes): AsyncGenerator<Bytes> {
  yield* pieces(bytes, PIECE);
}

/** Every kind of source that a web-standard runtime has. */
const SOURCES: readonly (readonly [kind: string, make: (bytes: Bytes) => Source])[] = [
  ["a Uint8Array", (bytes) => bytes],
  ["an ArrayBuffer", (bytes) => bytes.slice().buffer],
  ["a DataView of a part of a buffer", (bytes) => new DataView(concat(randomBytes(5, 1), bytes).buffer, 5)],
  ["a Blob", (bytes) => new Blob([...pieces(bytes, PIECE)])],
  ["a File", (bytes) => new File([bytes], "layer.tar")],
  ["a Response of bytes", (bytes) => new Response(bytes)],
  ["a Response of a stream", (bytes) => new Response(streamOf(bytes))],
  ["a Request", (bytes) => new Request("http://localhost/", { method: "POST", body: bytes })],
  ["a ReadableStream", streamOf],
  ["a ReadableStream of type bytes", byteStreamOf],
  ["the readable side of a TransformStream", (bytes) => streamOf(bytes).pipeThrough(new TransformStream())],
  ["an async generator", generatorOf],
  ["a generator", (bytes) => pieces(bytes, PIECE)],
  ["an array of chunks", (bytes) => [...pieces(bytes, PIECE)]],
];

export const sources: Suite = (test) => {
  const input = randomBytes(800_001, 1);

  for (const [kind, make] of SOURCES) {
    test(`source: ${kind} becomes a layer, by compressed(), chunks() and writeTo()`, async () => {
      const layers = [newLayer(make(input)), newLayer(make(input)), newLayer(make(input))] as const;
      const stream = await readToEnd(await layers[0].compressed());
      const chunks: Uint8Array[] = [];
      for await (const chunk of layers[1].chunks()) {
        chunks.push(chunk);
      }
      const written: Uint8Array[] = [];
      await layers[2].writeTo(async (view) => {
        await undefined;
        written.push(view.slice());
      });
      sameBytes(await gunzip(stream), input, "the inflated stream");
      sameBytes(concat(...chunks), stream, "what chunks() gives");
      sameBytes(concat(...written), stream, "what writeTo() gives");
      for (const layer of layers) {
        equal(String(await layer.diffID()), `sha256:${await sha256Hex(input)}`, "the diffID");
        equal(String(await layer.digest()), `sha256:${await sha256Hex(stream)}`, "the digest");
      }
    });
  }

  test("a Response without a body is an empty source", async () => {
    const layer = newLayer(new Response(null));
    equal((await gunzip(await readToEnd(await layer.compressed()))).length, 0);
  });

  test("uncompressed layers are the source's bytes", async () => {
    const layer = newLayer(streamOf(input), { compression: "none" });
    sameBytes(await readToEnd(await layer.compressed()), input);
    equal(String(await layer.digest()), String(await layer.diffID()));
    equal(await layer.size(), input.length);
  });

  test("progress is reported by bytes, up to the last", async () => {
    const reports: { bytesIn: number; bytesOut: number }[] = [];
    const layer = newLayer(streamOf(input), { onProgress: (progress) => reports.push(progress) });
    await readToEnd(await layer.compressed());
    equal(reports.at(-1)?.bytesIn, input.length, "the last report's bytesIn");
    equal(reports.at(-1)?.bytesOut, await layer.size(), "the last report's bytesOut");
  });

  test("a string, a promise and a stream of strings are refused", async () => {
    await refuses(() => newLayer("layer.tar" as unknown as Source), SourceError);
    await refuses(() => newLayer(Promise.resolve(input) as unknown as Source), SourceError);
    const layer = newLayer(["text"] as unknown as Source);
    await refuses(async () => readToEnd(await layer.compressed()), SourceError);
  });

  test("a stream that somebody reads already is refused when the layer is read", async () => {
    const stream = streamOf(input);
    stream.getReader();
    await refuses(async () => readToEnd(await newLayer(stream).compressed()), SourceError);
  });
};
