/**
 * `varve/stream`: layers from byte streams, in one pass and without keeping them. Nothing is read before the layer is.
 */
export {
  AbortedError,
  SourceChangedError,
  SourceCloseError,
  SourceError,
  StreamFailedError,
} from "./errors.js";
export { type CompressedLayerOptions, fromCompressed } from "./from-compressed.js";
export { type Sink, StreamLayer } from "./layer.js";
export type { StreamLayerOptions } from "./layer-options.js";
export { type MemorySpoolOptions, memorySpool } from "./memory-spool.js";
export { newLayer } from "./new-layer.js";
export type { Progress, ProgressListener } from "./progress.js";
export type { LayerResult } from "./result.js";
export { type ResumableLayer, type ResumeOptions, resumableLayer } from "./resumable-layer.js";
export type { Body, Bytes, NodeReadable, Source } from "./source/source.js";
export { type Spool, SpoolError } from "./spool.js";
