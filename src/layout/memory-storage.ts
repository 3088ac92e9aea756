import { unlessAborted } from "../bytes/index.js";
import { VarveError } from "../core/error.js";
import type { CallOptions, Hash } from "../v1/index.js";
import { newHash } from "../v1/index.js";
import type {
  BlobStatus,
  BlobWriter,
  LayoutFile,
  LayoutStorage,
  RemoveOptions,
  StoredFile,
} from "./storage.js";

/** How a storage in memory is set up. */
export interface MemoryStorageOptions {
  /** Most bytes that it holds at a time: files, blobs, and blobs that are being written. Default: as many as there is memory. */
  readonly maxBytes?: number | undefined;
}

/** A storage in memory has no room for what it is given. Its `code` is `ERR_VARVE_LAYOUT_FULL`. */
export class LayoutFullError extends VarveError {
  override readonly name = "LayoutFullError";

  constructor(maxBytes: number) {
    super(
      "ERR_VARVE_LAYOUT_FULL",
      `the layout in memory would hold more than ${maxBytes} bytes: give its storage a larger maxBytes, or remove something`,
    );
  }
}

interface Content {
  readonly chunks: readonly Uint8Array[];
  readonly size: number;
  writtenAt: number;
}

/** A layout's storage in memory. It ends with the process. */
export class MemoryStorage implements LayoutStorage {
  readonly name = "memory";
  readonly #maxBytes: number;
  readonly #files = new Map<LayoutFile, Content>();
  readonly #blobs = new Map<string, Content>();
  #used = 0;
  /** The last change, which the next one waits for. */
  #changes: Promise<unknown> = Promise.resolve();

  constructor(options: MemoryStorageOptions = {}) {
    this.#maxBytes = options.maxBytes ?? Number.POSITIVE_INFINITY;
  }

  /** Bytes that are held. */
  get used(): number {
    return this.#used;
  }

  async open(entry: LayoutFile | Hash, options: CallOptions = {}): Promise<StoredFile | undefined> {
    options.signal?.throwIfAborted();
    const content = typeof entry === "string" ? this.#files.get(entry) : this.#blobs.get(String(entry));
    return content && opened(content);
  }

  async update(
    file: LayoutFile,
    change: (current: StoredFile | undefined) => Promise<Uint8Array | undefined>,
    options: CallOptions = {},
  ): Promise<void> {
    const update = this.#changes.then(async () => {
      options.signal?.throwIfAborted();
      const before = this.#files.get(file);
      const bytes = await change(before && opened(before));
      options.signal?.throwIfAborted();
      if (bytes === undefined) return;
      this.#take(bytes.length);
      this.#used -= before?.size ?? 0;
      this.#files.set(file, contentOf([bytes.slice()]));
    });
    this.#changes = update.catch(() => {});
    return unlessAborted(options.signal, update);
  }

  async stat(blob: Hash): Promise<BlobStatus | undefined> {
    const content = this.#blobs.get(String(blob));
    return content && { size: content.size, writtenAt: content.writtenAt };
  }

  async create(options: CallOptions = {}): Promise<BlobWriter> {
    options.signal?.throwIfAborted();
    let chunks: Uint8Array[] | undefined = [];
    return {
      write: async (bytes) => {
        this.#take(bytes.length);
        chunks?.push(bytes.slice());
      },
      commit: async (digest) => {
        this.#used -= this.#blobs.get(String(digest))?.size ?? 0;
        this.#blobs.set(String(digest), contentOf(chunks ?? []));
        chunks = undefined;
      },
      discard: async () => {
        this.#used -= contentOf(chunks ?? []).size;
        chunks = undefined;
      },
    };
  }

  async renew(blob: Hash): Promise<boolean> {
    const content = this.#blobs.get(String(blob));
    if (content === undefined) return false;
    content.writtenAt = Date.now();
    return true;
  }

  async remove(blob: Hash, options: RemoveOptions = {}): Promise<boolean> {
    const content = this.#blobs.get(String(blob));
    const { writtenBefore = Number.POSITIVE_INFINITY } = options;
    if (content === undefined || content.writtenAt >= writtenBefore) return false;
    this.#blobs.delete(String(blob));
    this.#used -= content.size;
    return true;
  }

  async *blobs(): AsyncGenerator<Hash, void, undefined> {
    for (const name of [...this.#blobs.keys()]) yield newHash(name);
  }

  #take(bytes: number): void {
    if (this.#used + bytes > this.#maxBytes) throw new LayoutFullError(this.#maxBytes);
    this.#used += bytes;
  }
}

/** Makes a storage in memory for one layout. */
export function newMemoryStorage(options: MemoryStorageOptions = {}): MemoryStorage {
  return new MemoryStorage(options);
}

function contentOf(chunks: readonly Uint8Array[]): Content {
  return { chunks, size: chunks.reduce((sum, each) => sum + each.length, 0), writtenAt: Date.now() };
}

/** The chunks are copied as they are read: a reader may do with them what it likes. */
function opened(content: Content): StoredFile {
  const chunks = content.chunks.values();
  const stream = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        const { done, value } = chunks.next();
        if (done) controller.close();
        else controller.enqueue(value.slice());
      },
    },
    { highWaterMark: 0 },
  );
  return { size: content.size, stream };
}
