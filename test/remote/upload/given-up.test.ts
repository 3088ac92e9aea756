import { afterEach, describe, expect, it, vi } from "vitest";
import { newTag } from "../../../src/name/index.js";
import { type WriteOptions, write, writeLayer } from "../../../src/remote/index.js";
import { newLayer } from "../../../src/stream/index.js";
import type { Descriptor, Layer } from "../../../src/v1/index.js";
import { FakeRegistry, type Reply, redirectless, silence } from "../fixture/fake-registry.js";
import { imageOf } from "../fixture/images.js";
import { endlessLayer, OpenLayer, randomBytes, type SourceLog, source } from "../fixture/layers.js";
import { SigningRegistry } from "../fixture/signing-registry.js";
import { rejection } from "../fixture/thrown.js";

const CHUNK = 1_000_000;
const fault = new Error("the disk is on fire");

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** What comes first of a source, and no more. @param dry called then */
async function* runningDry(dry: () => void): AsyncGenerator<Uint8Array> {
  yield* source(2_500_000);
  dry();
  await new Promise(() => undefined);
}

async function* failingAfter(came: Promise<void>): AsyncGenerator<Uint8Array> {
  yield* source(2_500_000);
  await came;
  throw fault;
}

describe.each(["streaming", "chunked"] as const)("a push that is given up, %s", (upload) => {
  /** The registry's log of a push, which has no PUT, and where the DELETE has the state after the last body's end. */
  function expectForgotten({ log, stored, storage }: SigningRegistry): void {
    expect(log.slice(0, 2)).toEqual(["POST", "PATCH 0"]);
    expect(log.slice(-2)).toEqual(["end of PATCH", `DELETE ${stored}`]);
    expect(log.some((line) => line.startsWith("PUT"))).toBe(false);
    expect(storage.openUploads).toBe(0);
  }

  it("ends its body, and then has the upload forgotten where the answer says it is", async () => {
    await using registry = await SigningRegistry.start();
    const controller = new AbortController();
    const log: SourceLog = { pulled: 0, closed: 0 };
    const options = { signal: controller.signal, upload, chunkSize: CHUNK };
    const error = rejection(writeLayer(registry.repository, endlessLayer(log), options));
    await registry.got(1_500_000);
    const reason = new Error("enough");
    controller.abort(reason);
    const { pulled } = log;
    expect(await error).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: reason });
    expectForgotten(registry);
    expect(log.closed).toBe(1);
    // The one that had been asked for.
    expect(log.pulled).toBeLessThanOrEqual(pulled + 1);
    expect(await registry.storage.contents()).toEqual([]);
  });

  it("does so while it waits for a source that gives nothing", async () => {
    await using registry = await SigningRegistry.start();
    const controller = new AbortController();
    let layer!: Layer;
    const dry = new Promise<void>((resolve) => {
      layer = newLayer(runningDry(resolve), { compression: "none" });
    });
    const options = { signal: controller.signal, upload, chunkSize: CHUNK };
    const error = rejection(writeLayer(registry.repository, layer, options));
    await Promise.all([dry, registry.got(1_500_000)]);
    await turn();
    controller.abort("enough");
    expect(await error).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
    expectForgotten(registry);
  });

  it("does so when its source fails, and fails with that", async () => {
    await using registry = await SigningRegistry.start();
    const layer = newLayer(failingAfter(registry.got(1_500_000)), { compression: "none" });
    const error = await rejection(writeLayer(registry.repository, layer, { upload, chunkSize: CHUNK }));
    expect(error).toMatchObject({ code: "ERR_VARVE_LAYER_READ", cause: fault });
    expectForgotten(registry);
  });

  it("does so with all of an image's uploads when one of its sources fails", async () => {
    await using registry = await SigningRegistry.start();
    const failing = newLayer(failingAfter(registry.got(4_500_000)), { compression: "none" });
    const image = imageOf([endlessLayer(), failing, endlessLayer()]);
    const tag = newTag(registry.repository.tag("latest").name());
    const error = await rejection(write(tag, image, { upload, chunkSize: CHUNK }));
    expect(error).toMatchObject({ cause: fault });
    expect(registry.log.filter((line) => line.startsWith("DELETE"))).toHaveLength(3);
    expect(registry.storage.openUploads).toBe(0);
    expect(await registry.storage.contents()).toEqual([]);
  });
});

const UPLOAD = "/v2/repo/blobs/uploads/1";

