export { type DiskSpoolOptions, diskSpool } from "./disk-spool.js";
export { DiskStorageError, openDiskStorage } from "./disk-storage.js";
export { fileOpener } from "./file-opener.js";
export {
  type RegistryServer,
  type RegistryServerOptions,
  type ServedRequest,
  serveRegistry,
} from "./registry-server.js";
export { type Handler, type Listener, type ServeOptions, serve } from "./serve.js";
export { ServeError } from "./serve-error.js";
export { streamToFile } from "./stream-to-file.js";
