import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAll } from "../../src/bytes/index.js";
import type { CacheStorage } from "../../src/cache/index.js";
import { MemoryCacheStorage } from "../../src/cache/memory-cache.js";
import { FilesystemCacheStorage } from "../../src/node/filesystem-cache.js";
import type { Hash, Layer } from "../../src/v1/index.js";

const directories: string[] = [];

/** What must hold of a cache must hold wherever it keeps its bytes. */
export const storages: readonly {
  readonly kind: string;
  make(): Promise<CacheStorage>;
  clear(): Promise<void>;
}[] = [
  { kind: "memory", make: async () => new MemoryCacheStorage(10_000_000), clear: async () => {} },
  {
    kind: "a directory",
    async make() {
      const directory = await mkdtemp(join(tmpdir(), "varve-cache-"));
      directories.push(directory);
      return new FilesystemCacheStorage(join(directory, "cache"));
    },
    async clear() {
      for (const each of directories.splice(0)) await rm(each, { recursive: true, force: true });
    },
  },
];

/** Puts bytes into a storage under any hash, as a broken program would. */
export async function plant(storage: CacheStorage, hash: Hash, bytes: Uint8Array): Promise<void> {
  const writer = await storage.create();
  await writer.write(bytes);
  await writer.commit(hash);
  await writer.discard();
}

/** What a storage holds under a hash. */
export async function held(storage: CacheStorage, hash: Hash): Promise<Uint8Array | undefined> {
  const stored = await storage.open(hash);
  return stored && read(stored.stream);
}

export function read(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  return readAll(stream, { maxBytes: 1 << 30 });
}

/** A layer that counts how often it is opened. */
export function counting(
  layer: Layer,
): Layer & { readonly opened: { compressed: number; uncompressed: number } } {
  const opened = { compressed: 0, uncompressed: 0 };
  return {
    opened,
    digest: () => layer.digest(),
    diffID: () => layer.diffID(),
    size: () => layer.size(),
    mediaType: () => layer.mediaType(),
    compressed(options) {
      opened.compressed++;
      return layer.compressed(options);
    },
    uncompressed(options) {
      opened.uncompressed++;
      return layer.uncompressed(options);
    },
  };
}
