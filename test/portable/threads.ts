import { type CreateWorker, Gzip, type Machine, ParallelGzip, ThreadCountError } from "varve/core";
import { newLayer } from "varve/stream";
import { gzip as gzipCompression } from "varve/v1";
import { concat, mixed, randomBytes } from "../fixtures/bytes.js";
import { ensure, equal, refuses, sameBytes } from "./assert.js";
import { pieces, readToEnd } from "./chunks.js";
import { gunzip, sha256Hex } from "./oracles.js";
import { nextTurn, type Suite } from "./runner.js";
import { WatchedSource } from "./watched-source.js";

const SEGMENT = 262_144;

/** What holds with any number of threads, whether the runtime has more than one or not. */
export const threads: Suite = (test) => {
  const input = mixed(9 * SEGMENT + 4321, 61);

  test("a layer has the same bytes and digests with 1 to 4 threads, with either hash", async () => {
    const expected = await readToEnd(await newLayer(input).compressed());
    sameBytes(await gunzip(expected), input, "the inflated layer");
    for (const count of [1, 2, 3, 4, "auto"] as const) {
      for (const sha256 of ["wasm", "native"] as const) {
        const layer = newLayer(pieces(input, 200_000, 62), { threads: count, sha256 });
        const output = await readToEnd(await layer.compressed());
        sameBytes(output, expected, `the layer with ${count} threads and hashes in ${sha256}`);
        equal((await layer.digest()).hex, await sha256Hex(output), "the digest");
        equal((await layer.diffID()).hex, await sha256Hex(input), "the diffID");
        const result = await layer.result;
        ensure(result.sha256 === sha256 || result.sha256 === "wasm", `the hash was ${result.sha256}`);
        ensure(result.threads >= 1 && result.threads <= 4 + 4, `${result.threads} threads took part`);
      }
    }
  });

  test("gzip with threads gives what Gzip gives, also to those who never wait", () => {
    const single = new Gzip(1);
    const parallel = new ParallelGzip(1, { threads: 3 });
    const [one, other] = [single, parallel].map((encoder) => {
      const output: Uint8Array[] = [];
      const takeAll = (): void => {
        for (let view = encoder.take(); view !== undefined; view = encoder.take()) output.push(view.slice());
      };
      for (const chunk of pieces(input, 300_000)) {
        for (let offset = 0; offset < chunk.length; takeAll()) offset = encoder.update(chunk, offset);
      }
      encoder.finish();
      takeAll();
      encoder.release();
      return concat(...output);
    }) as [Uint8Array, Uint8Array];
    sameBytes(other, one);
  });

  test("a layer with threads reads no further than it says when its reader stops, and can be cancelled", async () => {
    const chunk = 65_536;
    const source = new WatchedSource(200, chunk);
    const layer = newLayer(source, { threads: 2 });
    const reader = (await layer.compressed()).getReader();
    for (let read = 1; read <= 5; read++) {
      await reader.read();
      const { pulled } = source;
      await nextTurn();
      await nextTurn();
      equal(source.pulled, pulled, "the number of chunks pulled while nobody reads");
      ensure(pulled <= ((read + 8) * SEGMENT) / chunk + 1, `${pulled} chunks were read for ${read} pieces`);
    }
    await reader.cancel();
    await layer.sourceClosed;
    equal(source.closed, 1);
  });

  test("where no worker can be made a layer is made by one thread, and says so", async () => {
    const failing = newLayer(input, {
      threads: 3,
      createWorker: () => {
        throw new Error("forbidden");
      },
    });
    sameBytes(await gunzip(await readToEnd(await failing.compressed())), input);
    equal((await failing.result).threads, 1);
  });

  test("a number of threads that there can't be is a RangeError that names it", async () => {
    for (const count of [0, 65, 1.5]) {
      const error = await refuses(() => newLayer(input, { threads: count }).compressed(), ThreadCountError);
      ensure(
        error instanceof RangeError && error.message.includes(String(count)),
        `it says: ${error.message}`,
      );
    }
  });
};

/** Feeds a layer until so many threads have taken part, or for ever long, and returns how many have. */
export async function threadsThatTakePart(count: number, createWorker?: CreateWorker): Promise<number> {
  const kinds = [mixed(SEGMENT, 63), randomBytes(SEGMENT, 64), mixed(SEGMENT, 65)];
  let machine: (Machine & { readonly threads?: number }) | undefined;
  const fed: Uint8Array<ArrayBuffer>[] = [];
  function* source(): Generator<Uint8Array<ArrayBuffer>> {
    // Starting a worker takes as long as it takes.
    while ((machine?.threads ?? 0) < count && fed.length < 20_000) {
      fed.push(kinds[fed.length % kinds.length]!);
      yield fed.at(-1)!;
    }
  }
  const compression = {
    ...gzipCompression,
    newMachine(...given: Parameters<typeof gzipCompression.newMachine>): Machine {
      machine = gzipCompression.newMachine(...given);
      return machine;
    },
  };
  const layer = newLayer(source(), { threads: count, compression, createWorker });
  await layer.writeTo(() => {});
  const alone = newLayer(fed);
  await alone.writeTo(() => {});
  equal(String(await layer.digest()), String(await alone.digest()), "the digest");
  equal(String(await layer.diffID()), String(await alone.diffID()), "the diffID");
  return (await layer.result).threads;
}

/** What holds where there are workers. */
export const workersTakePart: Suite = (test) => {
  test("two workers and the main thread each encode segments of one layer, and its bytes are the same", async () => {
    equal(await threadsThatTakePart(3), 3, "the number of threads");
  });
};

/** What holds where there are none. */
export const oneThreadOnly: Suite = (test) => {
  test("threads that can't be had are done without, silently, and the result says so", async () => {
    for (const count of [2, 4, "auto"] as const) {
      const layer = newLayer(mixed(12 * SEGMENT, 66), { threads: count, sha256: "native" });
      await layer.writeTo(() => {});
      equal((await layer.result).threads, 1, "the number of threads");
      equal((await layer.result).sha256, "wasm", "the hash");
    }
  });
};
