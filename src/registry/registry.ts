import { hasCode } from "../core/error.js";
import { newGuard, type RegistryAuth } from "./auth/index.js";
import { Cors } from "./cors.js";
import { coreDigesters, type Digesters } from "./digester.js";
import { answer } from "./endpoints.js";
import { newMemoryStorage } from "./memory-storage.js";
import { RegistryOptionsError } from "./options-error.js";
import { RefusalError } from "./refusal.js";
import type { RegistryState } from "./state.js";
import type { Storage } from "./storage.js";
import { UploadSessions } from "./upload-sessions.js";
import { warningHeader } from "./warnings.js";

/** How a registry is set up; every field may be left out. */
export interface RegistryOptions {
  /** Where everything is kept. Default: a memory store of 512 MiB. */
  readonly storage?: Storage | undefined;
  /** Who may use it. Default: whoever reaches it may read, push and delete. */
  readonly auth?: RegistryAuth | undefined;
  /** Origins of the web whose pages may use it: all of them, or a list such as `https://example.com`. Default: none. */
  readonly cors?: "*" | readonly string[] | undefined;
  /** Hashes for blobs in place of this package's own, such as `{ sha512: () => createHash("sha512") }` on Node. */
  readonly digesters?: Digesters | undefined;
  /** Longest manifest that is accepted, in bytes. Default: 4 MiB, as the OCI distribution-spec v1.1 recommends. */
  readonly manifestLimit?: number | undefined;
  /** Whether an index is taken though manifests that it lists are not there. Default: false. */
  readonly sparseIndexes?: boolean | undefined;
  /** Shortest chunk of an upload, in bytes, except its last: `OCI-Chunk-Min-Length`. Default: 0, any. */
  readonly chunkMinLength?: number | undefined;
  /** What every response tells the client's user, each in one line of printable ASCII: the header `Warning`. Default: nothing. */
  readonly warnings?: readonly string[] | undefined;
  /** How long an upload may lie untouched, in milliseconds, before it is dropped. Default: one hour. */
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
  /**
   * Ends all open uploads and frees what they hold, except that a store on disk keeps them for the next registry over it to go on with. What
   * was pushed stays in its store.
   */
  readonly close: () => Promise<void>;
}

const DEFAULT_MEMORY = 512 * 1024 * 1024;
const DEFAULT_MANIFEST_LIMIT = 4 * 1024 * 1024;
const DEFAULT_UPLOAD_LIFETIME = 60 * 60 * 1000;
const DEFAULT_UPLOAD_COUNT = 1000;

/**
 * Makes a registry: push, pull, tags, referrers and deletion of the OCI distribution-spec v1.1. Blobs belong to the repository
 * that they were pushed to or mounted in; another one does not see them, though their bytes are kept once. All requests of one upload must
 * reach the same registry, or one that was started over the same store when the first had ended.
 *
 * @throws {RegistryOptionsError} if an option makes no sense
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
    sparseIndexes: options.sparseIndexes ?? false,
    chunkMinLength: chunkMinLengthOf(options),
  };
  const guard = options.auth === undefined ? undefined : newGuard(options.auth);
  const cors = options.cors === undefined ? undefined : new Cors(options.cors);
  const finish = finisher(cors, warningHeader(options.warnings ?? []));
  return {
    fetch: async (request) => {
      try {
        return finish(request, cors?.preflight(request) ?? (await answer(state, guard, request)));
      } catch (error) {
        const refusal = asRefusal(error);
        if (refusal.status >= 500) report(options.onError, error, request);
        return finish(request, refusal.toResponse());
      }
    },
    close: () => state.sessions.close(),
  };
}

function asRefusal(error: unknown): RefusalError {
  if (error instanceof RefusalError) return error;
  // DENIED, since clients take TOOMANYREQUESTS and UNKNOWN for failures that pass, and would send everything again.
  if (hasCode(error, "ERR_VARVE_STORAGE_FULL")) return new RefusalError(507, "DENIED", error.message);
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
function finisher(
  cors: Cors | undefined,
  warning: string,
): (request: Request, response: Response) => Response {
  return (request, response) => {
    const { status, body } = response;
    const headers = new Headers(response.headers);
    headers.set("Docker-Distribution-API-Version", "registry/2.0");
    headers.set("X-Content-Type-Options", "nosniff");
    if (warning !== "") headers.set("Warning", warning);
    cors?.allow(request, headers);
    if (request.method !== "HEAD") return new Response(body, { status, headers });
    body?.cancel().catch(() => {});
    return new Response(null, { status, headers });
  };
}

function chunkMinLengthOf({ chunkMinLength = 0 }: RegistryOptions): number {
  if (Number.isSafeInteger(chunkMinLength) && chunkMinLength >= 0) return chunkMinLength;
  throw new RegistryOptionsError(`chunkMinLength is a whole number of bytes, not ${chunkMinLength}`);
}
