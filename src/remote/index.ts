export { OperationAbortedError } from "./abort.js";
export { NetworkError } from "./network-error.js";
export type { UploadProgress, UploadProgressListener } from "./progress.js";
export { ProtocolError, UnsafeLocationError } from "./protocol-error.js";
export { type Diagnostic, RegistryError } from "./registry-error.js";
export type { TransportOptions } from "./transport.js";
export { LayerReadError } from "./upload-body.js";
export { type WriteLayerOptions, writeLayer } from "./write-layer.js";
