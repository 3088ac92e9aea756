import { gunzipSync } from "node:zlib";
import { newRepository, type Repository } from "../../../src/name/index.js";
import { fetchOf, type Handler, newRegistry, type Registry } from "../../../src/registry/index.js";
import {
  mapPushStore,
  type PushStore,
  type ResumableOptions,
  type WriteLayerOptions,
  writeLayer,
} from "../../../src/remote/index.js";
import { newLayer, type StreamLayer, type StreamLayerOptions } from "../../../src/stream/index.js";
import type { Descriptor, Layer } from "../../../src/v1/index.js";
import { mixed, randomBytes } from "../../fixtures/bytes.js";

/** Half of it random, so that its layer has pieces of different lengths; the same for everybody. */
export const content: Uint8Array = (() => {
  const bytes = new Uint8Array(3_000_000);
  bytes.set(mixed(1_400_000, 5));
  bytes.set(randomBytes(1_600_000, 6), 1_400_000);
  return bytes;
})();

export const CHUNK = 200_000;

export function stream(bytes: Uint8Array = content, options: StreamLayerOptions = {}): StreamLayer {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 77_777) pieces.push(bytes.subarray(at, at + 77_777));
  return newLayer(pieces, options);
}

let whole: Promise<string> | undefined;

/** The digest of an uninterrupted push of the content. */
export function wholeDigest(): Promise<string> {
  whole ??= (async () => {
    const layer = stream();
    await layer.writeTo(() => undefined);
    return String(await layer.digest());
  })();
  return whole;
}

/** A registry with something in front of it, a store, and what went over the wire. */
export class Bench {
  readonly registry: Registry = newRegistry();
  readonly values: Map<string, Uint8Array> = new Map();
  readonly store: PushStore = mapPushStore(this.values);
  readonly events: unknown[] = [];
  /** As "METHOD Content-Range", without the handshake. */
  readonly log: string[] = [];
  /** All requests, the handshake included. */
  requests = 0;
  /** Stands before the registry. */
  gate: (request: Request, next: Handler) => Response | Promise<Response> = (request, next) => next(request);

  get repository(): Repository {
    return newRepository("registry.example/repo");
  }

  readonly fetch: typeof fetch = fetchOf(async (request) => {
    this.requests += 1;
    if (!request.url.endsWith("/v2/")) {
      this.log.push(`${request.method} ${request.headers.get("content-range") ?? ""}`.trim());
    }
    return this.gate(request, this.registry.fetch);
  });

  push(
    layer: Layer = stream(),
    {
      resumable,
      ...options
    }: Omit<WriteLayerOptions, "resumable"> & {
      readonly resumable?: Partial<ResumableOptions>;
    } = {},
  ): Promise<Descriptor> {
    return writeLayer(this.repository, layer, {
      fetch: this.fetch,
      retryBackoff: { attempts: 1 },
      chunkSize: CHUNK,
      ...options,
      resumable: {
        store: this.store,
        key: "layer",
        onResume: (event) => this.events.push(event),
        onRestart: (event) => this.events.push(event),
        ...resumable,
      },
    });
  }

  /** Pushes until the request of that number, as `METHOD`, which fails for good, and gives the failure. */
  async interrupted(method: string, nth: number, layer: Layer = stream()): Promise<unknown> {
    const { gate } = this;
    let seen = 0;
    this.gate = (request, next) => {
      if (request.method === method && ++seen >= nth) throw new TypeError("fetch failed");
      return gate(request, next);
    };
    try {
      await this.push(layer);
    } catch (error) {
      return error;
    } finally {
      this.gate = gate;
      this.log.length = 0;
    }
    throw new Error("the push was not interrupted");
  }

  /** What the blob inflates to. */
  async pulled(digest: unknown): Promise<Uint8Array> {
    const url = `https://registry.example/v2/repo/blobs/${digest}`;
    const blob = await (await this.registry.fetch(new Request(url))).arrayBuffer();
    return gunzipSync(new Uint8Array(blob));
  }
}
