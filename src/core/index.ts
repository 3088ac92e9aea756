/**
 * `varve/core`: the synchronous machines over WebAssembly. It knows bytes, hashes and gzip, and nothing of images.
 *
 * Await {@link init} once; everything else is synchronous.
 */
export { CompressionLevelError, checkCompressionLevel } from "./compression-level.js";
export { crc32 } from "./crc32.js";
export { type ErrorCode, VarveError, type VarveErrorOptions } from "./error.js";
export { Gzip } from "./gzip.js";
export { GzipLayerMachine } from "./gzip-layer-machine.js";
export { toHex } from "./hex.js";
export type { CreateWorker, WorkerLike } from "./host/host.js";
export { IdentityLayerMachine } from "./identity-layer-machine.js";
export { init, initSync, type Modules } from "./init.js";
export { type Encoder, type Machine, type MachineResult, MachineStateError } from "./machine.js";
export type { HashOptions, ThreadOptions } from "./machine-options.js";
export { type ModuleSource, NotInitializedError, WebAssemblyUnavailableError } from "./module-slot.js";
export { ParallelGzip } from "./parallel-gzip.js";
export { ParallelGzipLayerMachine } from "./parallel-gzip-layer-machine.js";
export { HashFinishedError, Sha256, sha256 } from "./sha256.js";
export { ThreadCountError, threadCount } from "./thread/thread-count.js";
