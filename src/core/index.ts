/**
 * `varve/core`: the synchronous machines over WebAssembly. It knows bytes, hashes and gzip, and nothing of images.
 *
 * Await {@link init} once; everything else is synchronous.
 */
export { BytesTypeError, ChunkOffsetError } from "./check-bytes.js";
export { checkpointInputHash, checkpointOutputHash, describeCheckpoint } from "./checkpoint/describe.js";
export type { CheckpointDescription } from "./checkpoint/envelope.js";
export { CheckpointError, type CheckpointProblem } from "./checkpoint/error.js";
export { CompressionLevelError, checkCompressionLevel } from "./compression-level.js";
export { OutOfMemoryError } from "./core-instance.js";
export { crc32 } from "./crc32.js";
export { type ErrorCode, VarveError, type VarveErrorOptions } from "./error.js";
export { Gunzip, gunzip } from "./gunzip.js";
export { GunzipLayerMachine } from "./gunzip-layer-machine.js";
export { GunzipStream } from "./gunzip-stream.js";
export { Gzip, type GzipOptions, gzip } from "./gzip.js";
export { GzipLayerMachine } from "./gzip-layer-machine.js";
export { GzipStream } from "./gzip-stream.js";
export { toHex } from "./hex.js";
export type { CreateWorker, WorkerLike } from "./host/host.js";
export { IdentityLayerMachine } from "./identity-layer-machine.js";
export { Inflate } from "./inflate.js";
export { InflateError, InflateOptionError, type InflateReason, OutputLimitError } from "./inflate-error.js";
export type { InflateOptions } from "./inflater.js";
export { init, initSync, type Modules } from "./init.js";
export { type Encoder, type Machine, type MachineResult, MachineStateError } from "./machine.js";
export { HashOptionError, type HashOptions, type ThreadOptions } from "./machine-options.js";
export type { ByteStreamPair } from "./machine-stream.js";
export { type ModuleSource, NotInitializedError, WebAssemblyUnavailableError } from "./module-slot.js";
export { newGzipLayerMachine, resumeGzipLayerMachine } from "./new-gzip-layer-machine.js";
export { ParallelGzip } from "./parallel-gzip.js";
export { ParallelGzipLayerMachine } from "./parallel-gzip-layer-machine.js";
export { HashFinishedError, Sha256, sha256 } from "./sha256.js";
export { Sha512, sha512 } from "./sha512.js";
export { ThreadCountError, threadCount } from "./thread/thread-count.js";
