/**
 * `varve/mutate`: images and indexes that differ from others in some way. Everything is lazy: nothing is read before something
 * of the result is asked for, and layers over streams go in before they have been read.
 */
export { type Addition, AdditionError } from "./addition.js";
export { annotations } from "./annotations.js";
export { append, appendLayers } from "./append.js";
export { appendManifests } from "./append-manifests.js";
export { canonical } from "./canonical.js";
export { ChildNotFoundError } from "./child-not-found.js";
export { config, configFile, createdAt } from "./config.js";
export { TimeError } from "./created.js";
export { ExtractLimitError, UnsafeTarPathError } from "./extract/errors.js";
export { type ExtractOptions, extract } from "./extract/extract.js";
export { HistoryError } from "./history.js";
export type { Appendable, IndexAddition } from "./index-addition.js";
export { configMediaType, indexMediaType, mediaType } from "./media-type.js";
export { NotBasedOnError, rebase } from "./rebase.js";
export { removeManifests } from "./remove-manifests.js";
export type { TimeOptions } from "./retimed-tar.js";
export { subject } from "./subject.js";
export { time } from "./time.js";
