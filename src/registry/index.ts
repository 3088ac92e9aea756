export type { ByteRange } from "./byte-range.js";
export type { Digester, Digesters } from "./digester.js";
export { MemoryStorage, type MemoryStorageOptions, newMemoryStorage } from "./memory-storage.js";
export { newRegistry, type Registry, type RegistryOptions } from "./registry.js";
export {
  type BlobStore,
  type BlobUpload,
  type ManifestStore,
  type Storage,
  StorageFullError,
  type StoredManifest,
} from "./storage.js";
