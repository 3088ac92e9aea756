import { IdentityLayerMachine } from "varve/core";
import { newLayer, type Source } from "varve/stream";
import { ensure, equal } from "./assert.js";
import { nextTurn, type Suite } from "./runner.js";
import { WatchedSource } from "./watched-source.js";

const CHUNK = 16_384;
const CHUNKS = 400;

/** Bytes of a segment: the machine of uncompressed layers hands out whole ones. */
export function segmentSize(): number {
  const machine = new IdentityLayerMachine();
  let piece: Uint8Array | undefined;
  while (piece === undefined) {
    machine.update(new Uint8Array(CHUNK), 0);
    piece = machine.take();
  }
  machine.release();
  return piece.length;
}

/** The same source behind a Web stream that holds nothing back. */
function streamed(watched: WatchedSource): ReadableStream<Uint8Array> {
  const iterator = watched[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller): Promise<void> {
        const { done, value } = await iterator.next();
        if (done) {
          controller.close();
        } else {
          controller.enqueue(value);
        }
      },
      async cancel(): Promise<void> {
        await iterator.return?.();
      },
    },
    { highWaterMark: 0 },
  );
}

const SHAPES: readonly (readonly [name: string, shape: (watched: WatchedSource) => Source])[] = [
  ["an async iterable", (watched) => watched],
  ["a ReadableStream", streamed],
];

/** Acceptance 20 and 21: a layer pulls when it is pulled. */
export const demand: Suite = (test) => {
  for (const [name, shape] of SHAPES) {
    test(`acceptance 21: nothing of ${name} is read before the consumer asks`, async () => {
      const watched = new WatchedSource(CHUNKS, CHUNK);
      const stream = await newLayer(shape(watched)).compressed();
      await nextTurn();
      equal(watched.pulled, 0, "the number of chunks pulled");
      await stream.cancel();
    });

    test(`acceptance 20: of ${name} one segment and one chunk are read for each piece at most`, async () => {
      const perPiece = Math.ceil(segmentSize() / CHUNK) + 1;
      const watched = new WatchedSource(CHUNKS, CHUNK);
      const layer = newLayer(shape(watched));
      const reader = (await layer.compressed()).getReader();
      for (let read = 1; read <= 3; read++) {
        ensure(!(await reader.read()).done, "the layer ended early");
        await nextTurn();
        await nextTurn();
        ensure(watched.pulled <= read * perPiece, `${watched.pulled} chunks were read for ${read} pieces`);
      }
      await reader.cancel();
      await layer.sourceClosed;
      const pulled = watched.pulled;
      await nextTurn();
      equal(watched.pulled, pulled, "the number of chunks pulled after cancelling");
      equal(watched.closed, 1, "the number of times the source was closed");
    });
  }

  test("a sink that is busy holds the source up", async () => {
    const perPiece = Math.ceil(segmentSize() / CHUNK) + 1;
    const watched = new WatchedSource(60, CHUNK);
    let taken = 0;
    await newLayer(watched).writeTo(async () => {
      taken++;
      const before = watched.pulled;
      await nextTurn();
      equal(watched.pulled, before, "the number of chunks pulled while the sink was busy");
      ensure(before <= taken * perPiece + 1, `${before} chunks were read for ${taken} pieces`);
    });
    equal(watched.pulled, 61, "the number of pulls");
  });
};
