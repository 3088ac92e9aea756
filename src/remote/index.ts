export { OperationAbortedError } from "./transport/abort.js";
export { NetworkError } from "./transport/network-error.js";
export { ProtocolError, UnsafeLocationError } from "./transport/protocol-error.js";
export { type Diagnostic, RegistryError } from "./transport/registry-error.js";
export type { TransportOptions } from "./transport/transport.js";
export type { UploadProgress, UploadProgressListener } from "./upload/progress.js";
export { LayerReadError } from "./upload/upload-body.js";
export { type WriteLayerOptions, writeLayer } from "./write/write-layer.js";
