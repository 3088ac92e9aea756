import { execFile } from "node:child_process";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { init, ThreadCountError } from "../../src/core/index.js";
import { AbortedError, newLayer } from "../../src/stream/index.js";
import { gzip } from "../../src/v1/index.js";
import { localWorkers } from "../core/thread/fixture/workers.js";
import { mixed } from "../fixtures/bytes.js";
import { chunked, KIB, MIB, noise, SEGMENT, sha256Text } from "./fixture/bytes.js";
import { counted } from "./fixture/machines.js";
import { consume, readAll, rejection, valueErrors } from "./fixture/reading.js";
import { failing, stuck, watched } from "./fixture/sources.js";
import { forbidUnhandledRejections, turn } from "./fixture/turns.js";

forbidUnhandledRejections();
beforeAll(() => init());

const input = mixed(5 * MIB + 123, 1);

describe("a layer with several threads", () => {
  it.each(["wasm", "native"] as const)("is the same layer, with hashes in %s", async (sha256) => {
    const expected = await consume(newLayer(input));
    for (const threads of [1, 2, 3, "auto"] as const) {
      const layer = newLayer(chunked(input, 100_000), { threads, sha256 });
      const output = await consume(layer);
      expect(Buffer.compare(output, expected)).toBe(0);
      expect(await layer.result).toMatchObject({
        size: output.length,
        uncompressedSize: input.length,
        sha256,
      });
      expect(String(await layer.digest())).toBe(sha256Text(output));
      expect(String(await layer.diffID())).toBe(sha256Text(input));
    }
  });

  it("says how many took part, and 1 where there was nothing to share", async () => {
    const small = newLayer(noise(3 * SEGMENT), { threads: 4, ...localWorkers() });
    await consume(small);
    expect(await small.result).toMatchObject({ threads: 1, sha256: "wasm" });
    const shared = newLayer(
      (async function* () {
        // More than a worker is given at a time comes between two turns.
        for (const chunk of chunked(noise(40 * SEGMENT), 8 * SEGMENT)) {
          await turn();
          await turn();
          yield chunk;
        }
      })(),
      { threads: 3, ...localWorkers() },
    );
    await consume(shared);
    expect(await shared.result).toMatchObject({ threads: 3 });
  });

  it("says 1 where no worker can be had", async () => {
    const layer = newLayer(noise(8 * SEGMENT), {
      threads: 4,
      createWorker: () => {
        throw new Error("forbidden");
      },
    });
    await consume(layer);
    expect(await layer.result).toMatchObject({ threads: 1 });
  });

  it("has no thread and no choice of hash without compression, and says so", async () => {
    const layer = newLayer(input, { compression: "none", threads: 4, sha256: "native" });
    await consume(layer);
    expect(await layer.result).toMatchObject({ threads: 1, sha256: "wasm" });
  });

  it("hands its options to the compression that it is given", async () => {
    const seen: unknown[] = [];
    const { createWorker } = localWorkers();
    const compression = {
      ...gzip,
      newMachine(...given: Parameters<typeof gzip.newMachine>) {
        seen.push(given);
        return gzip.newMachine(...given);
      },
    };
    await consume(newLayer(noise(10), { compression, threads: 2, sha256: "native", createWorker }));
    expect(seen).toEqual([[1, { threads: 2, sha256: "native", createWorker }]]);
  });

  it("refuses a number of threads that there can't be when it is read, and closes the source", async () => {
    const source = watched([noise(10)]);
    const layer = newLayer(source, { threads: 0 });
    expect(await rejection(layer.compressed())).toBeInstanceOf(ThreadCountError);
    await layer.sourceClosed;
    expect(source.journal.reads).toBe(0);
  });

  it.each(["sound", "silent"] as const)(
    "reads no further than the segments in flight when its reader stops, with %s workers",
    async (behaviour) => {
      const threads = 3;
      const chunk = 64 * KIB;
      const source = watched(chunked(noise(60 * SEGMENT), chunk));
      const layer = newLayer(source, { threads, ...localWorkers(behaviour) });
      const reader = (await layer.compressed()).getReader();
      for (let pieces = 1; pieces <= 20; pieces++) {
        await reader.read();
        const before = source.journal.given;
        await turn();
        await turn();
        await turn();
        expect(source.journal.given).toBe(before);
        // Each segment of noise is a piece.
        expect(before).toBeLessThanOrEqual((pieces + 4 * threads) * SEGMENT + chunk);
      }
      await reader.cancel();
      await layer.sourceClosed;
      expect(source.journal.closed).toBe(1);
    },
  );

  it("can be cancelled, aborted or closed at any time, gives its machine back, and the next is as ever", async () => {
    const { createWorker, workers } = localWorkers();
    const expected = await consume(newLayer(input));
    for (const end of ["cancel", "abort", "close", "return"] as const) {
      for (const pieces of [0, 1, 3, 7]) {
        const compression = counted();
        const controller = new AbortController();
        const layer = newLayer(stuck(chunked(noise(12 * SEGMENT), 100_000)), {
          threads: 3,
          createWorker,
          compression,
          signal: controller.signal,
        });
        const chunks = layer.chunks();
        for (let i = 0; i < pieces; i++) {
          await chunks.next();
          await turn();
        }
        const pending = pieces === 7 ? rejection(readAll(chunks)) : undefined;
        await turn();
        if (end === "abort") controller.abort();
        else if (end === "close") await layer.close();
        else await chunks.return?.();
        for (const error of await valueErrors(layer)) expect(error).toBeInstanceOf(AbortedError);
        if (pending !== undefined) expect(await pending).toBeInstanceOf(AbortedError);
        expect(compression.journal.released).toBe(compression.journal.made);
        const next = newLayer(chunked(input, 300_000), { threads: 3, createWorker });
        expect(Buffer.compare(await consume(next), expected)).toBe(0);
      }
    }
    expect(workers.length).toBe(2);
  });

  it("fails with its source's own error, whatever is under way", async () => {
    const fault = new Error("the disk is on fire");
    const layer = newLayer(failing(chunked(noise(9 * SEGMENT), 100_000), fault), {
      threads: 3,
      ...localWorkers(),
    });
    expect(await rejection(consume(layer))).toBe(fault);
  });

  it("gives its reader a sink's view that no worker writes to", async () => {
    const layer = newLayer(chunked(input, 100_000), { threads: 3, ...localWorkers() });
    const pieces: Uint8Array[] = [];
    await layer.writeTo(async (view) => {
      const copy = view.slice();
      for (let i = 0; i < 4; i++) await turn();
      expect(Buffer.compare(view, copy)).toBe(0);
      pieces.push(copy);
    });
    expect(sha256Text(Buffer.concat(pieces))).toBe(String(await layer.digest()));
  });
});

