import { afterEach, describe, expect, it } from "vitest";
import { newRepository, newTag, type Repository } from "../../../src/name/index.js";
import { type Listener, newFetch, serve } from "../../../src/node/index.js";
import {
  type Fault,
  type FaultyHandler,
  faults,
  newRegistry,
  withFaults,
} from "../../../src/registry/index.js";
import { get, image as pull, type RemoteOptions, write, writeLayer } from "../../../src/remote/index.js";
import { newLayer } from "../../../src/stream/index.js";
import { randomBytes } from "../../fixtures/bytes.js";
import { imageOf } from "../fixture/images.js";
import { digestOf } from "../fixture/layers.js";
import { rejection } from "../fixture/thrown.js";
import { Sources } from "./harness/flow.js";
import { WatchedStorage } from "./harness/watched-storage.js";

const CONTENT: Uint8Array = randomBytes(3_000_000, 1);

const listeners: Listener[] = [];
afterEach(async () => {
  for (const listener of listeners.splice(0)) await listener.close();
});

/** A registry on a port of its own, before which faults stand. */
class Served {
  readonly storage: WatchedStorage = new WatchedStorage();
  readonly handler: FaultyHandler;
  repository!: Repository;

  private constructor(struck: readonly Fault[]) {
    this.handler = withFaults(newRegistry({ storage: this.storage }).fetch, struck);
  }

  static async start(...struck: readonly Fault[]): Promise<Served> {
    const served = new Served(struck);
    const listener = await serve(served.handler, { closeTimeout: 100 });
    listeners.push(listener);
    served.repository = newRepository(`${new URL(listener.url).host}/image`);
    return served;
  }

  get strikes(): number {
    return this.handler.strikes.length;
  }
}

const FETCHES = [
  { name: "the runtime's own fetch", fetch: undefined },
  { name: "newFetch", fetch: newFetch({ env: {} }) },
] as const;

describe.each(FETCHES)("over sockets, with $name", ({ fetch }) => {
  const client: RemoteOptions = { fetch, retryBackoff: { delay: 10 } };

  it("a chunk that breaks off in the middle is gone on with", async () => {
    const effect = faults.dropConnection({ afterBytes: 300_000 });
    const served = await Served.start({ method: "PATCH", nth: 2, effect });
    const layer = newLayer([CONTENT], { compression: "none" });
    const options = { ...client, upload: "chunked", chunkSize: 1_000_000 } as const;
    const { digest } = await writeLayer(served.repository, layer, options);
    expect(String(digest)).toBe(digestOf(CONTENT));
    expect(await served.storage.contents()).toEqual([`blob image ${digest}`]);
    expect([served.strikes, served.storage.openUploads]).toEqual([1, 0]);
  });

  it.each([401, 403, 413, 503])(
    "a stream that is refused with %i before it was sent tells so",
    async (status) => {
      const served = await Served.start({
        method: "PATCH",
        effect: faults.status(status, { afterBytes: 65_536 }),
      });
      const sources = new Sources();
      const layer = newLayer(sources.chunks(CONTENT), { compression: "none" });
      const failure = await rejection(writeLayer(served.repository, layer, client));
      expect(failure).toMatchObject({ name: "RegistryError", status });
      expect([served.strikes, served.storage.openUploads, sources.open]).toEqual([1, 0, 0]);
    },
  );

  it("a stream whose connection breaks fails with that, and the upload is cancelled", async () => {
    const effect = faults.dropConnection({ afterBytes: 500_000 });
    const served = await Served.start({ method: "PATCH", effect });
    const sources = new Sources();
    const layer = newLayer(sources.chunks(CONTENT), { compression: "none" });
    const failure = await rejection(writeLayer(served.repository, layer, client));
    expect(failure).toMatchObject({ code: "ERR_VARVE_NETWORK", broken: true });
    expect([served.storage.openUploads, sources.open]).toEqual([0, 0]);
    await expect(layer.digest()).rejects.toThrow();
  });

  it("a commit whose answer is lost is found to be done", async () => {
    const served = await Served.start({ method: "PUT", effect: faults.loseAnswer() });
    const { digest } = await writeLayer(served.repository, newLayer([CONTENT]), client);
    expect(await served.storage.contents()).toEqual([`blob image ${digest}`]);
    expect(served.strikes).toBe(1);
  });

  it("a manifest and a layer that break off are read whole all the same", async () => {
    const served = await Served.start(
      { method: "GET", path: /\/manifests\//, effect: faults.cutAnswer(100) },
      {
        method: "GET",
        path: /\/blobs\//,
        when: ({ headers }) => !headers.has("range"),
        nth: 2,
        effect: faults.cutAnswer(1_000_000),
      },
    );
    const tag = newTag(served.repository.tag("latest").name());
    await write(tag, imageOf([newLayer([CONTENT], { compression: "none" })]), client);
    const image = await pull(tag, client);
    await image.rawConfigFile();
    const [layer] = await image.layers();
    const bytes = await new Response((await layer!.compressed()) as BodyInit).arrayBuffer();
    expect(digestOf(new Uint8Array(bytes))).toBe(digestOf(CONTENT));
    expect(served.strikes).toBe(2);
  });

  it.each(["POST", "PATCH", "PUT"])(
    "an answer to %s that never comes is waited for until the signal is aborted",
    async (method) => {
      const controller = new AbortController();
      const served = await Served.start({
        method,
        effect: (request, next, behind) => {
          setImmediate(() => controller.abort(new Error("enough")));
          return faults.delay(Number.POSITIVE_INFINITY)(request, next, behind);
        },
      });
      const sources = new Sources();
      const layer = newLayer(sources.chunks(CONTENT), { compression: "none" });
      const { signal } = controller;
      const failure = await rejection(writeLayer(served.repository, layer, { ...client, signal }));
      expect(failure).toMatchObject({ code: "ERR_VARVE_ABORTED", cause: controller.signal.reason });
      expect([served.storage.openUploads, sources.open]).toEqual([0, 0]);
    },
  );

  it("a registry that is not there is told of", async () => {
    const served = await Served.start();
    const tag = served.repository.tag("latest");
    await listeners.pop()?.close();
    expect(await rejection(get(tag, client))).toMatchObject({
      code: "ERR_VARVE_NETWORK",
      causeCode: "ECONNREFUSED",
    });
  });
});
