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
