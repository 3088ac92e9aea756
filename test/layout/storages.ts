import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAll } from "../../src/bytes/index.js";
import { type LayoutStorage, newMemoryStorage, type StoredFile } from "../../src/layout/index.js";
import { DiskLayoutStorage } from "../../src/node/layout-storage.js";
import type { Hash } from "../../src/v1/index.js";

/** A kind of storage, and how a fresh one is had. */
export interface StorageKind {
  readonly kind: string;
  make(): Promise<LayoutStorage>;
  /** Removes what was made. */
  clear(): Promise<void>;
}

const directories: string[] = [];

/** What must hold of a layout must hold wherever it is kept. */
export const storages: readonly StorageKind[] = [
  { kind: "memory", make: async () => newMemoryStorage(), clear: async () => {} },
  {
    kind: "a directory",
    async make() {
      const directory = await mkdtemp(join(tmpdir(), "varve-layout-"));
      directories.push(directory);
      return new DiskLayoutStorage(join(directory, "layout"));
    },
    async clear() {
      for (const each of directories.splice(0)) await rm(each, { recursive: true, force: true });
    },
  },
];

/** Puts bytes into a storage under any name, as a hostile or a broken program would. */
export async function plant(storage: LayoutStorage, name: Hash, bytes: Uint8Array): Promise<void> {
  const writer = await storage.create();
  await writer.write(bytes);
  await writer.commit(name);
}

export async function contentOf(file: StoredFile | undefined): Promise<Uint8Array | undefined> {
  return file && readAll(file.stream, { maxBytes: 1 << 30 });
}

/** The names of all blobs, sorted. */
export async function blobsOf(storage: LayoutStorage): Promise<string[]> {
  const names: string[] = [];
  for await (const blob of storage.blobs()) names.push(String(blob));
  return names.sort();
}

export async function indexOf(
  storage: LayoutStorage,
): Promise<{ manifests: { digest: string; annotations?: object }[] }> {
  return JSON.parse(new TextDecoder().decode(await contentOf(await storage.open("index.json"))));
}
