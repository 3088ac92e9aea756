import { createHash } from "node:crypto";
import { createReadStream, readFileSync } from "node:fs";
import { PassThrough, Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { gunzipSync } from "node:zlib";
import { AbortedError, newLayer, StreamFailedError, type StreamLayer } from "varve/stream";
import { randomBytes } from "../fixtures/bytes.js";
import { ensure, equal, refuses, sameBytes } from "../portable/assert.js";
import { pieces, readToEnd } from "../portable/chunks.js";
import { segmentSize } from "../portable/demand.js";
import { nextTurn, type Suite } from "../portable/runner.js";

/** Reads a layer to its end and has Node's own hash and inflater judge it. */
async function judge(layer: StreamLayer, input: Uint8Array): Promise<void> {
  const output = await readToEnd(await layer.compressed());
  sameBytes(gunzipSync(output), input, "the inflated layer");
  equal((await layer.digest()).hex, createHash("sha256").update(output).digest("hex"), "the digest");
  equal((await layer.diffID()).hex, createHash("sha256").update(input).digest("hex"), "the diffID");
  equal(await layer.size(), output.length, "the size");
}

/** Sources that are streams of `node:stream`, as this runtime has it. */
export const nodeStreams: Suite = (test) => {
  const input = randomBytes(1_500_001, 11);

  test("source: a Readable", () => judge(newLayer(Readable.from(pieces(input, 100_000))), input));

  test("source: a file", async () => {
    const file = fileURLToPath(import.meta.resolve("varve/core.wasm"));
    await judge(newLayer(createReadStream(file)), readFileSync(file));
  });

  test("source: a pipe whose writer waits for its reader", async () => {
    const pipe = new PassThrough();
    Readable.from(pieces(input, 100_000)).pipe(pipe);
    await judge(newLayer(pipe), input);
  });

  test("a Readable is read no further than the layer is", async () => {
    const chunk = randomBytes(65_536, 12);
    // A segment's, the one that is being read, the stream's own buffer of one, and the one that its read() is asked for ahead.
    const perPiece = Math.ceil(segmentSize() / chunk.length) + 3;
    let pushed = 0;
    const endless = new Readable({
      highWaterMark: chunk.length,
      read(): void {
        pushed++;
        this.push(chunk);
      },
    });
    const layer = newLayer(endless);
    const stream = await layer.compressed();
    await nextTurn();
    equal(pushed, 0, "the number of chunks before the first demand");
    const reader = stream.getReader();
    for (let read = 1; read <= 3; read++) {
      await reader.read();
      for (let turn = 0; turn < 5; turn++) {
        await nextTurn();
      }
      ensure(pushed <= read * perPiece, `${pushed} chunks were pushed for ${read} pieces`);
    }
    await reader.cancel();
    equal(endless.destroyed, true, "whether it is destroyed");
    await layer.sourceClosed;
  });

  test("a Readable that fails gives its own error", async () => {
    const failure = new Error("broken pipe");
    const failing = new Readable({
      read(): void {
        this.destroy(failure);
      },
    });
    const layer = newLayer(failing);
    equal(await refuses(async () => readToEnd(await layer.compressed()), Error), failure);
    equal((await refuses(() => layer.digest(), StreamFailedError)).cause, failure);
  });

  test("a Readable that says nothing is let go of when the layer is closed", async () => {
    const silent = new PassThrough();
    const layer = newLayer(silent);
    const reading = refuses(async () => readToEnd(await layer.compressed()), AbortedError);
    await nextTurn();
    await layer.close();
    await reading;
    equal(silent.destroyed, true, "whether it is destroyed");
    await layer.sourceClosed;
  });
};
