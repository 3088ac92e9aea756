import { VarveError } from "../core/error.js";
import type { Hash } from "../v1/index.js";
import type { ByteRange } from "./byte-range.js";
import { ByteSegments } from "./byte-segments.js";
import { MemoryBudget } from "./memory-budget.js";
import { MemoryManifests } from "./memory-manifests.js";
import { MemoryRepositories } from "./memory-repositories.js";
import type { BlobStore, BlobUpload, ManifestStore, Storage } from "./storage.js";

/** How a memory store is set up. */
export interface MemoryStorageOptions {
  /**
   * Most bytes that the store holds at a time: blobs, unfinished uploads and manifests, and 512 for each name that it
   * remembers.
   */
  readonly limit: number;
}

/** A store that holds everything in memory, and says no when its limit is reached. It ends with the process. */
export class MemoryStorage implements Storage {
  readonly blobs: BlobStore;
  readonly manifests: ManifestStore;
  readonly #budget: MemoryBudget;

  /** @throws {VarveError} `ERR_VARVE_STORAGE_LIMIT` if the limit is no number of bytes */
  constructor(options: MemoryStorageOptions) {
    if (!Number.isSafeInteger(options.limit) || options.limit < 0) {
      throw new VarveError(
        "ERR_VARVE_STORAGE_LIMIT",
        `a memory store's limit is a whole number of bytes, not ${options.limit}`,
      );
    }
    this.#budget = new MemoryBudget(options.limit);
    const repositories = new MemoryRepositories(this.#budget);
    this.blobs = new MemoryBlobs(repositories, this.#budget);
    this.manifests = new MemoryManifests(repositories, this.#budget);
  }

  /** Bytes of the limit that are taken. */
  get used(): number {
    return this.#budget.used;
  }
}

/**
 * Makes a store in memory.
 *
 * @throws {VarveError} `ERR_VARVE_STORAGE_LIMIT` if the limit is no number of bytes
 */
export function newMemoryStorage(options: MemoryStorageOptions): MemoryStorage {
  return new MemoryStorage(options);
}

/** Bytes that one or more repositories hold. */
interface Content {
  readonly bytes: ByteSegments;
  holders: number;
}

class MemoryBlobs implements BlobStore {
  readonly #repositories: MemoryRepositories;
  readonly #budget: MemoryBudget;
  readonly #contents = new Map<string, Content>();

  constructor(repositories: MemoryRepositories, budget: MemoryBudget) {
    this.#repositories = repositories;
    this.#budget = budget;
  }

  async beginUpload(): Promise<BlobUpload> {
    const bytes = new ByteSegments(this.#budget);
    return {
      append: async (chunks) => {
        for await (const chunk of chunks) bytes.append(chunk);
      },
      read: async function* () {
        yield* bytes.chunks();
      },
      commit: async (repository, digest) => this.#commit(repository, String(digest), bytes),
      discard: async () => bytes.release(),
    };
  }

  async size(repository: string, digest: Hash): Promise<number | undefined> {
    return this.#find(repository, digest)?.bytes.size;
  }

  async open(
    repository: string,
    digest: Hash,
    range?: ByteRange,
  ): Promise<ReadableStream<Uint8Array> | undefined> {
    const chunks = this.#find(repository, digest)?.bytes.chunks(range);
    if (chunks === undefined) return undefined;
    return new ReadableStream(
      {
        pull(controller) {
          const { done, value } = chunks.next();
          if (done) controller.close();
          else controller.enqueue(value);
        },
      },
      { highWaterMark: 0 },
    );
  }

  async mount(digest: Hash, from: string | undefined, to: string): Promise<boolean> {
    const content = from === undefined ? this.#contents.get(String(digest)) : this.#find(from, digest);
    if (content === undefined) return false;
    this.#hold(to, String(digest), content);
    return true;
  }

  async delete(repository: string, digest: Hash): Promise<boolean> {
    const content = this.#find(repository, digest);
    if (content === undefined) return false;
    this.#repositories.find(repository)?.blobs.delete(String(digest));
    this.#repositories.giveEntry();
    content.holders -= 1;
    if (content.holders === 0) {
      this.#contents.delete(String(digest));
      content.bytes.release();
    }
    return true;
  }

  #commit(repository: string, digest: string, bytes: ByteSegments): void {
    bytes.trim();
    const present = this.#contents.get(digest);
    const content = present ?? { bytes, holders: 0 };
    this.#hold(repository, digest, content);
    if (present === undefined) this.#contents.set(digest, content);
    else bytes.release();
  }

  #hold(repository: string, digest: string, content: Content): void {
    const { blobs } = this.#repositories.findOrAdd(repository);
    if (blobs.has(digest)) return;
    this.#repositories.takeEntry();
    blobs.add(digest);
    content.holders += 1;
  }

  #find(repository: string, digest: Hash): Content | undefined {
    const held = this.#repositories.find(repository)?.blobs.has(String(digest));
    return held ? this.#contents.get(String(digest)) : undefined;
  }
}
