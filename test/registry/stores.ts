import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openDiskStorage } from "../../src/node/index.js";
import { newMemoryStorage, type Storage } from "../../src/registry/index.js";

export interface OpenStore {
  readonly storage: Storage;
  readonly remove: () => Promise<void>;
}

/** Every kind of store; what a registry promises, it promises over each of them. */
export const stores: readonly { readonly kind: string; readonly open: () => Promise<OpenStore> }[] = [
  {
    kind: "memory",
    open: async () => ({ storage: newMemoryStorage({ limit: 256 * 1024 * 1024 }), remove: async () => {} }),
  },
  {
    kind: "disk",
    open: async () => {
      const directory = await mkdtemp(join(tmpdir(), "varve-test-"));
      return {
        storage: await openDiskStorage(directory),
        remove: () => rm(directory, { recursive: true, force: true }),
      };
    },
  },
];
