import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { quietly } from "../bytes/index.js";
import {
  type Fault,
  type Handler,
  newMemoryStorage,
  newRegistry,
  type Registry,
  type RegistryOptions,
  type Storage,
  withFaults,
} from "../registry/index.js";
import { openDiskStorage } from "./disk-storage.js";
import { type Listener, serve } from "./serve.js";
import { ServeError } from "./serve-error.js";

/** How a registry server is set up; every field may be left out. */
export interface RegistryServerOptions extends Omit<RegistryOptions, "storage" | "onError"> {
  /** `HOST:PORT`, an IPv6 host in brackets; port 0 takes any free one. Default: `127.0.0.1:5000`. */
  readonly address?: string | undefined;
  /** A directory that keeps everything over restarts. Default: a new temporary one, which goes when the server is closed. */
  readonly disk?: string | undefined;
  /** Keeps everything in memory, at most this many bytes, instead of on disk. */
  readonly memory?: number | undefined;
  /** What goes wrong, for tests of clients. Connections that a fault breaks are broken. Default: nothing. */
  readonly faults?: readonly Fault[] | undefined;
  /** Closes the server when it aborts. */
  readonly signal?: AbortSignal | undefined;
  /** How long `close` waits for requests that are under way, in milliseconds; `Infinity` is for ever. Default: 5000. */
  readonly closeTimeout?: number | undefined;
  /** Told of each request when its response begins. */
  readonly onRequest?: ((request: ServedRequest) => void) | undefined;
  /** Told of each failure that is the server's own. */
  readonly onError?: ((error: unknown) => void) | undefined;
}

/** One request that was answered. */
export interface ServedRequest {
  readonly method: string;
  /** Path and query, as they were sent. */
  readonly path: string;
  readonly status: number;
  /** From the arrival of the request's headers to its response's. */
  readonly milliseconds: number;
}

/**
 * A registry that listens. Closing it ends all uploads, of which a directory that is not temporary keeps what the next registry needs to go on
 * with them, and removes its directory if that was a temporary one.
 */
export interface RegistryServer extends Listener {
  /** The directory that everything is kept in; undefined for a registry in memory. */
  readonly directory: string | undefined;
}

const DEFAULT_ADDRESS = "127.0.0.1:5000";

/**
 * Serves a registry by HTTP. Without `auth`, what binds it to other than the loopback address offers it to everyone who reaches
 * that; with it, passwords and tokens go in the clear unless something before it speaks TLS.
 *
 * @throws {ServeError} if the address is none or cannot be bound, or both `disk` and `memory` are given
 * @throws {DiskStorageError} if the directory cannot be used
 * @throws {RegistryOptionsError} if an option of the registry makes no sense
 */
export async function serveRegistry(options: RegistryServerOptions = {}): Promise<RegistryServer> {
  const { signal, closeTimeout, onError } = options;
  signal?.throwIfAborted();
  const { host, port } = parseAddress(options.address ?? DEFAULT_ADDRESS);
  const store = await openStore(options);
  const hearsErrors = onError === undefined ? {} : { onError: (error: unknown) => onError(error) };
  let registry: Registry;
  try {
    // Node's own hash takes about half the time of the portable one: 0.2 s for 64 MiB, not 0.35 s.
    const digesters = { sha512: () => createHash("sha512"), ...options.digesters };
    registry = newRegistry({ ...options, ...hearsErrors, digesters, storage: store.storage });
  } catch (error) {
    await store.close();
    throw error;
  }
  const handler = options.faults === undefined ? registry.fetch : withFaults(registry.fetch, options.faults);
  const end = (): Promise<void> => {
    signal?.removeEventListener("abort", closeUnheard);
    return registry.close().finally(store.close);
  };
  let listener: Listener | undefined;
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= (listener?.close() ?? Promise.resolve()).then(end);
    return closing;
  };
  /** Nobody waits for what a signal does. */
  const closeUnheard = (): void => {
    quietly(close().catch((error: unknown) => onError?.(error)));
  };

  try {
    listener = await serve(observed(handler, options), {
      host,
      port,
      ...hearsErrors,
      ...(closeTimeout === undefined ? {} : { closeTimeout }),
    });
    signal?.throwIfAborted();
  } catch (error) {
    await close();
    throw error;
  }
  signal?.addEventListener("abort", closeUnheard);
  return { ...listener, directory: store.directory, close };
}

interface Store {
  readonly storage: Storage;
  readonly directory: string | undefined;
  /** Lets go of the store, and removes what is not to outlast the server. */
  readonly close: () => Promise<void>;
}

async function openStore(options: RegistryServerOptions): Promise<Store> {
  const { disk, memory } = options;
  if (disk !== undefined && memory !== undefined) {
    throw new ServeError(
      "ERR_VARVE_SERVE_OPTIONS",
      "a registry keeps everything on disk or in memory; give one of the two",
    );
  }
  if (memory !== undefined) {
    return { storage: newMemoryStorage({ limit: memory }), directory: undefined, close: async () => {} };
  }
  if (disk !== undefined) {
    const storage = await openDiskStorage(disk);
    return { storage, directory: disk, close: () => storage.close() };
  }
  const directory = await mkdtemp(join(tmpdir(), "varve-registry-"));
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true, maxRetries: 3 });
  try {
    const storage = await openDiskStorage(directory);
    return { storage, directory, close: () => storage.close().finally(remove) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** @throws {ServeError} if the text is not HOST:PORT */
function parseAddress(text: string): { host: string; port: number } {
  const [, bracketed, plain, digits] = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/u.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host !== undefined && port <= 65535) return { host, port };
  throw new ServeError(
    "ERR_VARVE_SERVE_OPTIONS",
    `invalid address ${JSON.stringify(text)}: expected HOST:PORT, such as 127.0.0.1:5000 or [::1]:0`,
  );
}

function observed(handler: Handler, { onRequest, onError }: RegistryServerOptions): Handler {
  if (onRequest === undefined) return handler;
  return async (request) => {
    const began = performance.now();
    const response = await handler(request);
    const { pathname, search } = new URL(request.url);
    try {
      onRequest({
        method: request.method,
        path: pathname + search,
        status: response.status,
        milliseconds: performance.now() - began,
      });
    } catch (error) {
      onError?.(error);
    }
    return response;
  };
}