describe("a request that is given up", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  function push(registry: FakeRegistry, layer: Layer, options: WriteOptions = {}): Promise<Descriptor> {
    return writeLayer(registry.repository, layer, {
      fetch: registry.fetch,
      retryBackoff: { attempts: 1 },
      chunkSize: CHUNK,
      ...options,
    });
  }

  /** Aborts when a piece of the body has come. @param then given what settles when the rest of it has come */
  function aborting(controller: AbortController, then: (rest: Promise<unknown>) => ReturnType<Reply>): Reply {
    return async ({ init: { body } }) => {
      const reader = body instanceof ReadableStream ? body.getReader() : undefined;
      await reader?.read();
      setImmediate(() => controller.abort("enough"));
      return then(restOf(reader));
    };
  }

  async function restOf(reader: ReadableStreamDefaultReader<Uint8Array> | undefined): Promise<void> {
    while ((await reader?.read())?.done === false) {}
  }

  it.each(["streaming", "chunked"] as const)(
    "is ended after a second and a half, %s, and the upload forgotten where it was last",
    async (upload) => {
      vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
      const controller = new AbortController();
      const { signal } = controller;
      const registry = new FakeRegistry({ PATCH: aborting(controller, silence), DELETE: silence });
      const settled = vi.fn();
      const error = rejection(push(registry, endlessLayer(), { upload, signal })).finally(settled);
      await new Promise((resolve) => signal.addEventListener("abort", resolve));
      await turn();
      const [, , patch] = registry.calls;
      await vi.advanceTimersByTimeAsync(1499);
      expect(registry.methods).toEqual(["GET", "POST", "PATCH"]);
      expect(patch?.init.signal?.aborted).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(patch?.init.signal?.aborted).toBe(true);
      expect(registry.log.slice(3)).toEqual([`DELETE ${UPLOAD}?state=first`]);
      await vi.advanceTimersByTimeAsync(499);
      expect(settled).not.toHaveBeenCalled();
      await vi.advanceTimersByTimeAsync(1);
      expect(await error).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
      expect(vi.getTimerCount()).toBe(0);
    },
  );

  it.each([
    ["refuses it", () => redirectless(503, `${UPLOAD}?state=second`)],
    ["loses it", () => Promise.reject(new TypeError("fetch failed"))],
    ["does not say where to go on", () => new Response(null, { status: 202 })],
    ["leads where nobody may go", () => redirectless(202, "https://10.0.0.1/u")],
  ] satisfies [string, () => ReturnType<Reply>][])(
    "keeps its reason when the registry %s, and the upload is forgotten where it was",
    async (_, reply) => {
      for (const upload of ["streaming", "chunked"] as const) {
        const controller = new AbortController();
        const { signal } = controller;
        const registry = new FakeRegistry({
          PATCH: aborting(controller, async (rest) => {
            await new Promise((resolve) => signal.addEventListener("abort", resolve));
            await rest;
            return reply();
          }),
        });
        const error = await rejection(push(registry, endlessLayer(), { upload, signal }));
        expect(error).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: "enough" });
        expect(registry.log.slice(3)).toEqual([`DELETE ${UPLOAD}?state=first`]);
      }
    },
  );

  it.each(["streaming", "monolithic"] as const)(
    "breaks off at once if the length of its body was given, %s",
    async (upload) => {
      const controller = new AbortController();
      const { signal } = controller;
      let body: Promise<unknown> | undefined;
      const reply = aborting(controller, (rest) => {
        body = rest.catch((error) => error);
        return silence();
      });
      const registry = new FakeRegistry({ PATCH: reply, PUT: reply });
      let given = false;
      const pull = (to: ReadableStreamDefaultController<Uint8Array>): Promise<void> | undefined => {
        if (given) return new Promise(() => undefined);
        given = true;
        to.enqueue(new Uint8Array(1000));
        return undefined;
      };
      const layer = new OpenLayer(async () => new ReadableStream({ pull }, { highWaterMark: 0 }));
      expect(await rejection(push(registry, layer, { upload, signal }))).toMatchObject({ cause: "enough" });
      expect(registry.calls[3]?.init.signal).toMatchObject({ aborted: true, reason: "enough" });
      expect(await body).toBe("enough");
      expect(registry.log.slice(4)).toEqual([`DELETE ${UPLOAD}?state=first`]);
    },
  );

  it("is ended at once if nothing of its body has been taken", async () => {
    const controller = new AbortController();
    const { signal } = controller;
    let ended: unknown;
    const registry = new FakeRegistry({
      PATCH: () => {
        setImmediate(() => controller.abort("enough"));
        return silence();
      },
      DELETE: () => {
        ended = registry.calls[2]?.init.signal?.reason;
        return new Response(null, { status: 204 });
      },
    });
    expect(await rejection(push(registry, endlessLayer(), { signal }))).toMatchObject({ cause: "enough" });
    expect(ended).toBe("enough");
    expect(registry.log.slice(3)).toEqual([`DELETE ${UPLOAD}?state=first`]);
  });

  it.each(["streaming", "chunked"] as const)(
    "is followed though it was answered already, %s, when the answer's body is still to come",
    async (upload) => {
      const controller = new AbortController();
      const { signal } = controller;
      const registry = new FakeRegistry({
        PATCH: async (call) => {
          if (upload === "streaming") await call.body();
          setImmediate(() => controller.abort("enough"));
          const headers = { location: `${UPLOAD}?state=second` };
          return new Response(new ReadableStream({ pull: () => new Promise(() => undefined) }), {
            status: 202,
            headers,
          });
        },
      });
      const layer = newLayer(randomBytes(1000));
      expect(await rejection(push(registry, layer, { upload, signal }))).toMatchObject({ cause: "enough" });
      expect(registry.log.slice(3)).toEqual([`DELETE ${UPLOAD}?state=second`]);
    },
  );
});
