export type { Handler } from "../registry/index.js";
export {
  type ConfigPath,
  type ConfigPathOptions,
  type CredentialEnvironment,
  configPaths,
} from "./authn/config-paths.js";
export { CredentialFileError } from "./authn/credential-file-error.js";
export {
  type CredentialHelperOptions,
  credentialHelper,
  type HelperCallOptions,
  type WritableHelper,
} from "./authn/credential-helper.js";
export { type CredentialStoreOptions, eraseCredential, storeCredential } from "./authn/credential-store.js";
export { type DefaultKeychainOptions, defaultKeychain } from "./authn/default-keychain.js";
export { type DiskSpoolOptions, diskSpool } from "./disk-spool.js";
export { type DiskStorage, DiskStorageError, openDiskStorage } from "./disk-storage.js";
export { newFetch } from "./fetch/fetch.js";
export type { FetchOptions } from "./fetch/fetch-options.js";
export { FetchOptionsError } from "./fetch/fetch-options-error.js";
export type { TimeLimits } from "./fetch/limits.js";
export type { ProxyEnvironment } from "./fetch/proxy.js";
export { fileOpener } from "./file-opener.js";
export { filePushStore, singleFilePushStore } from "./file-push-store.js";
export { newFilesystemCache } from "./filesystem-cache.js";
export * as layout from "./layout.js";
export {
  type RegistryServer,
  type RegistryServerOptions,
  type ServedRequest,
  serveRegistry,
} from "./registry-server.js";
export { type Listener, type ServeOptions, serve } from "./serve.js";
export { ServeError } from "./serve-error.js";
export { streamToFile } from "./stream-to-file.js";
