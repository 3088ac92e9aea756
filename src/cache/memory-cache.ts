import { VarveError } from "../core/error.js";
import type { Hash } from "../v1/index.js";
import type { Cache } from "./cache.js";
import type { CacheStorage, CacheWriter, StoredBytes } from "./storage.js";
import { newCache } from "./stored-cache.js";

/** What a piece costs besides its bytes. */
const OVERHEAD = 64;

/** How a cache in memory is bounded. */
export interface MemoryCacheOptions {
  /**
   * The most bytes that it holds, those that are being written included; each piece counts for 64 more. When there is no room,
   * what was used least lately is forgotten; what is larger than all of it isn't kept.
   */
  readonly maxBytes: number;
}

/**
 * Makes a cache in memory.
 *
 * @throws {VarveError} `ERR_VARVE_CACHE_LIMIT` if the bound is no number of bytes
 */
export function newMemoryCache({ maxBytes }: MemoryCacheOptions): Cache {
  if (!Number.isSafeInteger(maxBytes) || maxBytes < 0) {
    throw new VarveError(
      "ERR_VARVE_CACHE_LIMIT",
      `a cache's maxBytes is a whole number of bytes, not ${maxBytes}`,
    );
  }
  return newCache(new MemoryCacheStorage(maxBytes));
}

interface Entry {
  readonly chunks: readonly Uint8Array[];
  readonly size: number;
  readonly cost: number;
}

/** Keeps bytes in memory, up to a bound. */
export class MemoryCacheStorage implements CacheStorage {
  readonly #maxBytes: number;
  /** From the one that was used least lately to the one that was used last. */
  readonly #entries = new Map<string, Entry>();
  #used = 0;
  /** What of that can be forgotten. */
  #kept = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** Bytes that are held, with what pieces cost. Never more than the bound. */
  get used(): number {
    return this.#used;
  }

  async open(hash: Hash): Promise<StoredBytes | undefined> {
    const entry = this.#entries.get(String(hash));
    if (entry === undefined) return undefined;
    this.#entries.delete(String(hash));
    this.#entries.set(String(hash), entry);
    return { size: entry.size, stream: streamOf(entry.chunks) };
  }

  async create(): Promise<CacheWriter> {
    const chunks: Uint8Array[] = [];
    let size = 0;
    let cost = 0;
    return {
      write: async (bytes) => {
        if (!this.#makeRoom(bytes.length + OVERHEAD)) return false;
        chunks.push(bytes.slice());
        size += bytes.length;
        cost += bytes.length + OVERHEAD;
        return true;
      },
      commit: async (hash) => {
        this.#forget(String(hash));
        this.#entries.set(String(hash), { chunks: [...chunks], size, cost });
        this.#kept += cost;
        cost = 0;
      },
      discard: async () => {
        this.#used -= cost;
        cost = 0;
        chunks.length = 0;
      },
    };
  }

  async remove(hash: Hash): Promise<void> {
    this.#forget(String(hash));
  }

  /** Forgets nothing if that would not be enough. */
  #makeRoom(bytes: number): boolean {
    if (this.#used - this.#kept + bytes > this.#maxBytes) return false;
    for (const name of this.#entries.keys()) {
      if (this.#used + bytes <= this.#maxBytes) break;
      this.#forget(name);
    }
    this.#used += bytes;
    return true;
  }

  #forget(name: string): void {
    const cost = this.#entries.get(name)?.cost ?? 0;
    this.#used -= cost;
    this.#kept -= cost;
    this.#entries.delete(name);
  }
}

function streamOf(chunks: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  const rest = chunks.values();
  return new ReadableStream(
    {
      pull(controller) {
        const { done, value } = rest.next();
        if (done) controller.close();
        else controller.enqueue(value.slice());
      },
    },
    { highWaterMark: 0 },
  );
}