describe("threads of the built package", () => {
  const root = resolve(import.meta.dirname, "../..");
  const run = async (script: string): Promise<string> => {
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      cwd: root,
      timeout: 45_000,
    });
    return stdout;
  };

  it("take part, though the program was started with options that suit no file", async () => {
    const printed = await run(`
      import { newLayer } from "varve/stream";
      const chunk = new Uint8Array(1 << 20).map((_, i) => (i * i) >> 7);
      let layer;
      function* source() {
        for (let i = 0; i < 4000 && machine.threads < 3; i++) yield chunk;
      }
      import { gzip } from "varve/v1";
      let machine;
      const compression = { ...gzip, newMachine: (...given) => (machine = gzip.newMachine(...given)) };
      layer = newLayer(source(), { threads: 3, compression });
      for await (const _ of layer.chunks());
      console.log((await layer.result).threads);
    `);
    expect(printed).toBe("3\n");
  });

  it("keep no process running, and leave nothing open that would", async () => {
    const printed = await run(`
      import { newLayer } from "varve/stream";
      const input = new Uint8Array(16 << 20).map((_, i) => (i * i) >> 7);
      const layer = newLayer(input, { threads: 4 });
      for await (const _ of layer.chunks());
      const abandoned = newLayer(input, { threads: 4 }).chunks();
      await abandoned.next();
      const kept = process.getActiveResourcesInfo().filter((name) => /Worker|Message|Timeout/.test(name));
      console.log(JSON.stringify(kept));
    `);
    expect(printed).toBe("[]\n");
  });
});
