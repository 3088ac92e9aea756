/**
 * `varve/registry`: a registry of the OCI distribution specification, as a function from a `Request` to a `Response`, and the faults
 * that tests of clients need.
 */
export type { BasicAuth, BearerAuth, RegistryAuth, Users } from "./auth/index.js";
export type { ByteRange } from "./byte-range.js";
export type { Digester, Digesters } from "./digester.js";
export { ConnectionLossError } from "./faults/connection-loss.js";
export type { Behind, Effect, Fault, Strike } from "./faults/fault.js";
/** What {@link withFaults} can do to requests and answers. */
export * as faults from "./faults/index.js";
export { type FaultyHandler, withFaults } from "./faults/with-faults.js";
export { fetchOf } from "./fetch-of.js";
export type { Handler } from "./handler.js";
export { MemoryStorage, type MemoryStorageOptions, newMemoryStorage } from "./memory-storage.js";
export { RegistryOptionsError } from "./options-error.js";
export { newRegistry, type Registry, type RegistryOptions } from "./registry.js";
export {
  type BlobStore,
  type BlobUpload,
  type ManifestStore,
  type Storage,
  StorageFullError,
  type StoredManifest,
  type UploadLeft,
  type UploadRecord,
} from "./storage.js";
