/**
 * Byte streams: what the rooms of images share. It knows bytes, hashes and machines, and nothing of images; it is not an
 * entry of the package.
 */
export { ReadAbortedError, SizeLimitError, VerificationError } from "../v1/index.js";
export { onAbort, opened, quietly, unlessAborted } from "./abort.js";
export { Breather } from "./breather.js";
export { bytesOf } from "./bytes-of.js";
export { ChunkReader } from "./chunk-reader.js";
export type { ChunkSource, ReadingContext } from "./chunk-source.js";
export { Feed } from "./feed.js";
export { fromBytes } from "./from-bytes.js";
export { type Hasher, hashOf, newHasher } from "./hasher.js";
export { Interruption } from "./interruption.js";
export { LONGEST_TIMER } from "./longest-timer.js";
export { Memo } from "./memo.js";
export { type Peeked, peek } from "./peek.js";
export { MAX_MANIFEST_BYTES, type ReadAllOptions, readAll } from "./read-all.js";
export { readableOf } from "./readable.js";
export { readableFrom } from "./readable-from.js";
export { sameBytes } from "./same-bytes.js";
export { SourceError } from "./source-error.js";
export { type ThroughMachineOptions, throughMachine } from "./through-machine.js";
export { type Expectation, verified, verifyBytes } from "./verified.js";
