import { CompressionLevelError } from "varve/core";
import { AbortedError, newLayer, StreamFailedError, type StreamLayer } from "varve/stream";
import {
  ConsumedError,
  dockerLayer,
  dockerUncompressedLayer,
  NotComputedError,
  UnsupportedError,
} from "varve/v1";
import { randomBytes } from "../fixtures/bytes.js";
import { ensure, equal, refuses, sameBytes } from "./assert.js";
import { readToEnd } from "./chunks.js";
import { gunzip, sha256Hex } from "./oracles.js";
import type { Suite } from "./runner.js";
import { WatchedSource } from "./watched-source.js";

const EMPTY = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/** Asks a layer for each of its values; all must be refused with the same kind of error. */
async function refusesValues<E extends Error>(
  layer: StreamLayer,
  kind: abstract new (...args: never[]) => E,
): Promise<E> {
  await refuses(() => layer.diffID(), kind);
  await refuses(() => layer.size(), kind);
  return refuses(() => layer.digest(), kind);
}

/** The life cycle of a streaming layer; the numbers are those of the acceptance list of the specification. */
export const lifeCycle: Suite = (test) => {
  test("acceptance 1: diffID, digest and size are those of the bytes that went in and came out", async () => {
    const input = new Uint8Array(10_000).fill(0x61);
    const layer = newLayer(input);
    const output = await readToEnd(await layer.compressed());
    const diffID = "sha256:27dd1f61b867b6a0f6e9d8a41c43231de52107e53ae424de8f847b821db4b711";
    equal(String(await layer.diffID()), diffID);
    equal(String(await layer.digest()), `sha256:${await sha256Hex(output)}`);
    equal(await layer.size(), output.length);
    sameBytes(await gunzip(output), input);
    const { digest, uncompressedSize } = await layer.result;
    equal(String(digest), String(await layer.digest()));
    equal(uncompressedSize, 10_000);
  });

  test("acceptance 5: before it is read a layer has no values, and leaves its source alone", async () => {
    const source = new WatchedSource(10, 1000);
    const layer = newLayer(source);
    await refusesValues(layer, NotComputedError);
    equal(source.opened, 0);
  });

  test("acceptance 6: a layer that has been read cannot be read again", async () => {
    const layer = newLayer(randomBytes(1000, 1));
    await readToEnd(await layer.compressed());
    await refuses(() => layer.compressed(), ConsumedError);
    await refuses(() => layer.chunks(), ConsumedError);
  });

  test("acceptance 7: a layer that is being read cannot be opened again, and the first reader notices nothing", async () => {
    const input = randomBytes(700_000, 1);
    const layer = newLayer(input);
    const stream = await layer.compressed();
    await refuses(() => layer.compressed(), ConsumedError);
    const output = readToEnd(stream);
    await refuses(() => layer.compressed(), ConsumedError);
    sameBytes(await gunzip(await output), input);
    equal(String(await layer.digest()), `sha256:${await sha256Hex(await output)}`);
  });

  test("a layer over bytes that are at hand leaves the event loop its turns, so that a timer can end it", async () => {
    function* zeros(): Generator<Uint8Array> {
      const piece = new Uint8Array(1024 * 1024);
      for (let i = 0; i < 512; i++) yield piece;
    }
    const controller = new AbortController();
    const layer = newLayer(zeros(), { signal: controller.signal });
    setTimeout(() => controller.abort(new Error("enough")), 0);
    await refuses(async () => readToEnd(await layer.compressed()), AbortedError);
    await refusesValues(layer, AbortedError);
  });

  test("acceptance 8: a stream that is cancelled before it is read settles, and closes the source once", async () => {
    const source = new WatchedSource(10, 1000);
    const layer = newLayer(source);
    await (await layer.compressed()).cancel();
    await layer.sourceClosed;
    equal(source.pulled, 0);
    equal(source.closed, 1);
  });

  test("acceptance 10: a layer that was cancelled early never has values", async () => {
    const source = new WatchedSource(100, 100_000);
    const layer = newLayer(source);
    const reason = new Error("enough");
    const reader = (await layer.compressed()).getReader();
    await reader.read();
    await reader.cancel(reason);
    const error = await refusesValues(layer, AbortedError);
    equal(error.code, "ERR_VARVE_ABORTED");
    equal(error.cause, reason);
    await layer.sourceClosed;
    equal(source.closed, 1);
  });

  test("acceptance 10: a layer that was closed or aborted early never has values", async () => {
    const closed = newLayer(new WatchedSource(100, 100_000));
    await closed.close();
    await refusesValues(closed, AbortedError);
    await refuses(() => closed.compressed(), AbortedError);

    const controller = new AbortController();
    const aborted = newLayer(new WatchedSource(100, 100_000));
    const reader = (await aborted.compressed({ signal: controller.signal })).getReader();
    await reader.read();
    controller.abort(new Error("stop"));
    const error = await refuses(() => reader.read(), AbortedError);
    equal(error.cause, controller.signal.reason);
    await refusesValues(aborted, AbortedError);
  });

  test("acceptance 11: the reader gets the source's own error, and whoever asks for a value gets it as the cause", async () => {
    const failure = new Error("the disk is on fire");
    const layer = newLayer(new WatchedSource(10, 100_000, failure));
    equal(await refuses(async () => readToEnd(await layer.compressed()), Error), failure);
    const error = await refusesValues(layer, StreamFailedError);
    equal(error.cause, failure);
  });

  test("acceptance 12: cancelling settles although the source never answers", async () => {
    for (const read of [
      async (layer: StreamLayer) => {
        const reader = (await layer.compressed()).getReader();
        const pending = reader.read();
        await reader.cancel();
        equal((await pending).done, true);
      },
      async (layer: StreamLayer) => {
        const chunks = layer.chunks();
        const pending = refuses(() => chunks.next(), AbortedError);
        await chunks.return?.();
        await pending;
      },
    ]) {
      let cancelled = 0;
      const silent = new ReadableStream<Uint8Array>({
        pull: () => new Promise(() => {}),
        cancel: () => {
          cancelled++;
        },
      });
      const layer = newLayer(silent);
      await read(layer);
      await refusesValues(layer, AbortedError);
      await layer.sourceClosed;
      equal(cancelled, 1);
    }
  });

  test("acceptance 13: a layer of nothing is a valid gzip", async () => {
    const layer = newLayer(new Uint8Array(0));
    const output = await readToEnd(await layer.compressed());
    equal((await gunzip(output)).length, 0);
    equal(String(await layer.diffID()), EMPTY);
    equal(await layer.size(), output.length);
    ensure(output.length > 0, "the layer is empty");
  });

  test("acceptance 14: when the reader says done, the values are there", async () => {
    const layer = newLayer(randomBytes(500_000, 1));
    const reader = (await layer.compressed()).getReader();
    let digest: Promise<unknown> | undefined;
    while (digest === undefined) {
      await reader.read().then(({ done }) => {
        if (done) {
          digest = layer.digest();
        }
      });
    }
    await digest;
    equal(String(await digest), String((await layer.result).digest));
  });

  test("acceptance 15: closing twice changes nothing, and closes the source once", async () => {
    const source = new WatchedSource(3, 1000);
    const layer = newLayer(source);
    await readToEnd(await layer.compressed());
    const digest = String(await layer.digest());
    await layer.close();
    await layer.close();
    equal(String(await layer.digest()), digest);
    ensure(source.closed <= 1, "the source was closed twice");
  });

  test("acceptance 17: the media type is Docker's unless the compression or the caller says otherwise", async () => {
    equal(await newLayer(randomBytes(1, 1)).mediaType(), dockerLayer);
    equal(await newLayer(randomBytes(1, 1), { compression: "none" }).mediaType(), dockerUncompressedLayer);
    equal(await newLayer(randomBytes(1, 1), { mediaType: "text/x-any" }).mediaType(), "text/x-any");
  });

  test("acceptance 18: level 42 is a RangeError that names it, and the source is let go of", async () => {
    const source = new WatchedSource(3, 1000);
    const layer = newLayer(source, { compressionLevel: 42 });
    const error = await refuses(() => layer.compressed(), CompressionLevelError);
    ensure(error instanceof RangeError && error.message.includes("42"), `it says: ${error.message}`);
    await layer.sourceClosed;
    equal(source.pulled, 0);
    equal(source.closed, 1);
  });

  test("acceptance 19: uncompressed() is not supported, and leaves the source alone", async () => {
    const source = new WatchedSource(3, 1000);
    const layer = newLayer(source);
    await refuses(() => layer.uncompressed(), UnsupportedError);
    equal(source.opened, 0);
    await readToEnd(await layer.compressed());
    equal((await layer.result).uncompressedSize, 3000);
  });

  test("a result and a source's closing that nobody waits for make no unhandled rejection", async () => {
    const failing = newLayer(new WatchedSource(1, 10, new Error("unheard")));
    await refuses(async () => readToEnd(await failing.compressed()), Error);
    const unclosable = newLayer(
      new ReadableStream<Uint8Array>({
        cancel: () => {
          throw new Error("it will not close");
        },
      }),
    );
    await unclosable.close();
  });
};
