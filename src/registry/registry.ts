import { deleteBlob, readBlob } from "./blobs.js";
import { coreDigesters, type Digesters } from "./digester.js";
import { jsonResponse } from "./json-response.js";
import { listRepositories, listTags } from "./listing.js";
import { deleteManifest, readManifestAt, writeManifest } from "./manifests.js";
import { newMemoryStorage } from "./memory-storage.js";
import { listReferrers } from "./referrers.js";
import { RefusalError } from "./refusal.js";
import { parseRoute, type Route } from "./route.js";
import type { RegistryState } from "./state.js";
import { type Storage, StorageFullError } from "./storage.js";
import { UploadSessions } from "./upload-sessions.js";
import { cancelUpload, finishUpload, patchUpload, startUpload, uploadStatus } from "./uploads.js";

/** How a registry is set up; every field may be left out. */
export interface RegistryOptions {
  /** Where everything is kept. Default: a memory store of 512 MiB. */
  readonly storage?: Storage | undefined;
  /**
   * Hashes for blobs in further algorithms, such as `{ sha512: () => createHash("sha512") }` on Node. Blobs of an algorithm that
   * has none are refused; manifests need none.
   */
  readonly digesters?: Digesters | undefined;
  /** Longest manifest that is accepted, in bytes. Default: 4 MiB, as the OCI distribution-spec v1.1 recommends. */
  readonly manifestLimit?: number | undefined;
  /** How long an upload may lie untouched, in milliseconds, before its bytes may be dropped. Default: one hour. */
  readonly uploadLifetime?: number | undefined;
  /** Most uploads that are open at a time. Default: 1000. */
  readonly uploadCount?: number | undefined;
  /** Told of each failure that is the registry's own, which its client sees as a status of 500 or 507. */
  readonly onError?: ((error: unknown, request: Request) => void) | undefined;
}

/** A container registry that needs nothing but the web's standard objects. */
export interface Registry {
  /**
   * Answers one request; never rejects. It may be called apart from its object, and is what `Deno.serve`, `Bun.serve`, a
   * Worker's `fetch` and this package's `serve` for Node take.
   */
  readonly fetch: (request: Request) => Promise<Response>;
  /** Ends all open uploads and frees what they hold. What was pushed stays in its store. */
  readonly close: () => Promise<void>;
}

const DEFAULT_MEMORY = 512 * 1024 * 1024;
const DEFAULT_MANIFEST_LIMIT = 4 * 1024 * 1024;
const DEFAULT_UPLOAD_LIFETIME = 60 * 60 * 1000;
const DEFAULT_UPLOAD_COUNT = 1000;

/**
 * Makes a registry: push, pull, tags, referrers and deletion of the OCI distribution-spec v1.1. Blobs belong to the repository
 * that they were pushed to or mounted in; another one does not see them, though their bytes are kept once. Upload sessions live in
 * memory: all requests of one upload must reach the same registry.
 */
export function newRegistry(options: RegistryOptions = {}): Registry {
  const storage = options.storage ?? newMemoryStorage({ limit: DEFAULT_MEMORY });
  const digesters = { ...coreDigesters, ...options.digesters };
  const state: RegistryState = {
    storage,
    digesters,
    sessions: new UploadSessions(storage.blobs, digesters, {
      lifetime: options.uploadLifetime ?? DEFAULT_UPLOAD_LIFETIME,
      count: options.uploadCount ?? DEFAULT_UPLOAD_COUNT,
    }),
    manifestLimit: options.manifestLimit ?? DEFAULT_MANIFEST_LIMIT,
  };
  return {
    fetch: async (request) => {
      try {
        return finished(request, await answer(state, request));
      } catch (error) {
        const refusal = asRefusal(error);
        if (refusal.status >= 500) report(options.onError, error, request);
        return finished(request, refusal.toResponse());
      }
    },
    close: () => state.sessions.close(),
  };
}

type Methods = Readonly<Record<string, () => Response | Promise<Response>>>;

async function answer(state: RegistryState, request: Request): Promise<Response> {
  const route = parseRoute(new URL(request.url).pathname);
  if (route === undefined) {
    throw new RefusalError(
      404,
      "UNSUPPORTED",
      "this path is none of the registry protocol, which is under /v2/",
    );
  }
  const methods = methodsOf(state, request, route);
  const method = Object.hasOwn(methods, request.method) ? methods[request.method] : undefined;
  if (method === undefined) {
    throw new RefusalError(405, "UNSUPPORTED", `${request.method} is not for this path`, {
      headers: { Allow: Object.keys(methods).join(", ") },
    });
  }
  return method();
}

function methodsOf(state: RegistryState, request: Request, route: Route): Methods {
  switch (route.kind) {
    case "base":
      return forReading(() => jsonResponse({}));
    case "catalog":
      return forReading(() => listRepositories(state, request));
    case "tags":
      return forReading(() => listTags(state, request, route.repository));
    case "referrers":
      return forReading(() => listReferrers(state, request, route.repository, route.reference));
    case "blob":
      return {
        ...forReading(() => readBlob(state, request, route.repository, route.reference)),
        DELETE: () => deleteBlob(state, route.repository, route.reference),
      };
    case "manifest":
      return {
        ...forReading(() => readManifestAt(state, request, route.repository, route.reference)),
        PUT: () => writeManifest(state, request, route.repository, route.reference),
        DELETE: () => deleteManifest(state, route.repository, route.reference),
      };
    case "uploads":
      return { POST: () => startUpload(state, request, route.repository) };
    case "upload":
      return {
        ...forReading(() => uploadStatus(state, route.repository, route.id)),
        PATCH: () => patchUpload(state, request, route.repository, route.id),
        PUT: () => finishUpload(state, request, route.repository, route.id),
        DELETE: () => cancelUpload(state, route.repository, route.id),
      };
  }
}

function forReading(read: () => Response | Promise<Response>): Methods {
  return { GET: read, HEAD: read };
}

function asRefusal(error: unknown): RefusalError {
  if (error instanceof RefusalError) return error;
  // DENIED, since clients take TOOMANYREQUESTS and UNKNOWN for failures that pass, and would send everything again.
  if (error instanceof StorageFullError) return new RefusalError(507, "DENIED", error.message);
  return new RefusalError(500, "UNKNOWN", "the registry failed; its log tells why");
}

/** A failing listener does not fail the request that it is told of. */
function report(onError: RegistryOptions["onError"], error: unknown, request: Request): void {
  try {
    onError?.(error, request);
  } catch {
    return;
  }
}

/** Sets what every response has, and takes the body from those to HEAD. */
function finished(request: Request, response: Response): Response {
  const { status, body } = response;
  const headers = new Headers(response.headers);
  headers.set("Docker-Distribution-API-Version", "registry/2.0");
  headers.set("X-Content-Type-Options", "nosniff");
  if (request.method !== "HEAD") return new Response(body, { status, headers });
  body?.cancel().catch(() => {});
  return new Response(null, { status, headers });
}
