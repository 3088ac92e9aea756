export { AbortedError, SourceCloseError, SourceError, StreamFailedError } from "./errors.js";
export { newLayer, type Sink, StreamLayer, type StreamLayerOptions } from "./layer.js";
export type { Progress, ProgressListener } from "./progress.js";
export type { LayerResult } from "./result.js";
export type { Body, Bytes, NodeReadable, Source } from "./source/source.js";
