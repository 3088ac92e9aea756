import {
  describeCheckpoint,
  Gunzip,
  GunzipLayerMachine,
  GunzipStream,
  Gzip,
  GzipLayerMachine,
  gunzip,
  Inflate,
  InflateError,
  init,
  OutputLimitError,
  toHex,
} from "varve/core";
import { ascii, concat, mixed, randomBytes, text } from "../fixtures/bytes.js";
import { ensure, equal, refuses, sameBytes } from "./assert.js";
import { pieces, readToEnd } from "./chunks.js";
import { sha256Hex } from "./oracles.js";
import type { Suite } from "./runner.js";

type Bytes = Uint8Array<ArrayBuffer>;
type Inflating = Gunzip | GunzipLayerMachine | Inflate;

/** What the runtime's own compressor makes of bytes. */
async function compressed(bytes: Bytes, format: "gzip" | "deflate-raw"): Promise<Bytes> {
  const stream = new Blob([bytes]).stream().pipeThrough(new CompressionStream(format));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Our own gzip of bytes, for what must be the same everywhere. */
function gzipOf(bytes: Bytes): Bytes {
  const machine = new Gzip(1);
  const output: Bytes[] = [];
  const take = (): void => {
    const view = machine.take();
    if (view !== undefined) output.push(view.slice());
  };
  for (let offset = 0; offset < bytes.length; take()) offset = machine.update(bytes, offset);
  machine.finish();
  take();
  machine.release();
  return concat(...output);
}

/** Gives chunks to a machine and returns what it makes of them; it is neither finished nor released. */
function give(machine: Inflating, chunks: Iterable<Bytes>): Bytes {
  const output: Bytes[] = [];
  for (const chunk of chunks) {
    for (let offset = 0; offset < chunk.length; ) {
      offset = machine.update(chunk, offset);
      const view = machine.take();
      if (view !== undefined) output.push(view.slice());
    }
  }
  return concat(...output);
}

/** Everything that comes of a stream, its end checked. */
function inflated(machine: Inflating, chunks: Iterable<Bytes>): Bytes {
  const output = give(machine, chunks);
  machine.finish();
  machine.release();
  return output;
}

function streamOf(chunks: Iterable<Bytes>): ReadableStream<Bytes> {
  const iterator = chunks[Symbol.iterator]();
  return new ReadableStream({
    pull(controller): void {
      const { done, value } = iterator.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
  });
}

/** Inflating: one-shot, by machines, by streams, and across a checkpoint. */
export const inflate: Suite = (test) => {
  const data = concat(mixed(400_000, 1), text(200_000, 2), randomBytes(70_000, 3), new Uint8Array(500_000));

  test("inflate: what the runtime compresses is read, whatever the pieces", async () => {
    await init();
    const gzip = await compressed(data, "gzip");
    sameBytes(gunzip(gzip), data, "what gunzip() gives");
    const raw = await compressed(data, "deflate-raw");
    for (const longest of [100, 5000, 300_000]) {
      sameBytes(inflated(new Gunzip(), pieces(gzip, longest)), data, "what Gunzip gives");
      sameBytes(inflated(new Inflate(), pieces(raw, longest)), data, "what Inflate gives");
    }
    sameBytes(
      inflated(new Gunzip(), pieces(concat(gzip, gzip, new Uint8Array(99)), 70_000)),
      concat(data, data),
    );
  });

  test("inflate: what this package compresses is read, with the digests of the machine that made it", async () => {
    const making = new GzipLayerMachine(1);
    const made: Bytes[] = [];
    for (let offset = 0; offset < data.length; ) {
      offset = making.update(data, offset);
      made.push(making.take()?.slice() ?? new Uint8Array(0));
    }
    making.finish();
    made.push(making.take()?.slice() ?? new Uint8Array(0));
    const gzip = concat(...made);
    for (const longest of [999, 100_000, 1_000_000]) {
      const reading = new GunzipLayerMachine();
      sameBytes(inflated(reading, pieces(gzip, longest)), data);
      const { digest, diffID, size, uncompressedSize } = reading.result();
      equal(toHex(digest), toHex(making.result().digest), "the digest");
      equal(toHex(digest), await sha256Hex(gzip), "the digest");
      equal(toHex(diffID), await sha256Hex(data), "the diffID");
      equal(size, gzip.length, "the size");
      equal(uncompressedSize, data.length, "the uncompressed size");
    }
    making.release();
  });

  test("inflate: a GunzipStream stands between any two streams", async () => {
    const gzip = gzipOf(data);
    for (const longest of [700, 50_000, 2_000_000]) {
      const output = await readToEnd(streamOf(pieces(gzip, longest)).pipeThrough(new GunzipStream()));
      sameBytes(output, data, "what the stream gives");
    }
    const cut = streamOf([gzip.subarray(0, -1)]).pipeThrough(new GunzipStream());
    equal((await refuses(() => readToEnd(cut), InflateError)).reason, "truncated");
  });

  test("inflate: cancelling a GunzipStream's reader ends its source, and aborting ends its reader", async () => {
    let cancelled: unknown;
    const source = new ReadableStream<Bytes>({
      start: (controller) => controller.enqueue(gzipOf(data)),
      cancel: (reason) => {
        cancelled = reason;
      },
    });
    const stream = new GunzipStream();
    const piped = source.pipeTo(stream.writable).then(
      () => undefined,
      (error: unknown) => error,
    );
    const reader = stream.readable.getReader();
    await reader.read();
    const enough = new Error("enough");
    await reader.cancel(enough);
    equal(await piped, enough, "what the pipe ended with");
    equal(cancelled, enough, "what the source was cancelled with");
  });

  test("inflate: what is wrong is told with its reason and its offset, after all that precedes it", async () => {
    const gzip = gzipOf(data);
    const damaged = (at: number, value: number): Bytes => {
      const bytes = gzip.slice();
      bytes[at] = value;
      return bytes;
    };
    const flipped = (at: number): Bytes => damaged(at, (gzip[at] ?? 0) ^ 1);
    const end = gzip.length;
    for (const [bytes, reason, offset] of [
      [damaged(0, 0), "bad-magic", 0],
      [damaged(2, 9), "bad-method", 2],
      [damaged(3, 0x80), "reserved-flags", 3],
      [damaged(10, 7), "reserved-block", 10],
      [flipped(end - 8), "crc-mismatch", end - 8],
      [flipped(end - 1), "length-mismatch", end - 4],
      [gzip.subarray(0, -5), "truncated", end - 5],
      [concat(gzip, ascii("more")), "trailing-data", end],
    ] as const) {
      const error = await refuses(() => gunzip(bytes), InflateError);
      equal(error.reason, reason);
      equal(error.offset, offset, `the offset of ${reason}`);
      equal(error.code, "ERR_VARVE_INFLATE");
    }
    sameBytes(gunzip(concat(gzip, ascii("more")), { trailing: "ignore" }), data);
  });

  test("inflate: a bomb ends at the limit", async () => {
    const bomb = gzipOf(new Uint8Array(20_000_000));
    const machine = new Gunzip({ maxBytes: 1_000_000 });
    let total = 0;
    const error = await refuses(() => {
      for (let offset = 0; offset < bomb.length; ) {
        offset = machine.update(bomb, offset);
        const view = machine.take();
        total += view?.length ?? 0;
      }
    }, OutputLimitError);
    equal(total, 1_000_000, "the bytes handed out");
    equal(error.maxBytes, 1_000_000);
    machine.release();
  });

  test("inflate: a checkpoint goes on where it was taken", async () => {
    const gzip = gzipOf(data);
    const first = new GunzipLayerMachine();
    const half = gzip.length >>> 1;
    const before = give(first, pieces(gzip.subarray(0, half), 30_000));
    const checkpoint = first.checkpoint();
    first.release();
    ensure(checkpoint !== undefined, "there is no checkpoint");
    ensure(checkpoint.length <= 49_152, `the checkpoint has ${checkpoint.length} bytes`);
    const { inputOffset, outputOffset } = describeCheckpoint(checkpoint);
    equal(inputOffset, half, "its input offset");
    equal(outputOffset, before.length, "its output offset");
    const second = GunzipLayerMachine.resume(checkpoint);
    sameBytes(concat(before, inflated(second, [gzip.subarray(half)])), data);
    equal(toHex(second.result().digest), await sha256Hex(gzip), "the digest");
    equal(toHex(second.result().diffID), await sha256Hex(data), "the diffID");
  });
};
