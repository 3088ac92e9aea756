import { describe, expect, it } from "vitest";
import { faults, withFaults } from "../../../src/registry/index.js";
import {
  forgetPush,
  memoryPushStore,
  type PushStore,
  savedPush,
  type UploadProgress,
  writeLayer,
} from "../../../src/remote/index.js";
import { newLayer, SourceChangedError } from "../../../src/stream/index.js";
import { KnownLayer } from "../fixture/layers.js";
import { SigningRegistry } from "../fixture/signing-registry.js";
import { rejection } from "../fixture/thrown.js";
import { Bench, CHUNK, content, stream, wholeDigest } from "./fixture.js";

/** The bytes with one of them changed. */
function changed(at: number, bytes: Uint8Array = content): Uint8Array {
  const copy = bytes.slice();
  copy[at]! ^= 1;
  return copy;
}

const ranges = (log: readonly string[]): string[] =>
  log.filter((line) => line.startsWith("PATCH")).map((line) => line.slice(6));

describe("a resumable push", () => {
  it("that is not interrupted makes the layer of any other push, and leaves nothing behind", async () => {
    const bench = new Bench();
    const { digest } = await bench.push();
    expect(String(digest)).toBe(await wholeDigest());
    expect(Buffer.compare(await bench.pulled(digest), content)).toBe(0);
    expect(bench.values.size).toBe(0);
    expect(bench.events).toEqual([]);
    expect(bench.log.every((line) => !line.startsWith("GET"))).toBe(true);
  });

  it("goes on where it ended, and ends with the digest, diffID and size of an uninterrupted one", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 6);
    expect(bench.values.size).toBe(1);
    const layer = stream();
    const { digest, size } = await bench.push(layer);
    expect(bench.log[0]).toBe("GET");
    expect(ranges(bench.log)[0]).toBe(`${5 * CHUNK}-${6 * CHUNK - 1}`);
    expect(bench.events).toEqual([{ stored: 5 * CHUNK, inputOffset: expect.any(Number) }]);
    const whole = stream();
    await whole.writeTo(() => undefined);
    expect(await layer.result).toEqual(await whole.result);
    expect([String(digest), size]).toEqual([await wholeDigest(), await whole.size()]);
    expect(Buffer.compare(await bench.pulled(digest), content)).toBe(0);
    expect(bench.values.size).toBe(0);
  });

  it("goes on from a checkpoint close before what the registry has, and not from the beginning", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 8);
    const layer = stream();
    await bench.push(layer);
    const [{ inputOffset }] = bench.events as [{ inputOffset: number }];
    expect(inputOffset).toBeGreaterThan(1_400_000);
  });

  it.each([1, 4])("with %i threads goes on where one with another number ended", async (threads) => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 5, stream(content, { threads: 5 - threads }));
    const { digest } = await bench.push(stream(content, { threads }));
    expect(String(digest)).toBe(await wholeDigest());
  });

  it("whose last answer was lost finds that the registry has more than was confirmed, and drops what it makes again", async () => {
    const bench = new Bench();
    const gate = bench.gate;
    bench.gate = withFaults(bench.registry.fetch, [
      { method: "PATCH", nth: 4, effect: faults.loseAnswer() },
      { method: "GET", path: /uploads/, times: 99, effect: faults.status(503) },
    ]);
    await expect(bench.push()).rejects.toThrow();
    bench.gate = gate;
    bench.log.length = 0;
    const { digest } = await bench.push();
    expect(ranges(bench.log)[0]).toBe(`${4 * CHUNK}-${5 * CHUNK - 1}`);
    expect(bench.events).toMatchObject([{ stored: 4 * CHUNK }]);
    expect(String(digest)).toBe(await wholeDigest());
  });

  it("that ends between its last chunk and the commit has nothing to send again", async () => {
    const bench = new Bench();
    await bench.interrupted("PUT", 1);
    const { digest } = await bench.push();
    expect(bench.log).toEqual(["GET", "PUT"]);
    expect(String(digest)).toBe(await wholeDigest());
  });

  it("whose commit was heard and not answered finds the blob", async () => {
    const bench = new Bench();
    const gate = bench.gate;
    bench.gate = withFaults(bench.registry.fetch, [
      { method: "PUT", effect: faults.loseAnswer() },
      { method: "HEAD", effect: faults.status(503) },
    ]);
    await expect(bench.push()).rejects.toThrow();
    bench.gate = gate;
    bench.log.length = 0;
    const layer = stream();
    const { digest } = await bench.push(layer);
    expect(bench.log).toEqual(["GET", "HEAD"]);
    expect(String(digest)).toBe(await wholeDigest());
    expect(String(await layer.digest())).toBe(await wholeDigest());
    expect(bench.values.size).toBe(0);
  });

  it("asks before anything is read from the source, and leaves the source alone if there is no answer", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 3);
    let reads = 0;
    const source = {
      async *[Symbol.asyncIterator]() {
        reads += 1;
        yield content;
      },
    };
    bench.gate = () => new Response(null, { status: 503 });
    await expect(bench.push(newLayer(source))).rejects.toMatchObject({ status: 503 });
    expect(reads).toBe(0);
    bench.gate = (request, next) => next(request);
    expect(String((await bench.push(newLayer(source))).digest)).toBe(await wholeDigest());
  });

  it("starts over and says so when the registry has forgotten the upload", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 4);
    bench.gate = withFaults(bench.registry.fetch, [
      { method: "GET", path: /uploads/, effect: faults.endSession() },
    ]);
    const { digest } = await bench.push();
    expect(bench.events).toEqual([{ reason: "unknown-upload", acknowledged: 3 * CHUNK, stored: 0 }]);
    expect(ranges(bench.log)[0]).toBe(`0-${CHUNK - 1}`);
    expect(String(digest)).toBe(await wholeDigest());
  });

  it("starts over and says so when the registry has less than both checkpoints, and has the old upload forgotten", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 7);
    bench.gate = async (request, next) => {
      const response = await next(request);
      if (request.method === "GET" && request.url.includes("uploads")) response.headers.set("range", "0-999");
      return response;
    };
    const { digest } = await bench.push();
    expect(bench.events).toEqual([{ reason: "behind", acknowledged: 6 * CHUNK, stored: 1000 }]);
    expect(bench.log.slice(0, 4)).toEqual(["GET", "DELETE", "POST", `PATCH 0-${CHUNK - 1}`]);
    expect(String(digest)).toBe(await wholeDigest());
  });

  it("goes on from the older checkpoint when the registry has less than the newer one", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 7);
    const { sourceOffset } = (await savedPush({ store: bench.store, key: "layer" }))!;
    const held: Uint8Array[] = [];
    bench.gate = async (request, next) => {
      if (request.method === "PATCH") held.push(new Uint8Array(await request.clone().arrayBuffer()));
      const response = await next(request);
      if (request.method === "GET" && request.url.includes("uploads")) {
        response.headers.set("range", `0-${6 * CHUNK - 150_001}`);
      }
      return response;
    };
    await bench.push().catch(() => undefined);
    expect(bench.events).toEqual([{ stored: 6 * CHUNK - 150_000, inputOffset: sourceOffset }]);
    const whole: Uint8Array[] = [];
    await stream().writeTo((view) => void whole.push(view.slice()));
    const expected = Buffer.concat(whole).subarray(6 * CHUNK - 150_000, 7 * CHUNK - 150_000);
    expect(Buffer.compare(held[0]!, expected)).toBe(0);
  });

  it("is told apart from a changed source by its beginning, and nothing is sent", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 6);
    const error = await rejection(bench.push(stream(changed(0))));
    expect(error).toBeInstanceOf(SourceChangedError);
    expect(error.code).toBe("ERR_VARVE_SOURCE_CHANGED");
    expect(bench.log).toEqual(["GET"]);
    expect(String((await bench.push()).digest)).toBe(await wholeDigest());
  });

  it("is told apart from a source that changed between the checkpoint and what was sent, and nothing is sent", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 6);
    await rejection(bench.push(stream(changed(0))));
    const [{ inputOffset }] = bench.events as [{ inputOffset: number }];
    bench.log.length = 0;
    const error = await rejection(bench.push(stream(changed(inputOffset + 10))));
    expect(error).toBeInstanceOf(SourceChangedError);
    expect(bench.log).toEqual(["GET"]);
  });

  it("is told apart from a source that has become shorter", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 6);
    for (const length of [0, 1_000_000]) {
      const error = await rejection(bench.push(stream(content.subarray(0, length))));
      expect(error).toBeInstanceOf(SourceChangedError);
      expect(error.message).toMatch(/it ends after \d+ bytes, and \d+ had been read/);
    }
  });

  it("with a source from the offset that is told goes on, and makes the same layer", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 6);
    const saved = (await savedPush({ store: bench.store, key: "layer" }))!;
    expect(saved).toEqual({
      repository: "registry.example/repo",
      acknowledged: 5 * CHUNK,
      sourceOffset: expect.any(Number),
    });
    const { sourceOffset } = saved;
    expect(sourceOffset).toBeGreaterThan(0);
    const { digest } = await bench.push(stream(content.subarray(sourceOffset)), {
      resumable: { sourceOffset },
    });
    expect(String(digest)).toBe(await wholeDigest());
  });

  it("refuses a source from an offset behind the one that is needed, and one that has to start over", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 6);
    const sourceOffset = content.length - 1;
    const late = await rejection(bench.push(stream(content.subarray(-1)), { resumable: { sourceOffset } }));
    expect(late).toMatchObject({ code: "ERR_VARVE_RESUME", reason: "source-offset" });
    const empty = new Bench();
    const first = await rejection(empty.push(stream(), { resumable: { sourceOffset: 1 } }));
    expect(first).toMatchObject({ reason: "source-offset" });
    expect(empty.log).toEqual([]);
    const none = rejection(empty.push(stream(), { resumable: { sourceOffset: -1 } }));
    expect((await none).code).toBe("ERR_VARVE_REMOTE_OPTION");
  });

  it("refuses a second push with its key, before anything is asked", async () => {
    const bench = new Bench();
    let second: unknown;
    bench.gate = async (request, next) => {
      if (request.method === "PATCH" && second === undefined) {
        const requests = bench.log.length;
        second = await rejection(bench.push());
        expect(bench.log).toHaveLength(requests);
      }
      return next(request);
    };
    await bench.push();
    expect(second).toMatchObject({ code: "ERR_VARVE_PUSH_UNDER_WAY", retryable: true });
    await bench.push();
  });

  it("is kept when its signal is aborted, and goes on afterwards", async () => {
    const bench = new Bench();
    const controller = new AbortController();
    bench.gate = (request, next) => {
      if (request.headers.get("content-range")?.startsWith(`${3 * CHUNK}-`)) controller.abort("enough");
      return next(request);
    };
    const error = await rejection(bench.push(stream(), { signal: controller.signal }));
    expect(error).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
    expect(bench.log).not.toContain("DELETE");
    bench.gate = (request, next) => next(request);
    expect(String((await bench.push()).digest)).toBe(await wholeDigest());
    expect(bench.events).toMatchObject([{ stored: expect.any(Number) }]);
  });

  it("ends a chunk that is under way at once when its upload is kept", async () => {
    const bench = new Bench();
    const controller = new AbortController();
    let ended: unknown;
    const fetching: typeof fetch = async (input, init) => {
      const signal = init?.signal;
      if (new Headers(init?.headers).get("content-range")?.startsWith(`${CHUNK}-`)) {
        signal?.addEventListener("abort", () => {
          ended = signal.reason;
        });
        controller.abort("enough");
        return new Promise(() => undefined);
      }
      return bench.fetch(input, init);
    };
    const error = await rejection(bench.push(stream(), { fetch: fetching, signal: controller.signal }));
    expect(error).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
    expect(ended).toBe("enough");
    expect(bench.log).toEqual(["POST", `PATCH 0-${CHUNK - 1}`]);
    expect(bench.values.size).toBe(1);
  });

  it("that is aborted at its first chunk has the upload forgotten where that has led to", async () => {
    await using registry = await SigningRegistry.start();
    const controller = new AbortController();
    const store = memoryPushStore();
    const options = { resumable: { store, key: "layer" }, chunkSize: 1_000_000, signal: controller.signal };
    const error = rejection(writeLayer(registry.repository, stream(), options));
    await registry.got(0);
    controller.abort("enough");
    expect(await error).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
    expect(registry.log).toEqual(["POST", "PATCH 0", "end of PATCH", "DELETE 1000000"]);
    expect(registry.storage.openUploads).toBe(0);
  });

  it("that fails before anything is confirmed has the registry forget the upload", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 99).catch(() => undefined);
    bench.gate = withFaults(bench.registry.fetch, [{ method: "PATCH", effect: faults.status(403) }]);
    bench.log.length = 0;
    await expect(bench.push()).rejects.toMatchObject({ status: 403 });
    expect(bench.log).toEqual(["POST", `PATCH 0-${CHUNK - 1}`, "DELETE"]);
    expect(bench.values.size).toBe(0);
  });

  it("is forgotten with its upload when that is asked for", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 4);
    const forget = (): Promise<boolean> =>
      forgetPush(bench.repository, { store: bench.store, key: "layer" }, { fetch: bench.fetch });
    expect(await forget()).toBe(true);
    expect(bench.log).toEqual(["DELETE"]);
    expect(bench.values.size).toBe(0);
    expect(await forget()).toBe(false);
    bench.values.set("layer", new Uint8Array(99));
    expect(await forget()).toBe(true);
    expect(bench.values.size).toBe(0);
  });

  it("tells how far it has come, beginning with what the registry has", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 4);
    const events: UploadProgress[] = [];
    const { size } = await bench.push(stream(), { onProgress: (event) => events.push(event) });
    expect(events[0]).toMatchObject({ phase: "uploading", sent: 3 * CHUNK });
    expect(events.at(-1)).toMatchObject({ phase: "done", sent: size, total: size });
  });

  it("that the registry finds to be other bytes is given up", async () => {
    const bench = new Bench();
    bench.gate = withFaults(bench.registry.fetch, [
      {
        method: "PUT",
        effect: () =>
          Response.json({ errors: [{ code: "DIGEST_INVALID", message: "another" }] }, { status: 400 }),
      },
    ]);
    await expect(bench.push()).rejects.toMatchObject({ code: "ERR_VARVE_REGISTRY", status: 400 });
    expect(bench.log.at(-1)).toBe("DELETE");
    expect(bench.values.size).toBe(0);
  });

  it("fails with the store's failure, and goes on from what was saved before", async () => {
    const bench = new Bench();
    const { store } = bench;
    let saves = 0;
    const failing: PushStore = {
      acquire: (key) => store.acquire(key),
      load: (key) => store.load(key),
      remove: (key) => store.remove(key),
      save: async (key, value) => {
        if (++saves === 3) throw new Error("no room");
        await store.save(key, value);
      },
    };
    const error = await rejection(bench.push(stream(), { resumable: { store: failing } }));
    expect(error).toMatchObject({ code: "ERR_VARVE_PUSH_STORE", cause: { message: "no room" } });
    expect(String((await bench.push()).digest)).toBe(await wholeDigest());
    expect(bench.events).toMatchObject([{ stored: 3 * CHUNK }]);
  });
});

describe("a resumable push of a layer that knows its digest", () => {
  const layer = (): KnownLayer => new KnownLayer(content.subarray(0, 1_000_001));

  it("needs no checkpoint: what the registry has is read and dropped", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 4, layer());
    const { digest } = await bench.push(layer());
    expect(bench.log.slice(0, 3)).toEqual(["HEAD", "GET", `PATCH ${3 * CHUNK}-${4 * CHUNK - 1}`]);
    expect(String(digest)).toBe(String(await layer().digest()));
    expect(bench.values.size).toBe(0);
  });

  it("ends, and forgets its upload, if the repository has got the blob meanwhile", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 4, layer());
    await writeLayer(bench.repository, layer(), { fetch: bench.fetch });
    bench.log.length = 0;
    await bench.push(layer());
    expect(bench.log).toEqual(["HEAD", "DELETE"]);
    expect(bench.values.size).toBe(0);
  });

  it("refuses to go on with the push of another layer", async () => {
    const bench = new Bench();
    await bench.interrupted("PATCH", 4, layer());
    for (const other of [new KnownLayer(), stream()]) {
      expect(await rejection(bench.push(other))).toMatchObject({ code: "ERR_VARVE_RESUME", reason: "layer" });
    }
  });
});
