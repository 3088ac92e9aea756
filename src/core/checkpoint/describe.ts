import type { CheckpointDescription } from "./envelope.js";
import { CheckpointReader } from "./reader.js";

/**
 * What a checkpoint says of itself, once it has been found intact: what it was taken of, and where its input and its
 * output go on.
 *
 * @throws {CheckpointError} if it is none, or not intact, or of a newer version
 * @throws {NotInitializedError}
 */
export function describeCheckpoint(checkpoint: Uint8Array): CheckpointDescription {
  return new CheckpointReader(checkpoint).description;
}
