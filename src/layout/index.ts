/**
 * `varve/layout`: OCI image layouts, read and written, over a small storage interface. One in memory is here; the one on disk is in
 * `varve/node`.
 */
export type { WriteBlobOptions } from "./blobs.js";
export type { GarbageOptions } from "./garbage.js";
export { fromStorage, Layout, type LayoutOptions, write } from "./layout.js";
export { LayoutError, LayoutNotFoundError } from "./layout-error.js";
export {
  LayoutFullError,
  MemoryStorage,
  type MemoryStorageOptions,
  newMemoryStorage,
} from "./memory-storage.js";
export type {
  BlobStatus,
  BlobWriter,
  LayoutFile,
  LayoutStorage,
  RemoveOptions,
  StoredFile,
} from "./storage.js";
export type { AppendOptions, WriteOptions, WriteProgress } from "./write-options.js";
